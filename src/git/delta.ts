import { CorruptPack } from './pack-index.ts';

/** What a delta says of itself: bytes of what it builds on, and of what comes out. */
export interface DeltaSizes {
  readonly baseBytes: number;
  readonly resultBytes: number;
  /** Where its instructions begin. */
  readonly at: number;
}

const COPY = 0x80;
const MAX_SIZE_BITS = 49;
/** A copy of 0 bytes means so many. */
const DEFAULT_COPY_BYTES = 0x10000;

/** Reads the head of an inflated delta (gitformat-pack, "Deltified representation"). @throws {CorruptPack} */
export function readDeltaSizes(delta: Buffer): DeltaSizes {
  const base = readSize(delta, 0);
  const result = readSize(delta, base.at);
  return { baseBytes: base.value, resultBytes: result.value, at: result.at };
}

/**
 * What a delta makes of its base. Never reads or writes outside of either.
 * @throws {CorruptPack} when it was made for another base, or does not make what it announces.
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const { baseBytes, resultBytes, at: begin } = readDeltaSizes(delta);
  if (baseBytes !== base.length) throw new CorruptPack('a delta was made for another base');
  const result = Buffer.allocUnsafeSlow(resultBytes);
  let to = 0;
  for (let at = begin; at < delta.length;) {
    const op = delta[at++]!;
    const isCopy = (op & COPY) !== 0;
    if (op === 0) throw new CorruptPack('a delta has an unknown instruction');
    const from = isCopy ? readNumber(delta, at, op & 0x0f) : at;
    if (isCopy) at += bitCount(op & 0x0f);
    const announced = isCopy ? readNumber(delta, at, (op >> 4) & 0x07) : op;
    const length = announced === 0 ? DEFAULT_COPY_BYTES : announced;
    const source = isCopy ? base : delta;
    if (from + length > source.length || to + length > resultBytes)
      throw new CorruptPack('a delta leads outside of its base or its result');
    source.copy(result, to, from, from + length);
    to += length;
    at += isCopy ? bitCount((op >> 4) & 0x07) : length;
  }
  if (to !== resultBytes) throw new CorruptPack('a delta makes less than it announces');
  return result;
}

/** Little-endian, of the bytes whose bits are set; the others are 0 and left out. @throws {CorruptPack} */
function readNumber(delta: Buffer, at: number, present: number): number {
  let value = 0;
  let next = at;
  for (let bit = 0, factor = 1; bit < 4; bit++, factor *= 256) {
    if ((present & (1 << bit)) === 0) continue;
    const byte = delta[next++];
    if (byte === undefined) throw new CorruptPack('a delta is cut off');
    value += byte * factor;
  }
  return value;
}

function bitCount(bits: number): number {
  return (bits & 1) + ((bits >> 1) & 1) + ((bits >> 2) & 1) + ((bits >> 3) & 1);
}

function readSize(delta: Buffer, begin: number): { value: number; at: number } {
  let value = 0;
  let at = begin;
  for (let bits = 0; bits < MAX_SIZE_BITS; bits += 7) {
    const byte = delta[at++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** bits;
    if ((byte & 0x80) === 0) return { value, at };
  }
  throw new CorruptPack('a delta has no complete head');
}
