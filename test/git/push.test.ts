import { expect } from 'vitest';
import { it } from './git-hub.ts';

it('publishes commits that the API and other clients see', async ({ world, client }) => {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await client.git('clone', '-q', world.remote(repo, owner), 'c');
  await client.write('c', { 'a.txt': 'one', 'deep/er/b.txt': 'two' });
  const oid = await client.commitAll('c', 'First push');
  const { code, stderr } = await client.push('c');
  expect([code, stderr]).toEqual([0, expect.stringContaining('HEAD -> main')]);
  expect(await world.headOf(owner, repo)).toBe(oid);
});
