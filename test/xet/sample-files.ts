import { createCipheriv, createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

import { GEAR_TABLE, Hasher } from 'gearhash-jit';

import { MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from '../../src/xet/chunker.ts';

/** A file that is made the same way each time. `bytes` is called when it is needed: all of them together are large. */
export interface SampleFile {
  readonly name: string;
  readonly bytes: () => Buffer;
}

type Maker = (sizeBytes: number) => Buffer;

const MB = 1_000_000;
const USUAL_CHUNK_BYTES = 64 * 1024;
const WORDS = 'the of a model weights tensor layer { } " : , value license data 0.125 and settings \n'.split(
  ' ',
);

/** The 20 bytes that match right after a reset of the rolling hash, where a careless chunker cuts too early. */
const EAGER_BYTES = GEAR_TABLE.flatMap((entry, byte) => (entry >> 48n === 0n ? [byte] : []));

/** Bytes without a pattern, the same for the same seed. */
export function randomBytes(sizeBytes: number, seed: string): Buffer {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

const zeros: Maker = (sizeBytes) => Buffer.alloc(sizeBytes);
const ones: Maker = (sizeBytes) => Buffer.alloc(sizeBytes, 1);
const random: Maker = (sizeBytes) => randomBytes(sizeBytes, `random ${sizeBytes}`);
const compressed: Maker = (sizeBytes) =>
  deflateSync(text(sizeBytes * 8), { level: 1 }).subarray(0, sizeBytes);

function text(sizeBytes: number): Buffer {
  const out = Buffer.alloc(sizeBytes);
  const choices = randomBytes(sizeBytes, 'text');
  for (let at = 0, i = 0; at < sizeBytes; i++) at += out.write(`${WORDS[choices[i]! % WORDS.length]!} `, at);
  return out;
}

/** Small float32 numbers around zero, as in a model. */
function weights(sizeBytes: number): Buffer {
  const noise = randomBytes(sizeBytes + 4, 'weights');
  const out = Buffer.alloc(sizeBytes + 4);
  for (let at = 0; at < sizeBytes; at += 4) out.writeFloatLE((noise.readInt32LE(at) / 2 ** 31) * 0.02, at);
  return out.subarray(0, sizeBytes);
}

function eager(sizeBytes: number): Buffer {
  const choices = randomBytes(sizeBytes, 'eager');
  return Buffer.from(choices.map((choice) => EAGER_BYTES[choice % EAGER_BYTES.length]!));
}

/** The same block again and again. */
function repeated(blockBytes: number): Maker {
  return (sizeBytes) => Buffer.alloc(sizeBytes, randomBytes(blockBytes, `block ${blockBytes}`));
}

/** Random bytes with zeros before and after, whose cuts so fall into any place relative to the limits. */
function island(startBytes: number): Maker {
  return (sizeBytes) => {
    const out = Buffer.alloc(sizeBytes);
    random(Math.floor(sizeBytes / 3)).copy(out, startBytes);
    return out;
  };
}

/** 64 random bytes after which a chunk ends, if the limits allow it there. */
function cutBytes(): Buffer {
  const bytes = randomBytes(0.5 * MB, 'cut');
  const match = new Hasher(0xffff_0000_0000_0000n).nextMatch(bytes);
  if (match < 64) throw new Error('these random bytes have no usable cut');
  return bytes.subarray(match - 64, match);
}

/** Zeros with one place to cut, `cutAt` bytes from their start. */
function zerosWithCut(cutAt: number): Maker {
  return (sizeBytes) => {
    const out = Buffer.alloc(sizeBytes);
    cutBytes().copy(out, cutAt - 64);
    return out;
  };
}

function samples(kind: string, make: Maker, sizes: readonly number[]): SampleFile[] {
  return sizes.map((sizeBytes) => ({
    name: `${kind} of ${sizeBytes} bytes`,
    bytes: () => make(sizeBytes),
  }));
}

const AROUND = [-65, -64, -63, -2, -1, 0, 1, 2, 63, 64, 65];
const LIMITS = [MIN_CHUNK_BYTES, USUAL_CHUNK_BYTES, MAX_CHUNK_BYTES];
const AROUND_LIMITS = LIMITS.flatMap((limit) => AROUND.map((delta) => limit + delta));
const TINY = [0, 1, 2, 3, 5, 63, 64, 65, 100, 1023, 4096];
/** As many chunks of the greatest length: every shape of the tail of a Merkle tree. */
const WHOLE_CHUNKS = Array.from({ length: 30 }, (_, i) => (i + 2) * MAX_CHUNK_BYTES);

/** Small files of every kind, then fewer large ones. */
export const SAMPLE_FILES: readonly SampleFile[] = [
  ...samples('random', random, [...TINY, ...AROUND_LIMITS, 0.3 * MB, 1.1 * MB, 3.3 * MB, 12 * MB, 200 * MB]),
  ...samples('text', text, [...TINY, ...AROUND_LIMITS, 0.3 * MB, 1.1 * MB, 3.3 * MB, 8 * MB]),
  ...samples('zeros', zeros, [...AROUND_LIMITS, ...WHOLE_CHUNKS, 70 * MB]),
  ...samples('ones', ones, WHOLE_CHUNKS),
  ...samples('weights', weights, [8192, 0.3 * MB, 1.1 * MB, 3.3 * MB, 40 * MB]),
  ...samples('compressed', compressed, [8192, 0.1 * MB, 0.3 * MB, 1.1 * MB]),
  ...samples('bytes that match early', eager, [8191, 8192, 8193, 20_000, 0.3 * MB, 1.1 * MB]),
  ...[1, 2, 3, 63, 64, 65, 100, 8128, 8192, 65_536, 70_000, 131_072, 200_000].flatMap((blockBytes) =>
    samples(`repeated ${blockBytes}`, repeated(blockBytes), [0.2 * MB, 2.2 * MB]),
  ),
  ...[MIN_CHUNK_BYTES, MAX_CHUNK_BYTES]
    .flatMap((limit) => [-64, -2, -1, 0, 1, 2, 64].map((delta) => limit + delta))
    .flatMap((cutAt) => samples(`cut at ${cutAt}`, zerosWithCut(cutAt), [0.2 * MB])),
  ...[1, 8000, 8127, 8128, 8191, 100_000].flatMap((startBytes) =>
    samples(`island at ${startBytes}`, island(startBytes), [0.5 * MB]),
  ),
];

/** One file of each kind for a closer look; the first has more chunks than one xorb holds bytes for. */
export const SAMPLES_WITH_CHUNKS: readonly SampleFile[] = [
  ...samples('random', random, [70 * MB, 3.3 * MB, 8193]),
  ...samples('text', text, [3.3 * MB]),
  ...samples('zeros', zeros, [1.5 * MB]),
  ...samples('weights', weights, [3.3 * MB]),
  ...samples('compressed', compressed, [1.1 * MB]),
  ...samples('bytes that match early', eager, [1.1 * MB]),
  ...samples('repeated 200000', repeated(200_000), [2.2 * MB]),
  ...samples('island at 8128', island(8128), [0.5 * MB]),
];
