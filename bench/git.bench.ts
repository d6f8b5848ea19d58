import { BenchHub } from './support/bench-hub.ts';
import { type Figure, medianOf, repeat, seconds } from './support/figures.ts';
import { GitBackend } from './support/git-backend.ts';
import { GitRepo } from './support/git-repo.ts';
import { lsRemoteLoad } from './support/load.ts';
import { atLeastTimes, atMostTimes, type Row, rowMarkdown, type Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import {
  commitFile,
  commitHeader,
  fastImportFile,
  fastImportHeader,
  jsonContent,
  pathOf,
  writeCommit,
  writeFastImport,
} from './support/small-files.ts';
import { TempDir } from './support/temp-dir.ts';

const PEER = 'git http-backend';
const MAX_FETCH_TIMES = 1.2;
const MAX_PUSH_TIMES = 2;
const MIN_LS_REMOTE_TIMES = 10;
const LS_REMOTE_CONNECTIONS = 16;
const LS_REMOTE_CAUSE =
  "of `ls-remote`, the processor time of the hub's one thread. Each is two requests, and each of them looks up the repository (the second one with its refs); nothing of it is remembered, so that a revoked right is revoked at once. " +
  'Look-ups of requests that wait together are one statement, and few wait together here: over 64 connections an `ls-remote` takes less than half of the time. `wrk` and PostgreSQL take a tenth and a third as much as the hub.';
const FIRST_PUSH_CAUSE =
  'of the first push, what the peer leaves for later or for nobody. Both take the pack in by `git index-pack`, which with the client needs about 300 ms. The peer then only checks that all of it is connected. ' +
  'The hub reads the trees (about 85 ms), looks at the checksum of every file and makes its row (40 ms on both cores), makes the pack durable in its object store (15 ms), and writes two rows for each file, with four entries in indexes (130 to 150 ms in PostgreSQL).';
const BRANCHES = 20;
const PUSHED_FILES = 10_000;
/** What takes less than a second is repeated so many times as often: a single run says little, and the first ones find the hub's code cold. */
const SHORT_TIMES = 4;

/** The same commits on both servers. */
interface Pair {
  readonly hub: BenchHub;
  readonly backend: GitBackend;
  readonly name: string;
}

/** Git clients on the hub and on Git's own HTTP server. */
export async function git(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  await using backend = await GitBackend.start();
  const rows: Row[] = [];
  for (const files of scale.cloneFiles) rows.push(...(await readRows({ hub, backend, scale, files })));
  rows.push(await pushManyRow(hub, backend, scale));
  return {
    title: 'Git',
    method:
      `The git program over HTTP, median of ${scale.runs} runs (of ${SHORT_TIMES * scale.runs} for what takes less than a second), the hub and the peer in turn, both warm. JSON files of about 2 KB, 1,000 in each folder. Clones are bare. ` +
      `\`ls-remote\`: the requests of version 2 of the protocol by \`wrk\` over ${LS_REMOTE_CONNECTIONS} connections, ${BRANCHES + 1} refs. ` +
      'Peer: `git http-backend` behind nginx and fcgiwrap, on bare repositories with the same commits, without deltas and with `core.fsync=all`.',
    rows,
  };
}

async function readRows({
  hub,
  backend,
  scale,
  files,
}: {
  hub: BenchHub;
  backend: GitBackend;
  scale: Scale;
  files: number;
}): Promise<Row[]> {
  await using dir = await TempDir.make();
  const pair = { hub, backend, name: `files-${files}` };
  await fill(pair, files, dir);
  const what = `repository of ${files.toLocaleString('en-US')} files`;
  const isShort = files <= PUSHED_FILES;
  const run = (label: string, args: readonly string[]) =>
    compare(
      isShort ? SHORT_TIMES * scale.runs : scale.runs,
      (url, turn) => {
        const clone = dir.file(`${label}-${turn}`);
        return seconds(() => GitRepo.clone(url, clone, args));
      },
      pair,
    );
  const rows = [
    shown(fetchRow(`bare clone of a ${what}`, await run('bare', []))),
    shown(fetchRow(`the same with \`--depth 1\``, await run('shallow', ['--depth', '1']))),
    shown(fetchRow('fetch of one new commit', await fetchOne(pair, dir, scale))),
    shown(pushRow(`push of one file into a ${what}`, await pushOne(pair, dir, scale))),
  ];
  if (files === scale.cloneFiles[0]) rows.push(shown(await lsRemoteRow(pair, scale)));
  return rows;
}

/** Makes a repository by API, and its mirror for the peer. */
async function fill({ hub, backend, name }: Pair, files: number, dir: TempDir): Promise<void> {
  const repo = await hub.createModel(name);
  await writeCommit(dir.file('commit'), { count: files, content: jsonContent });
  await hub.commit(repo, { file: dir.file('commit') });
  for (let index = 0; index < BRANCHES; index++) {
    await hub.post(`/api/models/${repo}/branch/branch-${index}`, {});
  }
  const peer = await backend.create(name);
  await peer.git('fetch', '--quiet', hubUrl(hub, name), '+refs/heads/*:refs/heads/*');
}

/** One file is changed in both; then a clone of each fetches it. */
async function fetchOne({ hub, backend, name }: Pair, dir: TempDir, { runs }: Scale) {
  const urls = { ours: hubUrl(hub, name), theirs: backend.urlOf(name) };
  const ours = await GitRepo.clone(urls.ours, dir.file('fetch-ours'));
  const theirs = await GitRepo.clone(urls.theirs, dir.file('fetch-theirs'));
  const fetchMain = ['fetch', '--quiet', 'origin', '+refs/heads/main:refs/heads/main'];
  return repeat(SHORT_TIMES * runs + 1, async (turn) => {
    await hub.commit(
      `bench/${name}`,
      Buffer.from(commitHeader('Change') + commitFile(pathOf(turn), changed(turn))),
    );
    const peer = GitRepo.at(backend.directoryOf(name));
    await peer.git('fetch', '--quiet', urls.ours, '+refs/heads/main:refs/heads/main');
    return {
      ours: await seconds(() => ours.git(...fetchMain)),
      theirs: await seconds(() => theirs.git(...fetchMain)),
    };
  });
}

/** One clone pushes the same new commits to both. */
async function pushOne({ hub, backend, name }: Pair, dir: TempDir, { runs }: Scale) {
  const clone = await GitRepo.clone(hubUrl(hub, name), dir.file('push'));
  return repeat(SHORT_TIMES * runs + 1, async (turn) => {
    await clone.importBytes(
      fastImportHeader('refs/heads/main^0') + fastImportFile(pathOf(turn), changed(-turn)),
    );
    return {
      ours: await seconds(() => clone.git('push', '--quiet', hubUrl(hub, name), 'main')),
      theirs: await seconds(() => clone.git('push', '--quiet', backend.urlOf(name), 'main')),
    };
  });
}

async function pushManyRow(hub: BenchHub, backend: GitBackend, { runs }: Scale): Promise<Row> {
  await using dir = await TempDir.make();
  await writeFastImport(dir.file('import'), { count: PUSHED_FILES, content: jsonContent });
  const source = await GitRepo.init(dir.file('source'));
  await source.importFile(dir.file('import'));
  const times = await repeat(SHORT_TIMES * runs + 1, async (turn) => {
    const name = `pushed-${turn}`;
    await hub.createModel(name);
    await backend.create(name);
    return {
      // A new repository has a first commit with its attributes.
      ours: await seconds(() => source.git('push', '--quiet', '--force', hubUrl(hub, name), 'main')),
      theirs: await seconds(() => source.git('push', '--quiet', '--force', backend.urlOf(name), 'main')),
    };
  });
  const pushed = pushRow(`first push of ${PUSHED_FILES.toLocaleString('en-US')} files`, times);
  return shown({ ...pushed, causeOfMiss: FIRST_PUSH_CAUSE });
}

async function lsRemoteRow({ hub, backend, name }: Pair, { loadSeconds, runs }: Scale): Promise<Row> {
  const perSecond = (url: string) =>
    lsRemoteLoad({ url, seconds: loadSeconds, connections: LS_REMOTE_CONNECTIONS });
  // The first turn warms both up and does not count.
  const [, ...turns] = await repeat(runs + 1, async () => ({
    ours: await perSecond(`${hub.url}/bench/${name}`),
    theirs: await perSecond(backend.urlOf(name)),
  }));
  const ours = perSecondOf(turns.map((turn) => turn.ours));
  const peer = { name: PEER, figure: perSecondOf(turns.map((turn) => turn.theirs)) };
  const target = atLeastTimes(ours, peer, MIN_LS_REMOTE_TIMES);
  return { what: '`ls-remote`', ours, peers: [peer], target, causeOfMiss: LS_REMOTE_CAUSE };
}

function perSecondOf(values: readonly number[]): Figure {
  return medianOf(values, '/s');
}

interface Times {
  readonly ours: number;
  readonly theirs: number;
}

async function compare(
  runs: number,
  measure: (url: string, turn: string) => Promise<number>,
  { hub, backend, name }: Pair,
): Promise<Times[]> {
  return repeat(runs + 1, async (turn) => ({
    ours: await measure(hubUrl(hub, name), `ours-${turn}`),
    theirs: await measure(backend.urlOf(name), `theirs-${turn}`),
  }));
}

function fetchRow(what: string, times: readonly Times[]): Row {
  return row(what, times, MAX_FETCH_TIMES);
}

function pushRow(what: string, times: readonly Times[]): Row {
  return row(what, times, MAX_PUSH_TIMES);
}

/** Some of them take a minute. */
function shown(measured: Row): Row {
  console.error(rowMarkdown(measured));
  return measured;
}

/** The first turn has warmed both up and does not count. */
function row(what: string, [, ...times]: readonly Times[], maxTimes: number): Row {
  const ours = inMs(times.map((time) => time.ours));
  const peer = { name: PEER, figure: inMs(times.map((time) => time.theirs)) };
  return { what, ours, peers: [peer], target: atMostTimes(ours, peer, maxTimes) };
}

function inMs(values: readonly number[]): Figure {
  return medianOf(
    values.map((value) => value * 1000),
    'ms',
  );
}

function hubUrl({ url, token }: BenchHub, name: string): string {
  return `${url.replace('://', `://bench:${token}@`)}/bench/${name}`;
}

function changed(index: number): Buffer {
  return Buffer.from(JSON.stringify({ changed: index, text: `${index} `.repeat(400) }));
}
