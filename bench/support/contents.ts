import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Kinds of content that large files have. None repeats itself, so that chunks are found nowhere else. */
export const CONTENTS = {
  incompressible: fillRandom,
  'float32 weights': fillWeights,
  text: fillText,
} as const;
export type Content = keyof typeof CONTENTS;

const BLOCK_BYTES = 4 * 2 ** 20;

/** Writes `sizeBytes` of a content. */
export async function writeContent(path: string, content: Content, sizeBytes: number): Promise<void> {
  const block = Buffer.alloc(BLOCK_BYTES);
  await using file = await open(path, 'w');
  for (let written = 0; written < sizeBytes; written += BLOCK_BYTES) {
    CONTENTS[content](block);
    await file.write(block.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - written)));
  }
  await file.sync();
}

function fillRandom(block: Buffer): void {
  randomFillSync(block);
}

/** Weights of a trained layer: around zero, few of them large. Signs and mantissas do not compress, exponents do. */
function fillWeights(block: Buffer): void {
  const weights = new Float32Array(block.buffer, block.byteOffset, block.length / 4);
  for (let i = 0; i < weights.length; i += 2) {
    const radius = 0.02 * Math.sqrt(-2 * Math.log(1 - Math.random()));
    const angle = 2 * Math.PI * Math.random();
    weights[i] = radius * Math.cos(angle);
    weights[i + 1] = radius * Math.sin(angle);
  }
}

const SYLLABLES = ['ka', 'lo', 'mi', 'ne', 'ru', 'sa', 'ti', 'vo', 'we', 'xi', 'yu', 'zo'];
/** The digits of a number as syllables: frequent words are short. */
const WORDS = Array.from({ length: 5000 }, (_, i) => wordOf(i));

function wordOf(number: number): string {
  const rest = Math.floor(number / SYLLABLES.length);
  return (rest > 0 ? wordOf(rest) : '') + SYLLABLES[number % SYLLABLES.length]!;
}

/** Words with the frequencies of a language: the n-th is n times rarer than the first. */
function fillText(block: Buffer): void {
  let offset = 0;
  while (offset < block.length) {
    const line: string[] = [];
    for (let i = 0; i < 200; i++) line.push(WORDS[Math.floor(WORDS.length ** Math.random()) - 1] ?? 'ka');
    offset += block.write(`${line.join(' ')}\n`, offset, 'latin1');
  }
}
