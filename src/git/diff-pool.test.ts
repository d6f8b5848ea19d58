import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TurnCount } from '../lib/fixtures/turn-count.ts';
import { DiffPool } from './diff-pool.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('DiffPool', () => {
  const pool = new DiffPool();
  afterAll(() => pool.close());

  it('answers in the order of the pairs, and with null for what is binary', async () => {
    const diffs = await pool.diff([
      { before: bytes('a\n'), after: bytes('b\n') },
      { before: bytes('a\n'), after: bytes('\0') },
      { before: bytes(''), after: bytes('c\n') },
    ]);
    const texts = diffs.map((diff) => diff && Buffer.from(diff.text).toString());
    expect(texts).toEqual(['@@ -1 +1 @@\n-a\n+b\n', null, '@@ -0,0 +1 @@\n+c\n']);
    expect(diffs[0]).toMatchObject({ addedLines: 1, deletedLines: 1 });
  });

  it('gives an answer to hostile pairs, and to those behind them', async () => {
    const hostile = { before: hostileText(7), after: hostileText(11) };
    const [first, , , last] = await pool.diff([
      hostile,
      hostile,
      hostile,
      { before: hostileText(7).slice(0, 6), after: hostileText(7) },
    ]);
    expect(first!.addedLines).toBeGreaterThan(0);
    expect(last).toMatchObject({ deletedLines: 0, addedLines: 299_997 });
  });

  it('lets its caller go on while hostile pairs are compared', async () => {
    const hostile = { before: hostileText(7), after: hostileText(11) };
    const counted = TurnCount.start();
    await pool.diff([hostile]);
    // In one thread, there would be none.
    expect(counted.stop().turns).toBeGreaterThan(20);
  });

  it('is the only way to compare texts: nothing else does it in its own thread', () => {
    const compares = /from 'diff'|import [^;]*\b(?:diffLines|unifiedHunks)\b/;
    const files = globSync('{src,facade,schema}/**/*.ts', { cwd: ROOT }).filter(
      (file) => !file.endsWith('.test.ts') && compares.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(files.toSorted()).toEqual([
      'src/git/diff-worker.ts',
      'src/git/line-diff.ts',
      'src/git/unified-diff.ts',
    ]);
  });
});

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Many lines of few kinds, in an order of its own. */
function hostileText(seed: number): Uint8Array<ArrayBuffer> {
  return bytes(Array.from({ length: 300_000 }, (_, index) => `${((index * seed) % 251) % 3}\n`).join(''));
}
