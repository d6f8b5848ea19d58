import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { BATCH_FORMAT, LineReader, parseBatchHeader } from '../../git/batch-output.ts';
import { type Oid, OID_BYTES } from '../../git/oid.ts';
import type { EndMessage, GitOutput, GitPlace } from '../../git-runner/git-runner.ts';
import { Unavailable } from '../errors.ts';
import { ChangeReader, type ChangeReaderInput, DIFF_TREE_ARGS, tooManyChanges } from './push-changes.ts';
import { type ListingLimits, PushListing } from './push-listing.ts';
import { framed, PushRefused } from './push-report.ts';

/** A pack in files. */
export interface PackPaths {
  readonly packPath: string;
  readonly idxPath: string;
}

/** Git could not go from a new commit to everything that it names. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
  /** The object that was not found, if git named one. */
  readonly missing: Oid | null;

  constructor(stderr: string) {
    super(`git found a push incomplete: ${stderr}`);
    this.missing = (/\b[0-9a-f]{40}\b/.exec(stderr)?.[0] as Oid | undefined) ?? null;
  }
}

/** Unpacking a push takes more memory than one may have. */
export class TooMuchMemory extends PushRefused {
  constructor() {
    super(
      framed([
        'Your push was rejected because unpacking it takes too much memory.',
        'Push fewer commits at once, and large files by Git LFS.',
      ]),
      { refusal: 'unpacker error', packRefusal: 'it takes too much memory' },
    );
  }
}

export interface QuarantineOptions {
  /** A repository of this push alone, with the refs of one moment; see `createGitView`. Its own objects are the quarantine. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly maxPackBytes: number;
}

/** Address space of one git. Of packs it maps a part only, and files above 4 MiB pass through it. */
const MEMORY_BYTES = 2 ** 30;
/**
 * Of the git that takes a pack in. It holds trees, commits and what deltas make as a whole, whatever a client says their sizes are:
 * this has room for a million objects, or for files that are several times larger than they may be outside LFS.
 */
const INTAKE_MEMORY_BYTES = 224 * 2 ** 20;
const INTAKE_SETTINGS = ['-c', 'core.packedGitWindowSize=8m', '-c', 'core.packedGitLimit=32m'];
const SETTINGS = [
  'core.bigFileThreshold=4m',
  'core.packedGitWindowSize=16m',
  'core.packedGitLimit=256m',
  'core.deltaBaseCacheLimit=48m',
  'pack.threads=1',
  'pack.writeReverseIndex=false',
  // A quarantine does not outlive its push.
  'core.fsync=none',
].flatMap((setting) => ['-c', setting]);

/** What a push brings, held apart until the hub has seen all of it. Nothing here outlives the view. */
export class PushQuarantine {
  readonly #options: QuarantineOptions;

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  /**
   * Takes a pack in, completes it where it builds on known objects, and checks every object as `git fsck --strict` does.
   * @throws {PushRefused} git refuses it. @throws {TooMuchMemory} @throws {NotConnected} something is missing.
   */
  async takePack(place: GitPlace, pack: AsyncIterable<Buffer>): Promise<void> {
    await this.indexPack(place, pack, INTAKE_MEMORY_BYTES);
  }

  /** The same with more memory, of what a git that gave up has left. @throws as `takePack`. */
  async retakePack(place: GitPlace, unfinishedPath: string): Promise<void> {
    await this.indexPack(place, withTrailer(unfinishedPath), MEMORY_BYTES);
  }

  private async indexPack(place: GitPlace, pack: AsyncIterable<Buffer>, memoryBytes: number): Promise<void> {
    const { maxPackBytes } = this.#options;
    const args = ['index-pack', '--stdin', '--fix-thin', '--strict', `--max-input-size=${maxPackBytes}`];
    const end = await drain(this.run(place, [...INTAKE_SETTINGS, ...args], pack, memoryBytes));
    if (end.exitCode === 0) return;
    const said = this.withoutPaths(end.stderr);
    throwIfOurs(end, said);
    if (said.includes('maximum allowed size')) throw packTooLarge(maxPackBytes);
    if (said.includes('did not receive expected object')) throw new NotConnected(end.stderr);
    const lines = said.split('\n').filter(Boolean).slice(0, 20);
    throw new PushRefused(lines, { refusal: 'unpacker error', packRefusal: 'index-pack abnormal exit' });
  }

  /**
   * Finds what is reachable from the tips and not from the refs of the view, parents before children.
   * @throws {NotConnected} something is missing.
   */
  async list(place: GitPlace, tips: readonly Oid[], limits: ListingLimits): Promise<PushListing> {
    const listing = new PushListing(limits);
    const lines = new LineReader();
    const walk = [
      'rev-list',
      '--objects',
      '--parents',
      '--topo-order',
      '--reverse',
      '--stdin',
      '--not',
      '--all',
    ];
    const found = this.run(place, walk, Buffer.from(tips.map((oid) => `${oid}\n`).join('')));
    const sizes = this.run(
      place,
      ['cat-file', `--batch-check=${BATCH_FORMAT}`, '--buffer'],
      this.connected(found),
    );
    const file = createWriteStream(this.listPath, { flags: 'wx', mode: 0o600 });
    try {
      const end = await drain(sizes, async (chunk) => {
        for (const line of lines.push(chunk)) listing.add(parseBatchHeader(line));
        if (!file.write(chunk)) await once(file, 'drain');
      });
      this.requireSuccess('cat-file', end);
    } finally {
      file.end();
      await finished(file);
    }
    return listing;
  }

  /** Where `takePack` put the objects; null when the push brought none. */
  async receivedPack(): Promise<PackPaths | null> {
    const directory = join(this.#options.directory, 'objects', 'pack');
    const names = await readdir(directory).catch(() => []);
    const name = names.find((entry) => entry.endsWith('.idx'));
    return name === undefined ? null : pathsOf(join(directory, name.slice(0, -'.idx'.length)));
  }

  /** What a git that gave up while it took a pack in has left of it, without the trailer; null when there is nothing. */
  async unfinishedPack(): Promise<string | null> {
    const directory = join(this.#options.directory, 'objects', 'pack');
    const names = await readdir(directory).catch(() => []);
    const name = names.find((entry) => entry.startsWith('tmp_pack_'));
    if (name === undefined) return null;
    const path = this.path('unfinished.pack');
    await rename(join(directory, name), path);
    return path;
  }

  /** Packs all that was listed. For objects that the push does not bring because they are here, though no ref reaches them. */
  async packAll(place: GitPlace): Promise<PackPaths> {
    const base = join(this.#options.directory, 'all');
    const args = ['pack-objects', '-q', '--no-reuse-delta', '--window=0', '--depth=0', base];
    const chunks: Buffer[] = [];
    const end = await drain(this.run(place, args, this.listedOids()), (chunk) => void chunks.push(chunk));
    this.requireSuccess('pack-objects', end);
    return pathsOf(`${base}-${Buffer.concat(chunks).toString().trim()}`);
  }

  /** Writes what the commits changed. @throws {PushRefused} */
  async readChanges(place: GitPlace, commits: Iterable<Oid>, input: ChangeReaderInput): Promise<void> {
    const changes = new ChangeReader(input);
    const run = this.run(place, DIFF_TREE_ARGS, inLines(commits));
    const end = await drain(run, async (chunk) => {
      changes.push(chunk);
      await input.changes.flush();
      await input.files.flush();
    });
    // It holds what one commit changed, and nothing else of any size.
    if (isOutOfMemory(end.stderr)) throw tooManyChanges();
    this.requireSuccess('diff-tree', end);
  }

  /** A file of this push's own. */
  path(name: string): string {
    return join(this.#options.directory, name);
  }

  /** What `list` found, as lines of `BATCH_FORMAT`. */
  get listPath(): string {
    return join(this.#options.directory, 'objects.list');
  }

  /** Without the paths: `git pack-objects` has no room for long ones. */
  private async *listedOids(): AsyncGenerator<Buffer> {
    const lines = new LineReader();
    for await (const chunk of createReadStream(this.listPath) as AsyncIterable<Buffer>) {
      const oids = Array.from(lines.push(chunk), (line) => line.toString('latin1', 0, 2 * OID_BYTES));
      if (oids.length > 0) yield Buffer.from(`${oids.join('\n')}\n`);
    }
  }

  /** What `git rev-list` says, if it came to its end. */
  private async *connected(found: GitOutput): AsyncGenerator<Buffer> {
    try {
      let read = await found.next();
      for (; !read.done; read = await found.next()) yield read.value;
      const end = read.value;
      throwIfOurs(end, this.withoutPaths(end.stderr));
      if (end.exitCode !== 0) throw new NotConnected(end.stderr);
    } finally {
      await found.return({ exitCode: null, stderr: '', reason: 'killed' });
    }
  }

  private run(
    place: GitPlace,
    args: readonly string[],
    input: Buffer | AsyncIterable<Buffer>,
    memoryBytes = MEMORY_BYTES,
  ): GitOutput {
    const { directory, signal } = this.#options;
    const env = { GIT_DIR: directory };
    return place.run({ args: [...SETTINGS, ...args], env, input, signal, memoryBytes });
  }

  private requireSuccess(command: string, end: EndMessage): void {
    if (end.exitCode === 0) return;
    throwIfOurs(end, this.withoutPaths(end.stderr));
    throw new Error(`git ${command} ended (${end.reason}, ${end.exitCode}): ${end.stderr}`);
  }

  private withoutPaths(stderr: string): string {
    return stderr.replaceAll(this.#options.directory, 'quarantine').replaceAll(/(?:\/[\w.-]+){3,}/g, '…');
  }
}

/** @returns how it ended. */
async function drain(
  run: GitOutput,
  take: (chunk: Buffer) => void | Promise<void> = () => {},
): Promise<EndMessage> {
  try {
    for (;;) {
      const read = await run.next();
      if (read.done) return read.value;
      await take(read.value);
    }
  } finally {
    await run.return({ exitCode: null, stderr: '', reason: 'killed' });
  }
}

/** Git writes the checksum of a pack when it has resolved all deltas. */
async function* withTrailer(path: string): AsyncGenerator<Buffer> {
  const sum = createHash('sha1');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    sum.update(chunk);
    yield chunk;
  }
  yield sum.digest();
}

function* lineChunks(oids: Iterable<Oid>): Generator<Buffer> {
  let chunk: string[] = [];
  for (const oid of oids) {
    chunk.push(`${oid}\n`);
    if (chunk.length < 1000) continue;
    yield Buffer.from(chunk.join(''));
    chunk = [];
  }
  yield Buffer.from(chunk.join(''));
}

async function* inLines(oids: Iterable<Oid>): AsyncGenerator<Buffer> {
  yield* lineChunks(oids);
}

/** Not the client's fault, or a limit of this machine. */
function throwIfOurs({ reason }: EndMessage, said: string): void {
  if (reason === 'time is over') throw tooMuch('time');
  if (isOutOfMemory(said)) throw tooMuch('memory');
  if (/no space left|disk quota/i.test(said))
    throw new Unavailable('The hub has no disk space left for Git clients. Try again later.');
}

/** For a push that costs more than a push may. */
export function tooMuch(costs: 'memory' | 'time'): PushRefused {
  if (costs === 'memory') return new TooMuchMemory();
  return new PushRefused(
    framed(['Your push was rejected because checking it took too long.', 'Push fewer commits at once.']),
  );
}

function pathsOf(base: string): PackPaths {
  return { packPath: `${base}.pack`, idxPath: `${base}.idx` };
}

function isOutOfMemory(stderr: string): boolean {
  return /out of memory|cannot allocate|malloc|mmap failed/i.test(stderr);
}

export function packTooLarge(maxBytes: number): PushRefused {
  return new PushRefused(
    framed([
      `Your push was rejected because its pack is larger than ${maxBytes} bytes.`,
      'Push fewer commits at once, for example: git push origin <older commit>:main',
      'Please use https://git-lfs.github.com/ to store large files.',
    ]),
    { refusal: 'unpacker error', packRefusal: 'the pack is too large' },
  );
}
