import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { IdleHeap } from './idle-heap.ts';

test('gives back the memory that V8 keeps for new objects', () => {
  const garbage = Array.from({ length: 200_000 }, (_, index) => ({ text: `object ${index}` }));
  const before = youngGenerationBytes();
  garbage.length = 0;

  const heap = new IdleHeap();

  expect(youngGenerationBytes()).toBeLessThan(before / 2);
  heap.stop();
});

function youngGenerationBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.physical_space_size;
}
