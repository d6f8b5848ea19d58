/** A small generator of numbers (mulberry32) that a seed repeats exactly. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A whole number from 0 to before `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.allocUnsafe(count);
    for (let i = 0; i < count; i++) bytes[i] = this.below(256);
    return bytes;
  }
}

/** Numbers at which parsers go wrong. */
const NUMBERS = [
  0, 1, 2, 7, 8, 15, 16, 31, 32, 47, 48, 127, 128, 255, 256, 8192, 8193, 65_535, 65_536, 131_072,
];
const LARGE_NUMBERS = [131_073, 262_144, 0x7fff_ffff, 0x8000_0000, 0xc000_0000, 0xffff_fffe, 0xffff_ffff];
const MAX_CHANGES = 6;
const MAX_RANDOM_BYTES = 400;
const MAX_PIECE_BYTES = 64;

type Change = (bytes: Buffer, random: Random, seeds: readonly Buffer[]) => Buffer;

const CHANGES: readonly Change[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  setNumber,
  setNumber,
  truncate,
  removePiece,
  repeatPiece,
  insertBytes,
  splice,
];

/** One of the seeds with some changes, and sometimes only random bytes. */
export function mutated(seeds: readonly Buffer[], random: Random): Buffer {
  if (random.below(16) === 0) return random.bytes(random.below(MAX_RANDOM_BYTES));
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  for (let left = random.below(MAX_CHANGES + 1); left > 0; left--) {
    bytes = random.pick(CHANGES)(bytes, random, seeds);
  }
  return bytes;
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  if (bytes.length > 0) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
  return bytes;
}

function setByte(bytes: Buffer, random: Random): Buffer {
  const value =
    random.below(2) === 0 ? random.below(256) : random.pick([0, 1, 15, 16, 0x7f, 0x80, 0xf0, 0xff]);
  if (bytes.length > 0) bytes[random.below(bytes.length)] = value;
  return bytes;
}

function setNumber(bytes: Buffer, random: Random): Buffer {
  const width = random.pick([2, 3, 4] as const);
  if (bytes.length < width) return bytes;
  const value = random.pick([...NUMBERS, ...LARGE_NUMBERS, bytes.length]) % 2 ** (8 * width);
  bytes.writeUIntLE(value, random.below(bytes.length - width + 1), width);
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function removePiece(bytes: Buffer, random: Random): Buffer {
  const { start, end } = piece(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function repeatPiece(bytes: Buffer, random: Random): Buffer {
  const { start, end } = piece(bytes, random);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
}

function insertBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), random.bytes(random.below(20)), bytes.subarray(at)]);
}

function splice(bytes: Buffer, random: Random, seeds: readonly Buffer[]): Buffer {
  const other = random.pick(seeds);
  return Buffer.concat([
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  ]);
}

function piece(bytes: Buffer, random: Random): { start: number; end: number } {
  const start = random.below(bytes.length + 1);
  return { start, end: Math.min(bytes.length, start + random.below(MAX_PIECE_BYTES)) };
}
