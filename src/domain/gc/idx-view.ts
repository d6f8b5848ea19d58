import { OID_BYTES } from '../../git/oid.ts';
import { CorruptPack } from '../../git/pack-index.ts';

const MAGIC = 0xff744f63;
const VERSION = 2;
const FANOUT_AT = 8;
const OIDS_AT = FANOUT_AT + 256 * 4;
const CRC_BYTES = 4;

/** Looks checksums of single entries up in an idx (version 2, gitformat-pack), without making values of all of it. */
export class IdxView {
  readonly #idx: Buffer;
  readonly #count: number;

  /** @throws {CorruptPack} */
  constructor(idx: Buffer) {
    if (idx.length < OIDS_AT || idx.readUInt32BE(0) !== MAGIC || idx.readUInt32BE(4) !== VERSION)
      throw new CorruptPack('not a version 2 pack index');
    this.#idx = idx;
    this.#count = idx.readUInt32BE(OIDS_AT - 4);
    if (idx.length < OIDS_AT + this.#count * (OID_BYTES + CRC_BYTES))
      throw new CorruptPack('the pack index is cut off');
  }

  /** CRC-32 of the packed bytes of an object, or undefined when the pack does not hold it. */
  crcOf(oid: Buffer): number | undefined {
    const first = oid[0]!;
    let low = first === 0 ? 0 : this.#idx.readUInt32BE(FANOUT_AT + (first - 1) * 4);
    let high = Math.min(this.#idx.readUInt32BE(FANOUT_AT + first * 4), this.#count);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = OIDS_AT + middle * OID_BYTES;
      const order = this.#idx.compare(oid, 0, OID_BYTES, at, at + OID_BYTES);
      if (order === 0) return this.#idx.readUInt32BE(OIDS_AT + this.#count * OID_BYTES + middle * CRC_BYTES);
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return undefined;
  }
}
