import { describe, expect } from 'vitest';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { CommitInfo } from '../../src/domain/version/values.ts';
import { parseOid, type Oid } from '../../src/git/oid.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/history-it.ts';

async function titles(hub: Hub, access: RepoAccess, oid: Oid, limit: number): Promise<string[]> {
  const found: CommitInfo[] = [];
  let cursor: string | undefined;
  do {
    const page = await hub.services().history.list(access, oid, { limit, cursor });
    found.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return found.map((commit) => commit.title);
}

describe('history', () => {
  it('lists linear history newest first, in pages', async ({ hub, bareRepo }) => {
    const { access, history, userId } = await bareRepo();
    let oid = await history.commit({ title: '1', files: { a: '1' }, userId });
    for (let i = 2; i <= 12; i++)
      oid = await history.commit({ title: `${i}`, files: { a: `${i}` }, parents: [oid] });
    const wanted = Array.from({ length: 12 }, (_, i) => `${12 - i}`);
    for (const limit of [1, 5, 12, 1000]) {
      await expect(titles(hub, access, oid, limit)).resolves.toEqual(wanted);
    }
  });

  it('shows everything about a commit', async ({ hub, bareRepo }) => {
    const { access, history, userId } = await bareRepo();
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    const oid = await history.commit({
      title: 'second',
      files: { a: '2' },
      parents: [first],
      userId,
      minute: 90,
    });
    const root = await hub.services().trees.entry(access, oid, '');
    const wanted: CommitInfo = {
      oid,
      parents: [first],
      treeOid: root!.oid,
      title: 'second',
      body: 'Why.',
      authorName: 'Ada',
      authorEmail: 'ada@example.test',
      userName: access.namespace,
      committedAt: new Date('2026-01-01T01:30:00Z'),
    };
    await expect(hub.services().history.commit(access, oid)).resolves.toEqual(wanted);
    await expect(hub.services().history.commit(access, first)).resolves.toMatchObject({
      userName: null,
      parents: [],
    });
  });

  it('mixes merged branches by date and leaves out others', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const root = await history.commit({ title: 'root', files: { a: '1' } });
    const ours = await history.commit({ title: 'ours', files: { a: '2' }, parents: [root] });
    const theirs = await history.commit({ title: 'theirs', files: { b: '1' }, parents: [root] });
    await history.commit({ title: 'unmerged', files: { c: '1' }, parents: [root] });
    const ours2 = await history.commit({ title: 'ours 2', files: { a: '3' }, parents: [ours] });
    const merge = await history.commit({
      title: 'merge',
      files: { b: '1' },
      recorded: [],
      parents: [ours2, theirs],
    });
    for (const limit of [1, 2, 100]) {
      const listed = await titles(hub, access, merge, limit);
      expect(listed).toEqual(['merge', 'ours 2', 'theirs', 'ours', 'root']);
    }
  });

  it('is counted, with and without merges', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const root = await history.commit({ title: 'root', files: { a: '1' } });
    const main = await history.commit({ title: 'main', files: { a: '2' }, parents: [root] });
    const side = await history.commit({ title: 'side', files: { b: '1' }, parents: [root] });
    const merge = await history.commit({ title: 'merge', files: { b: '1' }, parents: [main, side] });
    const after = await history.commit({ title: 'after', files: { a: '3' }, parents: [merge] });
    const count = (oid: Oid) => hub.services().history.count(access, oid);
    expect(await Promise.all([root, main, side, merge, after].map(count))).toEqual([1, 2, 2, 4, 5]);
    expect(await count(after)).toBe(5);
    expect(await count(parseOid('0'.repeat(40)))).toBeNull();
  });

  it('refuses unknown commits and foreign cursors', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { history: log } = hub.services();
    const unknown = parseOid('34'.repeat(20));
    await expect(log.list(access, unknown, { limit: 5 })).rejects.toMatchObject({ code: 'RevisionNotFound' });
    await expect(log.commit(access, unknown)).rejects.toMatchObject({ code: 'RevisionNotFound' });
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    const oid = await history.commit({ title: 'second', files: { a: '2' }, parents: [first] });
    await expect(log.list(access, oid, { limit: 5, cursor: 'zzz' })).rejects.toMatchObject({
      code: 'BadRequest',
    });
    const { nextCursor } = await log.list(access, oid, { limit: 1 });
    const other = await bareRepo();
    const foreign = log.list(other.access, oid, { limit: 1, cursor: nextCursor! });
    await expect(foreign).rejects.toMatchObject({ code: 'BadRequest' });
  });
});
