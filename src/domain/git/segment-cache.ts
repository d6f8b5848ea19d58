import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SqlExecutor } from '../../db/sql.ts';
import { hasErrorCode } from '../../lib/error-code.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { Unavailable } from '../errors.ts';
import { segmentObjectKeys } from '../version/segment.ts';
import { type LiveSegment, readInlineSegment } from './git-refs.queries.ts';

export interface SegmentCacheOptions {
  /** Directory of the cache, of this process alone. */
  readonly directory: string;
  /** Stores that nobody uses are removed until the others are not larger than this. */
  readonly maxBytes: number;
  readonly sql: SqlExecutor;
  readonly store: ObjectStore;
}

/** Objects of a store as files, kept until it is disposed of. */
export interface HeldObjects extends Disposable {
  /** A Git objects directory, absolute. */
  readonly directory: string;
  /** Git found the files damaged: they are fetched again next time. False when that was just tried. */
  drop(): Promise<boolean>;
}

interface CachedStore {
  readonly id: number;
  bytes: number;
  userCount: number;
  droppedAt: number;
  /** Packs, by their sums, whose files this process has checked or written. */
  readonly checked: Set<string>;
  /** Packs that somebody wanted since nobody used the store. */
  readonly wanted: Set<string>;
  /** There are others: their segments were replaced. */
  hasStale: boolean;
}

const PARALLEL_FETCHES = 8;
/** Whoever can make git complain of its files must not make the hub fetch them all the time. */
const MIN_DROP_INTERVAL_MS = 60_000;
const STORE_NAME = /^\d+$/;
const PACK_FILE = /^pack-([0-9a-f]{40})\./;
/** Size of an idx without large offsets: header, fan-out and sums, and so many bytes for each object. */
const IDX_FIXED_BYTES = 1072;
const IDX_ENTRY_BYTES = 28;

/**
 * Packs of segments as files for git: `<store>/objects/pack`. Nothing here is the truth: whatever is missing is fetched from where
 * it lies, and all of it may be deleted at any time while the hub is down. A crash leaves files in `tmp` and `views`, which the next
 * process removes; a pack gets its name before its idx, and git sees none without.
 */
export class SegmentCache {
  readonly #options: SegmentCacheOptions;
  /** In the order of their last use. */
  readonly #stores = new Map<number, CachedStore>();
  readonly #fetches = new Map<string, Promise<void>>();
  readonly #evictions = new Map<number, Promise<void>>();
  #opened: Promise<void> | undefined;

  constructor(options: SegmentCacheOptions) {
    this.#options = options;
  }

  /** Where views are made; they do not outlive the process. */
  get viewsDirectory(): string {
    return join(this.#options.directory, 'views');
  }

  /** Bytes of all stores. */
  get totalBytes(): number {
    let bytes = 0;
    for (const store of this.#stores.values()) bytes += store.bytes;
    return bytes;
  }

  /** Makes files of these segments, which must be of one moment with the refs that they are used with. */
  async hold(storeId: number, segments: readonly LiveSegment[]): Promise<HeldObjects> {
    await this.opened();
    while (this.#evictions.has(storeId)) await this.#evictions.get(storeId);
    const store = this.touch(storeId);
    if (store.userCount++ === 0) store.wanted.clear();
    for (const { packSum } of segments) store.wanted.add(packSum);
    try {
      await this.complete(store, segments);
    } catch (error) {
      this.release(store);
      throw error;
    }
    return {
      directory: this.objectsDirectory(storeId),
      drop: () => this.drop(store),
      [Symbol.dispose]: () => this.release(store),
    };
  }

  private opened(): Promise<void> {
    return (this.#opened ??= this.open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    }));
  }

  /** Removes what a crash left, and counts what is here. */
  private async open(): Promise<void> {
    const { directory } = this.#options;
    for (const name of ['views', 'tmp']) {
      await rm(join(directory, name), { recursive: true, force: true });
      await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
    }
    const found = await Promise.all(
      (await readdir(directory))
        .filter((name) => STORE_NAME.test(name))
        .map(async (name) => {
          const { mtimeMs } = await stat(join(directory, name, 'objects', 'pack')).catch(() => ({
            mtimeMs: 0,
          }));
          return { id: Number(name), mtimeMs, bytes: await this.bytesOf(Number(name)) };
        }),
    );
    for (const { id, bytes } of found.sort((a, b) => a.mtimeMs - b.mtimeMs)) this.touch(id).bytes = bytes;
  }

  private touch(id: number): CachedStore {
    const store = this.#stores.get(id) ?? {
      id,
      bytes: 0,
      userCount: 0,
      droppedAt: -Infinity,
      checked: new Set<string>(),
      wanted: new Set<string>(),
      hasStale: false,
    };
    this.#stores.delete(id);
    this.#stores.set(id, store);
    return store;
  }

  private release(store: CachedStore): void {
    store.userCount--;
    if (store.userCount === 0 && store.hasStale) this.whileUnused(store.id, this.trim(store));
    for (const candidate of this.#stores.values()) {
      if (this.totalBytes <= this.#options.maxBytes) return;
      if (candidate.userCount === 0 && !this.#evictions.has(candidate.id)) this.evict(candidate);
    }
  }

  /** Whoever wants the store waits for the work. */
  private whileUnused(id: number, work: Promise<void>): void {
    const eviction = work
      .catch(() => {
        // What is still there is found again when the store is used, or at the next start.
      })
      .finally(() => this.#evictions.delete(id));
    this.#evictions.set(id, eviction);
  }

  /** Removes packs of segments that were replaced: git would look into all of them. Somebody may fetch one again. */
  private async trim(store: CachedStore): Promise<void> {
    store.hasStale = false;
    const packs = this.packDirectory(store.id);
    // An idx before its pack, as they sort: git sees no pack without one.
    for (const name of (await readdir(packs)).sort()) {
      const packSum = PACK_FILE.exec(name)?.[1];
      if (packSum === undefined || store.wanted.has(packSum)) continue;
      store.checked.delete(packSum);
      store.bytes -= (await sizeOf(join(packs, name))) ?? 0;
      await rm(join(packs, name), { force: true });
    }
  }

  private evict({ id }: CachedStore): void {
    this.#stores.delete(id);
    this.whileUnused(id, this.remove(id));
  }

  private async drop(store: CachedStore): Promise<boolean> {
    const now = performance.now();
    if (now - store.droppedAt < MIN_DROP_INTERVAL_MS) return false;
    store.droppedAt = now;
    store.checked.clear();
    store.bytes = 0;
    await this.remove(store.id);
    return true;
  }

  /** At one stroke, so that nobody sees half of it. */
  private async remove(storeId: number): Promise<void> {
    const removed = this.temporaryPath();
    try {
      await rename(join(this.#options.directory, String(storeId)), removed);
    } catch (error) {
      if (!hasErrorCode(error, 'ENOENT')) throw error;
    }
    await rm(removed, { recursive: true, force: true });
  }

  private async complete(store: CachedStore, segments: readonly LiveSegment[]): Promise<void> {
    const packs = this.packDirectory(store.id);
    await mkdir(packs, { recursive: true, mode: 0o700 });
    const present = new Set(await readdir(packs));
    store.hasStale = [...present].some((name) => !store.wanted.has(PACK_FILE.exec(name)?.[1] ?? ''));
    const missing = segments.filter(
      ({ packSum }) =>
        !store.checked.has(packSum) ||
        !present.has(`pack-${packSum}.pack`) ||
        !present.has(`pack-${packSum}.idx`),
    );
    const fetchNext = async (): Promise<void> => {
      for (let next = missing.pop(); next; next = missing.pop()) await this.fetchOnce(store, next);
    };
    await Promise.all(Array.from({ length: PARALLEL_FETCHES }, fetchNext));
  }

  /** One fetch for all who want the same pack at once. */
  private fetchOnce(store: CachedStore, segment: LiveSegment): Promise<void> {
    const key = `${store.id}/${segment.packSum}`;
    let fetching = this.#fetches.get(key);
    if (!fetching) {
      fetching = this.fetchUnlessIntact(store, segment).finally(() => this.#fetches.delete(key));
      this.#fetches.set(key, fetching);
    }
    return fetching;
  }

  private async fetchUnlessIntact(store: CachedStore, segment: LiveSegment): Promise<void> {
    const name = join(this.packDirectory(store.id), `pack-${segment.packSum}`);
    const files = { pack: `${name}.pack`, idx: `${name}.idx` };
    if (!store.checked.has(segment.packSum) && (await hasFiles(files, segment))) {
      store.checked.add(segment.packSum);
      return;
    }
    const drafts = { pack: this.temporaryPath(), idx: this.temporaryPath() };
    try {
      await this.write(drafts, segment);
      if (!(await hasFiles(drafts, segment)))
        throw new Error(`segment ${segment.id} has not the bytes of its row`);
      // It may have been dropped meanwhile.
      await mkdir(this.packDirectory(store.id), { recursive: true, mode: 0o700 });
      await rename(drafts.pack, files.pack);
      await rename(drafts.idx, files.idx);
    } catch (error) {
      throw hasErrorCode(error, 'ENOSPC', 'EDQUOT') ? diskFull(error) : error;
    } finally {
      // Also after a success: where both names are links to one file, a renaming leaves both.
      await Promise.all(Object.values(drafts).map((path) => rm(path, { force: true })));
    }
    store.checked.add(segment.packSum);
    store.bytes += segment.packBytes + idxBytes(segment);
  }

  private async write(drafts: { pack: string; idx: string }, segment: LiveSegment): Promise<void> {
    if (segment.storageKey !== null) {
      const keys = segmentObjectKeys(segment.storageKey);
      await this.#options.store.saveTo(keys.pack, drafts.pack);
      await this.#options.store.saveTo(keys.idx, drafts.idx);
      return;
    }
    const bytes = await readInlineSegment(this.#options.sql, segment.id);
    if (!bytes) throw new Unavailable('The repository was rewritten at this moment. Try again.');
    await writeFile(drafts.pack, bytes.pack);
    await writeFile(drafts.idx, bytes.idx);
  }

  private async bytesOf(storeId: number): Promise<number> {
    const packs = this.packDirectory(storeId);
    const names = await readdir(packs).catch(() => []);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(packs, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  private objectsDirectory(storeId: number): string {
    return join(this.#options.directory, String(storeId), 'objects');
  }

  private packDirectory(storeId: number): string {
    return join(this.objectsDirectory(storeId), 'pack');
  }

  private temporaryPath(): string {
    return join(this.#options.directory, 'tmp', randomUUID());
  }
}

/** Whether both files are there with the sizes that they must have. What is inside, git checks as it reads. */
async function hasFiles(files: { pack: string; idx: string }, segment: LiveSegment): Promise<boolean> {
  const [pack, idx] = await Promise.all([files.pack, files.idx].map(sizeOf));
  return pack === segment.packBytes && idx !== null && idx! >= idxBytes(segment);
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function idxBytes({ objects }: LiveSegment): number {
  return IDX_FIXED_BYTES + objects * IDX_ENTRY_BYTES;
}

function diskFull(cause: unknown): Unavailable {
  return new Unavailable('The hub has no disk space left for Git clients. Try again later.', {}, { cause });
}
