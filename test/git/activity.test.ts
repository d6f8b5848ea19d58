import { expect } from 'vitest';
import { it } from './git-hub.ts';

it('tells streams what a push moves, and nothing of one that is refused', async ({ test, world, client }) => {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await client.git('clone', '-q', world.remote(repo, owner), 'c');
  const gone = new AbortController();
  const listener = { address: undefined, signal: gone.signal };
  const stream = await test.hub.services().activity.ofRepo(owner.actor, repo, listener);
  expect((await stream.next()).value).toMatchObject({ kind: 'started' });

  await client.write('c', { 'a.txt': 'one' });
  const newOid = await client.commitAll('c', 'Pushed');
  await client.git('-C', 'c', 'tag', 'v1');
  expect(await client.push('c', 'origin', 'main', 'v1')).toMatchObject({ code: 0 });
  const events = [(await stream.next()).value, (await stream.next()).value];
  expect(events).toMatchObject([
    { refName: 'refs/heads/main', newOid, commit: { title: 'Pushed' } },
    { refName: 'refs/tags/v1', oldOid: null, newOid, commit: { title: 'Pushed' } },
  ]);

  expect(await client.push('c', 'origin', ':main')).not.toMatchObject({ code: 0 });
  expect(await client.push('c', 'origin', ':v1')).toMatchObject({ code: 0 });
  expect((await stream.next()).value).toMatchObject({ refName: 'refs/tags/v1', newOid: null });
  gone.abort();
  expect((await stream.next()).done).toBe(true);
});
