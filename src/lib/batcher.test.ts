import { expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

/** Answers when the test says so. */
function heldBatcher(maxBatch = 200) {
  const calls: { readonly keys: readonly number[]; readonly answer: () => void }[] = [];
  const batcher = new Batcher<number, number>({
    idOf: (key) => key,
    maxBatch,
    loadMany: async (keys) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      calls.push({ keys, answer: resolve });
      await promise;
      return keys.map((key) => key * 10);
    },
  });
  const started = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return calls.map(({ keys }) => keys);
  };
  return { batcher, calls, started };
}

test('joins the look-ups of one turn, and asks once for what several want', async () => {
  const calls: number[][] = [];
  const batcher = new Batcher<{ id: number }, number>({
    idOf: ({ id }) => id,
    loadMany: async (keys) => {
      calls.push(keys.map(({ id }) => id));
      return keys.map(({ id }) => id * 10);
    },
  });
  const asked = [1, 2, 1].map((id) => batcher.load({ id }));
  await expect(Promise.all(asked)).resolves.toEqual([10, 20, 10]);
  expect(calls).toEqual([[1, 2]]);
  await expect(batcher.load({ id: 1 })).resolves.toBe(10);
  expect(calls).toEqual([[1, 2], [1]]);
});

test('splits batches over the limit and fails only the batch that failed', async () => {
  const batcher = new Batcher<number, number>({
    idOf: (key) => key,
    maxBatch: 2,
    loadMany: async (keys) => {
      if (keys.includes(3)) throw new Error('no');
      return keys;
    },
  });
  const results = await Promise.allSettled([1, 2, 3, 4, 3].map((key) => batcher.load(key)));
  expect(results.map((result) => result.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
    'rejected',
  ]);
  await expect(batcher.load(5)).resolves.toBe(5);
});

test('gathers look-ups while two calls are under way, and never answers with what was read before they were asked for', async () => {
  const { batcher, calls, started } = heldBatcher();
  const answers: Promise<number>[] = [];
  for (const key of [1, 2, 3, 1]) {
    answers.push(batcher.load(key));
    await started();
  }
  expect(await started()).toEqual([[1], [2]]);
  calls[1]!.answer();
  await answers[1];
  expect(await started()).toEqual([[1], [2], [3, 1]]);
  for (const { answer } of calls) answer();
  await expect(Promise.all(answers)).resolves.toEqual([10, 20, 30, 10]);
});

test('goes on after batches over the limit', async () => {
  const { batcher, calls, started } = heldBatcher(1);
  const answers = [1, 2, 3].map((key) => batcher.load(key));
  expect(await started()).toEqual([[1], [2], [3]]);
  answers.push(batcher.load(4));
  calls[0]!.answer();
  await answers[0];
  expect(await started()).toHaveLength(3);
  calls[1]!.answer();
  await answers[1];
  expect(await started()).toEqual([[1], [2], [3], [4]]);
  for (const { answer } of calls) answer();
  await expect(Promise.all(answers)).resolves.toEqual([10, 20, 30, 40]);
});
