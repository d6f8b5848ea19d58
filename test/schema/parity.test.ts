import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { METHODS_ELSEWHERE } from '../../schema/parity/elsewhere.ts';
import { readParity, renderParity, unreached } from '../../schema/parity/parity.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

describe('docs/api-parity.md', () => {
  it('is what the sources say', async () => {
    const page = await readFile(`${ROOT}docs/api-parity.md`, 'utf8');
    expect(page).toBe(renderParity(await readParity(ROOT)));
  });

  it('sees the methods of every service', async () => {
    const rows = await readParity(ROOT);
    expect(rows.length).toBeGreaterThan(150);
    expect(rows).toContainEqual(
      expect.objectContaining({ service: 'repos', method: 'create', doors: ['GraphQL', 'tRPC', 'REST'] }),
    );
  });
});

it('gives no reason for what a first-party door reaches, or what is not there', async () => {
  const reasons = new Map(
    (await readParity(ROOT)).map(({ service, method, reason }) => [`${service}.${method}`, reason]),
  );
  expect(METHODS_ELSEWHERE.filter((name) => (reasons.get(name) ?? null) === null)).toEqual([]);
});

it('leaves no method of the domain without a first-party door or a reason', async () => {
  expect(unreached(await readParity(ROOT))).toEqual([]);
});
