import { expect } from 'vitest';
import { it } from '../support/xet-world.ts';

it('the metrics tell how many xorbs are stored, and their bytes as they are stored', async ({ xet }) => {
  const owner = await xet.user();
  const repo = await xet.repo(owner);
  const options = { chunksPerXorb: 2 };
  const { xorbs } = await xet.commitByXet(owner, repo, { 'w.bin': xet.randomBytes(500_000) }, options);
  expect(xorbs.length).toBeGreaterThan(1);
  const bytes = xorbs.reduce((sum, { body }) => sum + body.length, 0);
  const answer = await xet.app.inject({ url: '/metrics' });
  expect(answer.statusCode).toBe(200);
  expect(answer.body.split('\n')).toEqual(
    expect.arrayContaining([
      `hub_stored_objects{kind="xorb"} ${xorbs.length}`,
      `hub_stored_bytes{kind="xorb"} ${bytes}`,
    ]),
  );
});
