import { randomInt } from 'node:crypto';
import { OID_BYTES } from '../../git/oid.ts';

/** Slots for each object: with half of them empty, a look-up ends after one or two. */
const SLOTS_PER_OID = 2;
const MAX_START = OID_BYTES - 4;

/**
 * The ids of all objects of a store with a byte for each, in some 30 to 40 bytes of plain memory: JavaScript's own sets would take
 * five times as much. It does not grow.
 */
export class OidTable {
  readonly #oids: Buffer;
  readonly #marks: Uint8Array;
  /** Index of an id plus one; 0 is empty. */
  readonly #slots: Uint32Array;
  readonly #mask: number;
  /** Which bytes of an id choose its slot. Not known beforehand, so that nobody can make ids that meet. */
  readonly #start = randomInt(MAX_START + 1);
  #length = 0;

  constructor(capacity: number) {
    this.#oids = Buffer.allocUnsafe(capacity * OID_BYTES);
    this.#marks = new Uint8Array(capacity);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 1) * SLOTS_PER_OID));
    this.#slots = new Uint32Array(slots);
    this.#mask = slots - 1;
  }

  get length(): number {
    return this.#length;
  }

  /** Adds the id at this place of `bytes`, which is not in the table yet. */
  add(bytes: Buffer, at: number, mark: number): void {
    const index = this.#length++;
    bytes.copy(this.#oids, index * OID_BYTES, at, at + OID_BYTES);
    this.#marks[index] = mark;
    let slot = this.firstSlot(bytes, at);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = index + 1;
  }

  /** Index of the id at this place of `bytes`, or -1. */
  indexOf(bytes: Buffer, at: number): number {
    let slot = this.firstSlot(bytes, at);
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      const from = (found - 1) * OID_BYTES;
      if (this.#oids.compare(bytes, at, at + OID_BYTES, from, from + OID_BYTES) === 0) return found - 1;
      slot = (slot + 1) & this.#mask;
    }
    return -1;
  }

  /** The 20 bytes of an id; a view that must not be written to. */
  oidAt(index: number): Buffer {
    return this.#oids.subarray(index * OID_BYTES, (index + 1) * OID_BYTES);
  }

  markOf(index: number): number {
    return this.#marks[index]!;
  }

  setMark(index: number, mark: number): void {
    this.#marks[index] = mark;
  }

  private firstSlot(bytes: Buffer, at: number): number {
    return bytes.readUInt32LE(at + this.#start) & this.#mask;
  }
}
