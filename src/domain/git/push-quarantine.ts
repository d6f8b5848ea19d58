import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { BATCH_FORMAT, BatchReader, LineReader, parseBatchHeader } from '../../git/batch-output.ts';
import { type Oid, OID_BYTES } from '../../git/oid.ts';
import { PackPlaces } from '../../git/pack-index.ts';
import type { EndMessage, GitOutput, GitPlace } from '../../git-runner/git-runner.ts';
import { RowFile } from '../../lib/row-file.ts';
import { Unavailable } from '../errors.ts';
import { ChangeReader, DIFF_TREE_ARGS, tooManyChanges } from './push-changes.ts';
import { ContentReader, type ContentReaderInput } from './push-content.ts';
import { type ListingLimits, PushListing } from './push-listing.ts';
import { framed, PushRefused } from './push-report.ts';

/** A push's pack as a segment in files. */
export interface PackFiles {
  readonly packPath: string;
  readonly packBytes: number;
  readonly idx: Buffer;
  readonly places: PackPlaces;
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
].flatMap((setting) => ['-c', setting]);

/** What a push brings, held apart until the hub has seen all of it. Nothing here outlives the view. */
export class PushQuarantine {
  readonly #options: QuarantineOptions;

  constructor(options: QuarantineOptions) {
    this.#options = options;
  }

  /**
   * Takes a pack in, completes it where it builds on known objects, and checks every object as `git fsck --strict` does.
   * @throws {PushRefused} git refuses it. @throws {NotConnected} something is missing.
   */
  async takePack(place: GitPlace, pack: AsyncIterable<Buffer>): Promise<void> {
    const { maxPackBytes } = this.#options;
    const args = ['index-pack', '--stdin', '--fix-thin', '--strict', `--max-input-size=${maxPackBytes}`];
    const end = await drain(this.run(place, [...INTAKE_SETTINGS, ...args], pack, INTAKE_MEMORY_BYTES));
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
      this.noted(found),
    );
    const end = await drain(sizes, (chunk) => {
      for (const line of lines.push(chunk)) listing.add(parseBatchHeader(line));
    });
    this.requireSuccess('cat-file', end);
    return listing;
  }

  /** Packs what was listed: each object for itself, so that it can be read alone. */
  async pack(place: GitPlace, objectCount: number): Promise<PackFiles> {
    const base = join(this.#options.directory, 'segment');
    const args = ['pack-objects', '-q', '--no-reuse-delta', '--window=0', '--depth=0', base];
    const chunks: Buffer[] = [];
    const end = await drain(this.run(place, args, this.listedOids()), (chunk) => void chunks.push(chunk));
    this.requireSuccess('pack-objects', end);
    const name = `${base}-${Buffer.concat(chunks).toString().trim()}`;
    const packPath = `${name}.pack`;
    const { size: packBytes } = await stat(packPath);
    const idx = await readFile(`${name}.idx`);
    const places = new PackPlaces(idx, packBytes);
    if (places.objectCount !== objectCount) throw new Error('git packed other objects than it listed');
    return { packPath, packBytes, idx, places };
  }

  /** Reads what was listed. @throws {PushRefused} */
  async readContent(place: GitPlace, input: ContentReaderInput): Promise<ContentReader> {
    const content = new ContentReader(input);
    const batch = new BatchReader((header) => content.open(header));
    const run = this.run(place, ['cat-file', `--batch=${BATCH_FORMAT}`, '--buffer'], this.listed());
    const end = await drain(run, async (chunk) => {
      batch.push(chunk);
      await input.objectRows.flush();
      await input.commitRows.flush();
    });
    this.requireSuccess('cat-file', end);
    batch.end();
    content.finish();
    return content;
  }

  /** Writes what the commits changed. @throws {PushRefused} */
  async readChanges(place: GitPlace, commits: Iterable<Oid>, rows: RowFile): Promise<void> {
    const changes = new ChangeReader(rows);
    const run = this.run(place, DIFF_TREE_ARGS, inLines(commits));
    const end = await drain(run, async (chunk) => {
      changes.push(chunk);
      await rows.flush();
    });
    // It holds what one commit changed, and nothing else of any size.
    if (isOutOfMemory(end.stderr)) throw tooManyChanges();
    this.requireSuccess('diff-tree', end);
  }

  createRows(name: string): Promise<RowFile> {
    return RowFile.create(join(this.#options.directory, `${name}.rows`));
  }

  private get listPath(): string {
    return join(this.#options.directory, 'objects.list');
  }

  private listed(): AsyncIterable<Buffer> {
    return createReadStream(this.listPath) as AsyncIterable<Buffer>;
  }

  /** Without the paths: `git pack-objects` has no room for long ones. */
  private async *listedOids(): AsyncGenerator<Buffer> {
    const lines = new LineReader();
    for await (const chunk of this.listed()) {
      const oids = Array.from(lines.push(chunk), (line) => line.toString('latin1', 0, 2 * OID_BYTES));
      if (oids.length > 0) yield Buffer.from(`${oids.join('\n')}\n`);
    }
  }

  /** Keeps what `git rev-list` says for the commands that come later, and passes it on. */
  private async *noted(found: GitOutput): AsyncGenerator<Buffer> {
    const file = createWriteStream(this.listPath, { flags: 'wx', mode: 0o600 });
    try {
      let read = await found.next();
      for (; !read.done; read = await found.next()) {
        await write(file, read.value);
        yield read.value;
      }
      const end = read.value;
      throwIfOurs(end, this.withoutPaths(end.stderr));
      if (end.exitCode !== 0) throw new NotConnected(end.stderr);
    } finally {
      await found.return({ exitCode: null, stderr: '', reason: 'killed' });
      file.end();
      await finished(file);
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

async function write(file: WriteStream, bytes: Buffer): Promise<void> {
  if (!file.write(bytes)) await once(file, 'drain');
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
  if (reason === 'time is over')
    throw new PushRefused(
      framed(['Your push was rejected because checking it took too long.', 'Push fewer commits at once.']),
    );
  if (isOutOfMemory(said))
    throw new PushRefused(
      framed([
        'Your push was rejected because unpacking it takes too much memory.',
        'Push fewer commits at once, and large files by Git LFS.',
      ]),
      { refusal: 'unpacker error', packRefusal: 'it takes too much memory' },
    );
  if (/no space left|disk quota/i.test(said))
    throw new Unavailable('The hub has no disk space left for Git clients. Try again later.');
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
