import { createHash } from 'node:crypto';
import { OID_BYTES } from './oid.ts';

const MAGIC = 0xff744f63;
const VERSION = 2;
const FANOUT_AT = 8;
const OIDS_AT = FANOUT_AT + 256 * 4;
const SUMS_BYTES = 40;
const LARGE_OFFSET = 0x8000_0000;

/** Lines of an idx, in flat memory: 32 bytes for each object, however many there are. */
export class IdxTable {
  readonly #ids: Buffer;
  readonly #offsets: Float64Array;
  readonly #crcs: Uint32Array;
  #count = 0;

  /** @param capacity how many objects there will be at most. */
  constructor(capacity: number) {
    this.#ids = Buffer.alloc(capacity * OID_BYTES);
    this.#offsets = new Float64Array(capacity);
    this.#crcs = new Uint32Array(capacity);
  }

  get count(): number {
    return this.#count;
  }

  /** @param id of 20 bytes. @param crc32 of the packed bytes. */
  add(id: Buffer, offset: number, crc32: number): void {
    if (this.#count === this.#offsets.length) throw new RangeError('the idx has no room for more objects');
    id.copy(this.#ids, this.#count * OID_BYTES);
    this.#offsets[this.#count] = offset;
    this.#crcs[this.#count] = crc32;
    this.#count++;
  }

  /** The idx of version 2 (gitformat-pack), byte for byte as `git index-pack` writes it. */
  encode(packSum: Uint8Array): Buffer {
    const count = this.#count;
    const order = this.order();
    const crcsAt = OIDS_AT + count * OID_BYTES;
    const offsetsAt = crcsAt + count * 4;
    const large = order.filter((line) => this.#offsets[line]! >= LARGE_OFFSET);
    const idx = Buffer.allocUnsafeSlow(offsetsAt + count * 4 + large.length * 8 + SUMS_BYTES);
    idx.writeUInt32BE(MAGIC, 0);
    idx.writeUInt32BE(VERSION, 4);
    this.writeFanout(idx);
    let largeCount = 0;
    for (const [i, line] of order.entries()) {
      const offset = this.#offsets[line]!;
      this.#ids.copy(idx, OIDS_AT + i * OID_BYTES, line * OID_BYTES, (line + 1) * OID_BYTES);
      idx.writeUInt32BE(this.#crcs[line]!, crcsAt + i * 4);
      idx.writeUInt32BE(offset < LARGE_OFFSET ? offset : LARGE_OFFSET + largeCount++, offsetsAt + i * 4);
    }
    for (const [i, line] of large.entries())
      idx.writeBigUInt64BE(BigInt(this.#offsets[line]!), offsetsAt + count * 4 + i * 8);
    idx.set(packSum, idx.length - SUMS_BYTES);
    const sumAt = idx.length - OID_BYTES;
    idx.set(createHash('sha1').update(idx.subarray(0, sumAt)).digest(), sumAt);
    return idx;
  }

  /** Lines by their ids. Their first bytes almost always decide, and numbers are compared faster. */
  private order(): Uint32Array {
    const ids = this.#ids;
    const lines = Uint32Array.from({ length: this.#count }, (_, line) => line);
    const firsts = lines.map((line) => ids.readUInt32BE(begin(line)));
    return lines.sort(
      (a, b) =>
        firsts[a]! - firsts[b]! ||
        ids.compare(ids, begin(b), begin(b) + OID_BYTES, begin(a), begin(a) + OID_BYTES),
    );
  }

  private writeFanout(idx: Buffer): void {
    const counts = new Uint32Array(256);
    for (let line = 0; line < this.#count; line++) counts[this.#ids[line * OID_BYTES]!]! += 1;
    let total = 0;
    for (const [first, count] of counts.entries()) {
      total += count;
      idx.writeUInt32BE(total, FANOUT_AT + first * 4);
    }
  }
}

/** Where the id of a line begins. */
function begin(line: number): number {
  return line * OID_BYTES;
}
