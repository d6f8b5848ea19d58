import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { mergeSegments } from '../../src/domain/gc/compact.ts';
import { listLiveSegments } from '../../src/domain/gc/compact.queries.ts';
import type { TestUser } from '../support/world.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { type GitWorld, it } from './git-hub.ts';
import { parseRepoPath } from '../../src/git/path.ts';

/** The collector counts in whole milliseconds: with 0, what happened in this one would be too young. */
const AT_ONCE = { graceMs: -1, replacedGraceMs: 0 };
const DAY_MS = 24 * 3_600_000;

async function compact({ hub }: GitWorld, storeId: number): Promise<number> {
  const segments = await listLiveSegments(hub.deps.sql, storeId);
  return (await mergeSegments(hub.deps, storeId, { segments })).replacedSegments;
}

async function manyCommits(world: GitWorld, owner: TestUser, repo: RepoRef, count: number): Promise<void> {
  for (let index = 0; index < count; index++)
    await world.commit(owner, repo, { [`f${index % 9}.txt`]: `${index}`, 'noise.bin': randomBytes(500) });
}

async function commitTo(world: GitWorld, owner: TestUser, repo: RepoRef, branch: string): Promise<string> {
  const { commitOid } = await world.hub.services().commits.commit(owner.actor, repo, branch, {
    title: `Change ${branch}`,
    description: '',
    parentCommit: null,
    createsPullRequest: false,
    operations: [{ kind: 'file', path: parseRepoPath(`${branch}.bin`), bytes: randomBytes(100_000) }],
  });
  return commitOid;
}

describe('after compaction', () => {
  it('a fresh clone, and a fetch into an old one, are whole', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const storeId = await world.storeId(owner, repo);
    await manyCommits(world, owner, repo, 20);
    await client.git('clone', '-q', world.remote(repo), 'old');
    await manyCommits(world, owner, repo, 20);
    await world.commit(owner, repo, { 'large.bin': randomBytes(300_000) });
    expect(await compact(world, storeId)).toBe(43);
    const head = await world.commit(owner, repo, { 'last.txt': 'last' });
    await client.git('clone', '-q', world.remote(repo), 'new');
    expect(await client.check('new')).toEqual({ fsck: '', head });
    await client.in('old', 'pull', '-q');
    expect(await client.check('old')).toEqual({ fsck: '', head });
    await client.git('clone', '-q', '--depth', '3', world.remote(repo), 'shallow');
    expect((await client.check('shallow')).head).toBe(head);
  });

  it('clones that run meanwhile are whole, and so are commits', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const storeId = await world.storeId(owner, repo);
    await manyCommits(world, owner, repo, 25);
    const done = new AbortController();
    const compacting = (async () => {
      let merged = 0;
      while (!done.signal.aborted) merged += await compact(world, storeId);
      return merged;
    })();
    const committing = manyCommits(world, owner, repo, 25);
    const names = Array.from({ length: 6 }, (_, index) => `c${index}`);
    await Promise.all(names.map((name) => client.git('clone', '-q', world.remote(repo), name)));
    await committing;
    done.abort();
    expect(await compacting).toBeGreaterThan(25);
    for (const name of names) expect((await client.check(name)).fsck).toBe('');
    await client.git('clone', '-q', world.remote(repo), 'last');
    expect((await client.check('last')).fsck).toBe('');
    expect((await client.in('last', 'rev-list', '--count', 'HEAD')).trim()).toBe('51');
  });
});

describe('after collection', () => {
  it('clients see no trace of what is gone, also those that have it', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const storeId = await world.storeId(owner, repo);
    const { gc, refs } = world.hub.services();
    await manyCommits(world, owner, repo, 3);
    await refs.createBranch(owner.actor, repo, 'side', null);
    const lost = await commitTo(world, owner, repo, 'side');
    await client.git('clone', '-q', world.remote(repo), 'old');
    await client.in('old', 'checkout', '-q', 'side');
    await refs.deleteBranch(owner.actor, repo, 'side');
    expect((await gc.collect(storeId, { graceMs: DAY_MS, replacedGraceMs: DAY_MS })).freed.objects).toBe(0);
    await client.git('clone', '-q', world.remote(repo), 'within');
    await client.in('within', 'fetch', '-q', 'origin', lost);
    expect((await gc.collect(storeId, AT_ONCE)).freed.commits).toBe(1);
    await compact(world, storeId);
    const head = await world.commit(owner, repo, { 'next.txt': 'next' });
    await client.git('clone', '-q', world.remote(repo), 'new');
    expect(await client.check('new')).toEqual({ fsck: '', head });
    // This one offers commits that the hub had once.
    await client.in('old', 'fetch', '-q', '--prune');
    expect((await client.in('old', 'rev-parse', 'origin/main')).trim()).toBe(head);
    expect((await client.check('old')).fsck).toBe('');
    const asked = await client.try('-C', client.path('new'), 'fetch', '-q', 'origin', lost);
    expect(asked.code).not.toBe(0);
    expect(asked.stderr).toMatch(/not our ref|upload-pack/);
  });

  it('what git had pushed and the hub collected can be pushed again', async ({ world, client }) => {
    const owner = await world.user();
    const repo = await world.repo(owner);
    const storeId = await world.storeId(owner, repo);
    const { gc, refs } = world.hub.services();
    await world.commit(owner, repo, { 'folder/a.txt': 'a' });
    await client.git('clone', '-q', world.remote(repo, owner), 'c');
    await client.in('c', 'checkout', '-q', '-b', 'side');
    for (const name of ['one', 'two']) {
      await client.in(
        'c',
        '-c',
        'user.name=A',
        '-c',
        'user.email=a@b.c',
        'commit',
        '-q',
        '--allow-empty',
        '-m',
        name,
      );
    }
    await client.in('c', 'mv', 'folder/a.txt', 'folder/b.txt');
    await client.in('c', '-c', 'user.name=A', '-c', 'user.email=a@b.c', 'commit', '-q', '-m', 'Move');
    for (let round = 0; round < 2; round++) {
      await client.in('c', 'push', '-q', 'origin', 'side');
      await refs.deleteBranch(owner.actor, repo, 'side');
      expect((await gc.collect(storeId, AT_ONCE)).freed.commits).toBe(3);
      if (round === 0) await compact(world, storeId);
    }
    await client.in('c', 'push', '-q', 'origin', 'side');
    await client.git('clone', '-q', '-b', 'side', world.remote(repo), 'again');
    expect((await client.check('again')).fsck).toBe('');
    const problems: string[] = [];
    await world.hub.services().fsck.runAsOperator(({ message }) => problems.push(message));
    expect(problems).toEqual([]);
  });
});
