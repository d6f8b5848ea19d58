import { beforeEach, describe, expect, vi } from 'vitest';
import { lfsLine } from '../support/content.ts';
import { downloadsOf, nextBucket, sessionsOf, stopClock } from '../support/download-counts.ts';
import { it } from './git-hub.ts';

// What the real git counts as.

beforeEach(() => {
  stopClock();
  return () => void vi.useRealTimers();
});

describe.for(['0', '1', '2'] as const)('protocol version %s', (version) => {
  it('a clone is one download, and so are two; looking is none', async ({ world, client }) => {
    const config = ['-c', `protocol.version=${version}`] as const;
    const owner = await world.user();
    const repo = await world.repo(owner);
    await world.manyFiles(owner, repo, 50);
    await client.git(...config, 'ls-remote', world.remote(repo));
    expect(await sessionsOf(world.hub, repo)).toEqual([]);
    await client.git(...config, 'clone', '-q', world.remote(repo), 'first');
    expect(await sessionsOf(world.hub, repo)).toEqual([
      expect.objectContaining({ firstFile: null, isAuthenticated: false }),
    ]);
    await client.git(...config, 'clone', '-q', '--depth', '1', world.remote(repo), 'second');
    expect(await downloadsOf(world.hub, repo)).toBe(1);
    nextBucket();
    await client.in('first', ...config, 'fetch', '-q');
    expect(await downloadsOf(world.hub, repo)).toBe(1);
    await world.commit(owner, repo, { 'new.txt': 'new' });
    await client.in('first', ...config, 'fetch', '-q');
    expect(await downloadsOf(world.hub, repo)).toBe(2);
  });
});

it.for([
  ['public', null],
  ['public', 'owner'],
  ['private', 'owner'],
] as const)(
  'a clone of a %s repository by %s, whose large files git-lfs fetches, is one download',
  async ([visibility, who], { world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner, { isPrivate: visibility === 'private' });
    const objects = [world.object(), world.object()];
    for (const object of objects) await world.upload(owner, repo, object);
    const lines = objects.map((object, index) => lfsLine(`m${index}.bin`, object));
    expect((await world.commitLines(owner, repo, ...lines)).statusCode).toBe(200);
    await client.git('lfs', 'install', '--skip-repo');
    await client.git('clone', '-q', world.remote(repo, who && owner), 'clone');
    expect(await client.in('clone', 'lfs', 'ls-files')).toMatch(/\* m0\.bin\n.* \* m1\.bin/);
    // One pack and two objects.
    expect(await sessionsOf(world.hub, repo)).toEqual([
      expect.objectContaining({ fileCount: 3, isAuthenticated: visibility === 'private' }),
    ]);
  },
);
