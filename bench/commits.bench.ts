import { BenchHub } from './support/bench-hub.ts';
import { type Figure, Latencies, repeat } from './support/figures.ts';
import { GitRepo } from './support/git-repo.ts';
import { graphqlPages } from './support/graphql-pages.ts';
import { type LatencyLine, latencyRows } from './support/latency-rows.ts';
import type { Row, Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import {
  commitFile,
  commitHeader,
  fastImportFile,
  fastImportHeader,
  FILES_PER_FOLDER,
  pathOf,
  tinyContent,
  writeCommit,
  writeFastImport,
} from './support/small-files.ts';
import { TempDir } from './support/temp-dir.ts';

const MAX_P50_MS = 25;
const FILES_PER_COMMIT = 100_000;
const WARM_UP = 20;
const COMMITS_IN_TURN = 25;

/** A commit of one file into repositories of different sizes. */
export async function commits(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  const lines: LatencyLine[] = [];
  for (const count of scale.commitFiles) lines.push(await commitsInto(hub, count, scale));
  const largest = repoName(Math.max(...scale.commitFiles));
  const pages = await graphqlPages(hub, `bench/${largest}`, scale.requests);
  return {
    title: 'Commits of one file',
    method:
      `One after the other over HTTP, ${COMMITS_IN_TURN} of the hub and ${COMMITS_IN_TURN} of the peer in turns, ${scale.requests} behind each line, from the request to the answer; each changes one file of 2 KB somewhere in a repository with ${FILES_PER_FOLDER.toLocaleString('en-US')} files in each folder. ` +
      'Peer: `git fast-import` of the same commit into a bare repository of the same files, a process for each commit, with `core.fsync=all`. Both answer when everything is on disk. Then pages of everything in the largest repository are read, by GraphQL and beside it by REST.',
    rows: [...lines.flatMap(latencyRows), growthRow(lines), ...pages.flatMap(latencyRows)],
  };
}

function repoName(count: number): string {
  return `files-${count}`;
}

async function commitsInto(hub: BenchHub, count: number, scale: Scale): Promise<LatencyLine> {
  await using dir = await TempDir.make();
  const repo = await hub.createModel(repoName(count));
  const step = Math.min(count, FILES_PER_COMMIT);
  for (let first = 0; first < count; first += step) {
    await writeCommit(dir.file('commit'), { first, count: step, content: tinyContent });
    await hub.commit(repo, { file: dir.file('commit') });
  }
  await writeFastImport(dir.file('import'), { count, content: tinyContent });
  const git = await GitRepo.init(dir.file('git'));
  await git.importFile(dir.file('import'));

  const change = (index: number) => [pathOf((index * 7919) % count), changedContent(index)] as const;
  const commit = async (index: number) =>
    (await hub.commit(repo, Buffer.from(commitHeader('Change a file') + commitFile(...change(index)))))
      .durationMs;
  const gitCommit = async (index: number) => {
    const begin = performance.now();
    await git.importBytes(fastImportHeader('refs/heads/main^0') + fastImportFile(...change(index)));
    return performance.now() - begin;
  };
  await repeat(WARM_UP, (index) => commit(scale.requests + index));
  const ours: number[] = [];
  const theirs: number[] = [];
  // In turns, so that a busy time of the machine meets both.
  for (let first = 0; first < scale.requests; first += COMMITS_IN_TURN) {
    const turn = Math.min(COMMITS_IN_TURN, scale.requests - first);
    ours.push(...(await repeat(turn, (index) => commit(first + index))));
    theirs.push(...(await repeat(turn, (index) => gitCommit(first + index))));
  }
  return {
    what: `in a repository of ${count.toLocaleString('en-US')} files`,
    ours: new Latencies(ours),
    peers: [{ name: 'git fast-import', latencies: new Latencies(theirs) }],
    limits: { p50: MAX_P50_MS },
  };
}

function changedContent(index: number): Buffer {
  return Buffer.from(JSON.stringify({ changed: index, text: `${index} `.repeat(400) }));
}

/** How much longer a commit takes in the largest repository than in the smallest. */
function growthRow(lines: readonly LatencyLine[]): Row {
  const first = lines[0]!;
  const last = lines.at(-1)!;
  return {
    what: `p50 ${last.what}, against ${first.what}`,
    ours: growth(last.ours, first.ours),
    peers: last.peers.map(({ name, latencies }, index) => ({
      name,
      figure: growth(latencies, first.peers[index]!.latencies),
    })),
  };
}

function growth({ p50: large }: Latencies, { p50: small }: Latencies): Figure {
  return { value: large / small, unit: '×' };
}
