import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

test('joins the look-ups of one turn and keeps their order', async () => {
  const calls: number[][] = [];
  const batcher = new Batcher<number, number>(async (keys) => {
    calls.push([...keys]);
    return keys.map((key) => key * 10);
  });
  await expect(Promise.all([batcher.load(1), batcher.load(2), batcher.load(1)])).resolves.toEqual([
    10, 20, 10,
  ]);
  expect(calls).toEqual([[1, 2, 1]]);
  await expect(batcher.load(3)).resolves.toBe(30);
  expect(calls).toHaveLength(2);
});

test('splits batches over the limit and fails only the batch that failed', async () => {
  const batcher = new Batcher<number, number>(async (keys) => {
    if (keys.includes(3)) throw new Error('no');
    return keys;
  }, 2);
  const results = await Promise.allSettled([1, 2, 3, 4].map((key) => batcher.load(key)));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
});
