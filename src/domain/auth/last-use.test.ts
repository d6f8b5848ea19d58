import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { LastUse, type Use } from './last-use.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };

it('waits for what is being written already', async () => {
  const written: number[] = [];
  const record = async (uses: readonly Use[]): Promise<void> => {
    await setImmediate();
    written.push(...uses.map(({ id }) => id));
  };
  const lastUse = new LastUse({ record, log });
  lastUse.note(1);
  const first = lastUse.flush();
  await lastUse.flush();
  expect(written).toEqual([1]);
  await first;
});

it('goes on after a failure', async () => {
  const written: number[] = [];
  const record = (uses: readonly Use[]): Promise<void> => {
    const ids = uses.map(({ id }) => id);
    if (ids.includes(1)) return Promise.reject(new Error('no database'));
    written.push(...ids);
    return Promise.resolve();
  };
  const lastUse = new LastUse({ record, log });
  lastUse.note(1);
  await lastUse.flush();
  lastUse.note(2);
  await lastUse.flush();
  expect(written).toEqual([2]);
});
