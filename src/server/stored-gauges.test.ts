import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { StoredByKind } from '../domain/admin/storage-overview.queries.ts';
import { addStoredGauges } from './stored-gauges.ts';

const none = { count: 0, bytes: 0 };

/** Gauges over answers that a test gives, one for each count. */
function gauges(answers: readonly (() => StoredByKind)[]) {
  const registry = new Registry();
  const errors: unknown[] = [];
  let counted = 0;
  const readStored = async (): Promise<StoredByKind> => answers[counted++]!();
  addStoredGauges({ registry, readStored, onError: (error) => errors.push(error) });
  const scrape = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.includes('kind="xorb"'));
  return { scrape, errors, counted: () => counted };
}

function xorbs(count: number, bytes: number): StoredByKind {
  return { storedSegments: none, inlineSegments: none, lfsObjects: none, xorbs: { count, bytes } };
}

it('counts once for both numbers, and not again at the next scrape', async () => {
  const { scrape, counted } = gauges([() => xorbs(3, 190_000_000)]);
  const lines = ['hub_stored_objects{kind="xorb"} 3', 'hub_stored_bytes{kind="xorb"} 190000000'];
  expect(await scrape()).toEqual(lines);
  expect(await scrape()).toEqual(lines);
  expect(counted()).toBe(1);
});

it('lets a scrape be answered when nothing could be counted, and counts at the next one', async () => {
  const failure = new Error('no database');
  const { scrape, errors } = gauges([
    () => {
      throw failure;
    },
    () => xorbs(1, 2),
  ]);
  expect(await scrape()).toEqual([]);
  expect(errors).toEqual([failure]);
  expect(await scrape()).toHaveLength(2);
});
