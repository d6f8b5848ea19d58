import { BenchHub } from './support/bench-hub.ts';
import { type Call, Connection } from './support/connection.ts';
import { Latencies, repeat } from './support/figures.ts';
import { GitRepo } from './support/git-repo.ts';
import { type LatencyLine, type LatencyPeer, latencyRows } from './support/latency-rows.ts';
import { NodeServer } from './support/node-server.ts';
import type { Section } from './support/report.ts';
import type { Scale } from './support/scale.ts';
import {
  FILES_PER_FOLDER,
  type FileSet,
  folderOf,
  jsonContent,
  writeCommit,
  writeFastImport,
} from './support/small-files.ts';
import { TempDir } from './support/temp-dir.ts';

const MAX_P99_MS = 20;
const WARM_UP = 100;
const EXPANDED = [50, 100];
/** Of everything; each takes so long that few are enough. */
const LISTINGS = 20;

/** Pages of a listing of a repository with many files. */
export async function treePages(scale: Scale): Promise<Section> {
  await using hub = await BenchHub.open();
  await using dir = await TempDir.make();
  const files: FileSet = { count: scale.treeFiles, content: jsonContent };
  const repo = await hub.createModel('many-files');
  await writeCommit(dir.file('commit'), files);
  await hub.commit(repo, { file: dir.file('commit') });
  await writeFastImport(dir.file('import'), files);
  const git = await GitRepo.init(dir.file('git'));
  await git.importFile(dir.file('import'));
  const bench = new PageBench(hub, `/api/models/${repo}/tree/main`, scale);
  const pages = await bench.recursivePages();
  const folders = Array.from({ length: scale.treeFiles / FILES_PER_FOLDER }, (_, index) =>
    folderOf(index * FILES_PER_FOLDER),
  );
  const folderPaths = folders.map((folder) => bench.page(folder));
  const middle = folders[Math.floor(folders.length / 2)]!;
  const lsFolder = await gitPeer(scale.requests, git, ['ls-tree', '--long', `main:${middle}`]);
  const lsAll = await gitPeer(LISTINGS, git, ['ls-tree', '-r', '--long', 'main']);
  const plain = await bench.plainPeer(bench.page(middle));
  const ofFolder = { peers: [lsFolder, plain], limits: { p99: MAX_P99_MS } };
  const ofAll = { peers: [lsAll, plain], limits: { p99: MAX_P99_MS } };
  const places = { 'at the start': 0, 'in the middle': pages.length >> 1, 'at the end': pages.length - 1 };
  const lines: LatencyLine[] = [
    { what: 'a folder, always the same', ours: await bench.warm([bench.page(middle)]), ...ofFolder },
    { what: 'a folder, each in turn', ours: await bench.warm(folderPaths), ...ofFolder },
  ];
  for (const [place, index] of Object.entries(places)) {
    const ours = await bench.warm([pages[index]!]);
    lines.push({ what: `recursive listing, page ${place}`, ours, ...ofAll });
  }
  lines.push({ what: 'recursive listing, each page in turn', ours: await bench.warm(pages), ...ofAll });
  for (const limit of EXPANDED) {
    const ours = await bench.warm(folderPaths.map((path) => `${path}?expand=true&limit=${limit}`));
    lines.push({ what: `${limit} files with their last commits, each folder in turn`, ours, ...ofFolder });
  }
  lines.push(
    {
      what: 'a folder after a restart, each once',
      ours: await bench.cold(folderPaths),
      peers: [lsFolder, plain],
    },
    {
      what: 'recursive page after a restart, each once',
      ours: await bench.cold(pages),
      peers: [lsAll, plain],
    },
  );
  return {
    title: `Pages of a repository of ${scale.treeFiles.toLocaleString('en-US')} files`,
    method:
      `${FILES_PER_FOLDER.toLocaleString('en-US')} files of about 2 KB in each folder, pages of 1,000 entries, one request at a time, at least ${scale.requests} requests behind each line, to the last byte. ` +
      'Peers: `git ls-tree --long` of the same content, a process for each request, of the folder or (as git has no pages) of everything; and a bare `node:http` server that answers the bytes of one page. After a restart, nothing is in the memory of the hub or of PostgreSQL, and no code is compiled; the target is for a warm hub.',
    rows: lines.flatMap(latencyRows),
  };
}

class PageBench {
  readonly #hub: BenchHub;
  readonly #tree: string;
  readonly #requests: number;

  constructor(hub: BenchHub, tree: string, { requests }: Scale) {
    this.#hub = hub;
    this.#tree = tree;
    this.#requests = requests;
  }

  page(folder: string): string {
    return `${this.#tree}/${folder}`;
  }

  /** Addresses of all pages of the recursive listing. */
  async recursivePages(): Promise<string[]> {
    const pages = [`${this.#tree}?recursive=true`];
    for (;;) {
      const { headers } = await this.#hub.get(pages.at(-1)!);
      const next = /<([^>]+)>; rel="next"/.exec(String(headers['link'] ?? ''))?.[1];
      if (!next) return pages;
      const { pathname, search } = new URL(next);
      pages.push(pathname + search);
    }
  }

  /** Every page several times, after each was read before and the code of this kind of page is compiled. */
  async warm(paths: readonly string[]): Promise<Latencies> {
    await repeat(Math.ceil(WARM_UP / paths.length), () => this.once(paths));
    const rounds = Math.ceil(this.#requests / paths.length);
    return new Latencies((await repeat(rounds, () => this.once(paths))).flat());
  }

  /** Every page once by a hub that has just started, several times. */
  async cold(paths: readonly string[]): Promise<Latencies> {
    const rounds = Math.ceil(this.#requests / paths.length);
    const times = await repeat(rounds, async () => {
      await this.#hub.restart();
      return this.once(paths);
    });
    return new Latencies(times.flat());
  }

  /** The same bytes from a server that does nothing else. */
  async plainPeer(path: string): Promise<LatencyPeer> {
    const { body } = await this.#hub.get(path);
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    await using server = await NodeServer.start('fixed-answer', { headers, body: body.toString() });
    using connection = new Connection();
    const times = await repeat(this.#requests, () => duration(connection, { url: server.url }));
    return { name: 'node:http', latencies: new Latencies(times) };
  }

  private once(paths: readonly string[]): Promise<number[]> {
    const { connection, url, authorization: headers } = this.#hub;
    return repeat(paths.length, (index) => duration(connection, { url: url + paths[index], headers }));
  }
}

async function duration(connection: Connection, call: Call): Promise<number> {
  return (await connection.call(call)).durationMs;
}

async function gitPeer(count: number, git: GitRepo, args: readonly string[]): Promise<LatencyPeer> {
  const times = await repeat(count, async () => {
    const begin = performance.now();
    await git.git(...args);
    return performance.now() - begin;
  });
  return { name: 'git ls-tree', latencies: new Latencies(times) };
}
