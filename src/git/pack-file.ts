import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { crc32, inflateSync } from 'node:zlib';
import { applyDelta, readDeltaSizes } from './delta.ts';
import { type ObjectType, objectTypeOfCode } from './object.ts';
import { type Oid, OID_BYTES } from './oid.ts';
import { decodeEntryHeader, mostDeflated } from './pack-entry.ts';
import { CorruptPack, PackPlaces } from './pack-index.ts';

/** A pack that Git finds right may still cost more than anybody should pay for it. */
export class PackTooHard extends Error {
  override readonly name = 'PackTooHard';
  readonly costs: 'memory' | 'time';

  constructor(costs: 'memory' | 'time') {
    super(`unpacking takes too much ${costs}`);
    this.costs = costs;
  }
}

export interface UnpackLimits {
  /** An object that is unpacked in one piece: of itself, of its base, and of a delta. */
  readonly objectBytes: number;
  /** Bytes of bases that are kept for the next delta. */
  readonly cacheBytes: number;
  /** Bytes that may be unpacked in all to make bases. */
  readonly workBytes: number;
}

/** One entry of a pack with its head read. */
export interface PackEntry {
  readonly offset: number;
  /** Null for a delta. */
  readonly type: ObjectType | null;
  /** Where its base begins; null when it is whole. */
  readonly baseAt: number | null;
  /** Inflated, of the object or of the delta. */
  readonly sizeBytes: number;
  /** Where its deflated bytes begin, and how many they are. */
  readonly bodyAt: number;
  readonly bodyBytes: number;
}

export interface Unpacked {
  readonly type: ObjectType;
  readonly bytes: Buffer;
}

/** An object that was not unpacked. */
interface Described {
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** Or else its entry is a delta. */
  readonly isWhole: boolean;
}

const OFS_DELTA = 6;
const REF_DELTA = 7;
const WINDOW_BYTES = 256 * 1024;
/** A head of ten bytes and the id of a base. */
const MAX_HEAD_BYTES = 10 + OID_BYTES;
/** So much each object costs at least. */
const STEP_BYTES = 256;
const MIN_CHUNK_BYTES = 64;

/**
 * Reads a pack with its idx, as `git index-pack --fix-thin` leaves them, by ranges and synchronously: for a thread of its own, or for a
 * few small objects. It trusts neither for memory or time. Entries are best asked for in the order of their offsets.
 */
export class PackFile implements Disposable {
  readonly places: PackPlaces;
  readonly #fd: number;
  readonly #limits: UnpackLimits;
  readonly #endAt: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;
  /** By offset; the one that was used last is the last one. */
  readonly #bases = new Map<number, Unpacked>();
  #basesBytes = 0;
  /** Of deltas, by offset. */
  readonly #types = new Map<number, ObjectType>();
  #workBytes = 0;

  /** @throws {CorruptPack} when the idx is none. */
  constructor(paths: { readonly packPath: string; readonly idxPath: string }, limits: UnpackLimits) {
    this.#limits = limits;
    this.#fd = openSync(paths.packPath, 'r');
    try {
      const { size } = fstatSync(this.#fd);
      this.#endAt = size;
      this.places = new PackPlaces(readFileSync(paths.idxPath), size);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** @throws {CorruptPack} when no entry begins there. @throws {PackTooHard} when it is much longer than what it holds. */
  entryAt(offset: number): PackEntry {
    const packedBytes = this.places.packedBytesAt(offset);
    const head = this.read(offset, Math.min(packedBytes, MAX_HEAD_BYTES));
    const header = decodeEntryHeader(head);
    if (!header) throw new CorruptPack(`the entry at ${offset} has no complete head`);
    const { typeCode, sizeBytes, headerBytes } = header;
    const base = this.baseOf(typeCode, offset, head.subarray(headerBytes));
    const skip = headerBytes + (base?.bytes ?? 0);
    const type = objectTypeOfCode(typeCode) ?? null;
    if (!type && !base) throw new CorruptPack(`the entry at ${offset} has the unknown type ${typeCode}`);
    const bodyBytes = packedBytes - skip;
    if (bodyBytes <= 0) throw new CorruptPack(`the entry at ${offset} is cut off`);
    if (bodyBytes > mostDeflated(sizeBytes)) throw new PackTooHard('memory');
    return { offset, type, baseAt: base?.at ?? null, sizeBytes, bodyAt: offset + skip, bodyBytes };
  }

  /** Whether the bytes of an entry are those of which the idx has the checksum. @param oid of its object. */
  isIntact({ offset, bodyAt, bodyBytes }: PackEntry, oid: Oid): boolean {
    let crc = 0;
    for (const piece of this.pieces(offset, bodyAt + bodyBytes)) crc = crc32(piece, crc);
    return crc === this.places.crcOf(oid);
  }

  /** The deflated bytes of an entry, as they are. */
  bodyPieces({ bodyAt, bodyBytes }: PackEntry): Iterable<Buffer> {
    return this.pieces(bodyAt, bodyAt + bodyBytes);
  }

  /** What an entry holds: an object or a delta. @throws {CorruptPack} @throws {PackTooHard} */
  inflate(entry: PackEntry): Buffer {
    const { sizeBytes } = entry;
    if (sizeBytes > this.#limits.objectBytes) throw new PackTooHard('memory');
    const result = inflated(this.read(entry.bodyAt, entry.bodyBytes), sizeBytes);
    if (result.buffer.length !== sizeBytes || result.engine.bytesWritten !== entry.bodyBytes)
      throw new CorruptPack(`the entry at ${entry.offset} is not as long as it announces`);
    return result.buffer;
  }

  /** The object that an entry stands for. @throws {CorruptPack} @throws {PackTooHard} */
  unpack(entry: PackEntry): Unpacked {
    if (entry.baseAt === null) return { type: entry.type!, bytes: this.inflate(entry) };
    const delta = this.inflate(entry);
    if (readDeltaSizes(delta).resultBytes > this.#limits.objectBytes) throw new PackTooHard('memory');
    const base = this.baseAt(entry.baseAt);
    return { type: base.type, bytes: applyDelta(base.bytes, delta) };
  }

  /** What the entry stands for, without unpacking it. @throws {CorruptPack} @throws {PackTooHard} */
  describe(offset: number): Described {
    const entry = this.entryAt(offset);
    if (entry.type) return { type: entry.type, sizeBytes: entry.sizeBytes, isWhole: true };
    this.charge(entry.sizeBytes);
    const { resultBytes: sizeBytes } = readDeltaSizes(this.inflate(entry));
    return { type: this.typeOf(entry), sizeBytes, isWhole: false };
  }

  /** A delta makes what its base is. */
  private typeOf(wanted: PackEntry): ObjectType {
    const passed: number[] = [];
    let entry = wanted;
    let type = entry.type;
    while (!type) {
      if (passed.length > this.places.objectCount) throw new CorruptPack('a delta builds on itself');
      this.charge(STEP_BYTES);
      passed.push(entry.offset);
      type = this.#types.get(entry.baseAt!) ?? null;
      if (type) break;
      entry = this.entryAt(entry.baseAt!);
      type = entry.type;
    }
    for (const offset of passed) this.#types.set(offset, type);
    return type;
  }

  /** From the nearest base that is at hand, or is whole, one delta after the other. */
  private baseAt(wantedAt: number): Unpacked {
    const chain: PackEntry[] = [];
    let at = wantedAt;
    let base = this.cached(at);
    while (!base) {
      const entry = this.entryAt(at);
      if (chain.length > this.places.objectCount) throw new CorruptPack('a delta builds on itself');
      this.charge(STEP_BYTES);
      if (entry.baseAt === null) base = this.kept(at, this.unpack(entry));
      else {
        chain.push(entry);
        at = entry.baseAt;
        base = this.cached(at);
      }
    }
    for (const entry of chain.toReversed()) {
      const delta = this.inflate(entry);
      if (readDeltaSizes(delta).resultBytes > this.#limits.objectBytes) throw new PackTooHard('memory');
      base = this.kept(entry.offset, { type: base.type, bytes: applyDelta(base.bytes, delta) });
    }
    return base;
  }

  private cached(at: number): Unpacked | undefined {
    const base = this.#bases.get(at);
    if (!base) return undefined;
    this.#bases.delete(at);
    this.#bases.set(at, base);
    return base;
  }

  private kept(at: number, base: Unpacked): Unpacked {
    this.charge(base.bytes.length);
    this.#bases.set(at, base);
    this.#basesBytes += base.bytes.length + STEP_BYTES;
    for (const [oldest, { bytes }] of this.#bases) {
      if (this.#basesBytes <= this.#limits.cacheBytes) break;
      this.#bases.delete(oldest);
      this.#basesBytes -= bytes.length + STEP_BYTES;
    }
    return base;
  }

  /** What is made once more because it was not kept counts again. */
  private charge(bytes: number): void {
    this.#workBytes += bytes;
    if (this.#workBytes > this.#limits.workBytes) throw new PackTooHard('time');
  }

  private baseOf(typeCode: number, offset: number, rest: Buffer): { at: number; bytes: number } | null {
    if (typeCode === OFS_DELTA) return distanceBefore(offset, rest);
    if (typeCode !== REF_DELTA) return null;
    const at = rest.length < OID_BYTES ? undefined : this.places.offsetOf(rest.subarray(0, OID_BYTES));
    if (at === undefined) throw new CorruptPack(`the base of the entry at ${offset} is not in the pack`);
    return { at, bytes: OID_BYTES };
  }

  private *pieces(start: number, end: number): Generator<Buffer> {
    for (let at = start; at < end; at += WINDOW_BYTES) yield this.read(at, Math.min(WINDOW_BYTES, end - at));
  }

  private read(offset: number, length: number): Buffer {
    const from = offset - this.#windowAt;
    if (from >= 0 && from + length <= this.#window.length) return this.#window.subarray(from, from + length);
    const wanted = Math.min(Math.max(length, WINDOW_BYTES), this.#endAt - offset);
    if (length > wanted) throw new CorruptPack('the pack is cut off');
    // Never the same buffer again: others hold parts of it.
    const window = Buffer.allocUnsafeSlow(wanted);
    for (let done = 0; done < wanted;) {
      const count = readSync(this.#fd, window, done, wanted - done, offset + done);
      if (count === 0) throw new CorruptPack('the pack is cut off');
      done += count;
    }
    this.#window = window;
    this.#windowAt = offset;
    return window.subarray(0, length);
  }
}

/** How far before a delta its base begins: 7 bits in each byte, highest first, and one more for each byte that follows. */
function distanceBefore(offset: number, rest: Buffer): { at: number; bytes: number } {
  let distance = -1;
  for (const [i, byte] of rest.entries()) {
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (distance > offset) break;
    if ((byte & 0x80) === 0) return { at: offset - distance, bytes: i + 1 };
  }
  throw new CorruptPack(`the entry at ${offset} has no base in the pack`);
}

/** With `info`, Node answers the output and the engine, which knows how much input it used. Node's types leave this out. */
interface Inflated {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function inflated(body: Buffer, sizeBytes: number): Inflated {
  const chunkSize = Math.max(sizeBytes, MIN_CHUNK_BYTES);
  try {
    const result: unknown = inflateSync(body, {
      info: true,
      chunkSize,
      maxOutputLength: Math.max(sizeBytes, 1),
    });
    return result as Inflated;
  } catch (error) {
    throw new CorruptPack('the pack entry does not inflate', { cause: error });
  }
}
