import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { SqlExecutor } from '../../db/sql.ts';
import { oidToBytes } from '../../git/oid.ts';
import { encodePackHeader, PACK_HEADER_BYTES, PACK_TRAILER_BYTES } from '../../git/pack-entry.ts';
import { CorruptPack, encodeIdx } from '../../git/pack-index.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { segmentObjectKeys } from '../version/segment.ts';
import { type LiveEntry, readSegmentPlace } from './compact.queries.ts';
import { IdxView } from './idx-view.ts';

/** Dead bytes between two entries are read and dropped up to this; beyond, a new read starts behind them. */
const MAX_GAP_BYTES = 256 * 1024;

/** Bytes of a segment that are copied from. */
interface Source {
  readonly segmentId: number;
  readonly idx: IdxView;
  readonly read: (start: number, end: number) => AsyncIterable<Buffer> | Promise<AsyncIterable<Buffer>>;
}

/** A segment's bytes are not what was stored. Nothing is copied from it; `hub fsck` says more. */
export class SegmentDamaged extends Error {
  override readonly name = 'SegmentDamaged';

  constructor(segmentId: number, options?: ErrorOptions) {
    super(`segment ${segmentId} is damaged`, options);
  }
}

/**
 * A pack of entries that are copied as they lie elsewhere: nothing is inflated, and memory holds a chunk at a time. Each entry is
 * compared with the checksum in its idx, so that damage is found while the damaged segment is still what counts.
 */
export class PackCopy {
  readonly #sql: SqlExecutor;
  readonly #store: ObjectStore;
  readonly #entries: readonly LiveEntry[];
  readonly #hash = createHash('sha1');
  readonly #crc32s: number[] = [];
  #packSum: Buffer | undefined;
  /** Where each entry lies in the copy. */
  readonly offsets: readonly number[];
  readonly packBytes: number;

  /** @param entries those of one segment next to each other, in pack order. */
  constructor(sql: SqlExecutor, store: ObjectStore, entries: readonly LiveEntry[]) {
    this.#sql = sql;
    this.#store = store;
    this.#entries = entries;
    let offset = PACK_HEADER_BYTES;
    this.offsets = entries.map(({ packedBytes }) => (offset += packedBytes) - packedBytes);
    this.packBytes = offset + PACK_TRAILER_BYTES;
  }

  /** The bytes of the pack, once. @throws {SegmentDamaged} */
  async *bytes(): AsyncGenerator<Buffer> {
    yield this.hashed(encodePackHeader(this.#entries.length));
    for (const run of runsOf(this.#entries)) yield* this.copyRun(run);
    yield (this.#packSum = this.#hash.digest());
  }

  /** What follows from `bytes` when they have been read. */
  finish(): { readonly packSum: Buffer; readonly idx: Buffer } {
    const packSum = this.#packSum;
    if (!packSum) throw new Error('the pack was not read to its end');
    const lines = this.#entries.map(({ oid }, index) => ({
      oid,
      offset: this.offsets[index]!,
      crc32: this.#crc32s[index]!,
    }));
    return { packSum, idx: encodeIdx(lines, packSum) };
  }

  #source: Source | undefined;

  private async *copyRun(run: readonly LiveEntry[]): AsyncGenerator<Buffer> {
    const [first, last] = [run[0]!, run.at(-1)!];
    const source = await this.sourceOf(first.segmentId);
    const reader = new EntryReader(run, source.idx);
    for await (const chunk of await source.read(first.packOffset, last.packOffset + last.packedBytes))
      for (const piece of reader.take(chunk)) yield this.hashed(piece);
    this.#crc32s.push(...reader.finish());
  }

  private hashed(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    return bytes;
  }

  private async sourceOf(segmentId: number): Promise<Source> {
    if (this.#source?.segmentId !== segmentId) this.#source = await this.open(segmentId);
    return this.#source;
  }

  private async open(segmentId: number): Promise<Source> {
    const place = await readSegmentPlace(this.#sql, segmentId);
    if (!place) throw new Error(`segment ${segmentId} went away while it was copied`);
    const { storageKey, pack, idx } = place;
    if (storageKey === null) {
      const inline = (start: number, end: number) => [pack!.subarray(start, end)].values();
      return {
        segmentId,
        idx: openIdx(segmentId, idx!),
        read: async (start, end) => asStream(inline(start, end)),
      };
    }
    const keys = segmentObjectKeys(storageKey);
    return {
      segmentId,
      idx: openIdx(segmentId, await this.#store.read(keys.idx, { start: 0 })),
      read: async (start, end) => (await this.#store.get(keys.pack, { range: { start, end: end - 1 } })).body,
    };
  }
}

/** Cuts a stream into entries and checks them. */
class EntryReader {
  readonly #run: readonly LiveEntry[];
  readonly #idx: IdxView;
  readonly #crc32s: number[] = [];
  #offset: number;
  #crc = 0;

  constructor(run: readonly LiveEntry[], idx: IdxView) {
    this.#run = run;
    this.#idx = idx;
    this.#offset = run[0]!.packOffset;
  }

  /** The parts of the chunk that belong to entries. */
  *take(chunk: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < chunk.length) {
      const entry = this.#run[this.#crc32s.length];
      if (!entry) return;
      if (this.#offset < entry.packOffset) {
        const gap = Math.min(entry.packOffset - this.#offset, chunk.length - at);
        at += gap;
        this.#offset += gap;
        continue;
      }
      const end = entry.packOffset + entry.packedBytes;
      const piece = chunk.subarray(at, at + Math.min(end - this.#offset, chunk.length - at));
      this.#crc = crc32(piece, this.#crc);
      at += piece.length;
      this.#offset += piece.length;
      if (this.#offset === end) this.close(entry);
      yield piece;
    }
  }

  /** Checksums of all entries. @throws {SegmentDamaged} when the stream ended too early. */
  finish(): readonly number[] {
    const missing = this.#run[this.#crc32s.length];
    if (missing) throw new SegmentDamaged(missing.segmentId);
    return this.#crc32s;
  }

  private close({ segmentId, oid }: LiveEntry): void {
    if (this.#idx.crcOf(oidToBytes(oid)) !== this.#crc) throw new SegmentDamaged(segmentId);
    this.#crc32s.push(this.#crc);
    this.#crc = 0;
  }
}

/** Entries that are read as one stream. */
function* runsOf(entries: readonly LiveEntry[]): Generator<readonly LiveEntry[]> {
  let run: LiveEntry[] = [];
  for (const entry of entries) {
    const last = run.at(-1);
    const isNext =
      last?.segmentId === entry.segmentId &&
      entry.packOffset - (last.packOffset + last.packedBytes) <= MAX_GAP_BYTES;
    if (run.length > 0 && !isNext) {
      yield run;
      run = [];
    }
    run.push(entry);
  }
  if (run.length > 0) yield run;
}

function openIdx(segmentId: number, idx: Buffer): IdxView {
  try {
    return new IdxView(idx);
  } catch (error) {
    throw error instanceof CorruptPack ? new SegmentDamaged(segmentId, { cause: error }) : error;
  }
}

async function* asStream(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
}
