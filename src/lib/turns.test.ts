import { expect, it } from 'vitest';
import { TurnCount } from './fixtures/turn-count.ts';
import { Turns } from './turns.ts';

it('pauses when a piece of work is too much beside what was done', async () => {
  const counted = TurnCount.start();
  const turns = new Turns(10);
  const done: number[][] = [];
  for (const units of [4, 6, 1, 9, 30, 3, 7, 1]) {
    await turns.before(units);
    (done[counted.turns] ??= []).push(units);
  }
  counted.stop();
  expect(done.filter(Boolean)).toEqual([[4, 6], [1, 9], [30], [3, 7], [1]]);
});
