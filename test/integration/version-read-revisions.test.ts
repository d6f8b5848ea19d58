import { describe, expect } from 'vitest';
import { RevisionNotFound } from '../../src/domain/errors.ts';
import { it } from '../support/history-it.ts';

function found(commitOid: string, refName: string | null) {
  return { commitOid, refName };
}

describe('resolving a revision', () => {
  it('finds branches, tags, full ref names and HEAD', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { revisions } = hub.services();
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    const second = await history.commit({ title: 'second', files: { a: '2' }, parents: [first] });
    await history.setRef('refs/heads/main', second);
    await history.setRef('refs/heads/feat/x', first);
    await history.setRef('refs/tags/v1', first);
    await history.setRef('refs/pr/7', second);

    await expect(revisions.resolve(access, 'main')).resolves.toEqual(found(second, 'refs/heads/main'));
    await expect(revisions.resolve(access, 'HEAD')).resolves.toEqual(found(second, 'refs/heads/main'));
    await expect(revisions.resolve(access, 'feat/x')).resolves.toEqual(found(first, 'refs/heads/feat/x'));
    await expect(revisions.resolve(access, 'v1')).resolves.toEqual(found(first, 'refs/tags/v1'));
    await expect(revisions.resolve(access, 'refs/pr/7')).resolves.toEqual(found(second, 'refs/pr/7'));
    await expect(revisions.resolve(access, 'refs/tags/v1')).resolves.toEqual(found(first, 'refs/tags/v1'));
  });

  it('sees a branch move at once', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { revisions } = hub.services();
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    await history.setRef('refs/heads/main', first);
    await expect(revisions.resolve(access, 'main')).resolves.toMatchObject({ commitOid: first });
    const second = await history.commit({ title: 'second', files: { a: '2' }, parents: [first] });
    await history.setRef('refs/heads/main', second);
    await expect(revisions.resolve(access, 'main')).resolves.toMatchObject({ commitOid: second });
  });

  it('finds commits by full and by short id, in any case, also when no ref reaches them', async ({
    hub,
    bareRepo,
  }) => {
    const { access, history } = await bareRepo();
    const { revisions } = hub.services();
    const oid = await history.commit({ title: 'only', files: { a: '1' } });
    const wanted = { commitOid: oid, refName: null };
    for (const revision of [oid, oid.toUpperCase(), oid.slice(0, 39), oid.slice(0, 7), oid.slice(0, 4)]) {
      await expect(revisions.resolve(access, revision)).resolves.toEqual(wanted);
    }
    await expect(revisions.resolve(access, oid.slice(0, 3))).rejects.toThrow(RevisionNotFound);
  });

  it('refuses a short id that two commits share, and ids of trees and files', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { revisions, trees } = hub.services();
    const byPrefix = new Map<string, string>();
    let shared: string | undefined;
    for (let i = 0; i < 2000 && !shared; i++) {
      const oid = await history.commit({ title: `commit ${i}`, files: i === 0 ? { a: '1' } : {} });
      if (byPrefix.has(oid.slice(0, 4))) shared = oid.slice(0, 4);
      byPrefix.set(oid.slice(0, 4), oid);
    }
    expect(shared).toBeDefined();
    await expect(revisions.resolve(access, shared!)).rejects.toThrow(RevisionNotFound);

    const commit = await history.commit({ title: 'with a file', files: { a: '1' } });
    const file = await trees.entry(access, commit, 'a');
    const root = await trees.entry(access, commit, '');
    for (const oid of [file!.oid, root!.oid, root!.oid.slice(0, 12)]) {
      await expect(revisions.resolve(access, oid)).rejects.toThrow(RevisionNotFound);
    }
  });

  it('prefers a branch to a tag and both to a short id', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { revisions } = hub.services();
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    const second = await history.commit({ title: 'second', files: { a: '2' }, parents: [first] });
    const short = first.slice(0, 7);
    await history.setRef(`refs/tags/${short}`, second);
    await expect(revisions.resolve(access, short)).resolves.toMatchObject({ commitOid: second });
    await history.setRef('refs/heads/same', first);
    await history.setRef('refs/tags/same', second);
    await expect(revisions.resolve(access, 'same')).resolves.toMatchObject({ refName: 'refs/heads/same' });
  });

  it('peels annotated tags, also of tags, and refuses tags of something else', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { revisions, trees } = hub.services();
    const commitOid = await history.commit({ title: 'first', files: { a: '1' } });
    const tag = await history.tagObject(commitOid, 'commit');
    await history.setRef('refs/tags/annotated', tag);
    await history.setRef('refs/tags/nested', await history.tagObject(tag, 'tag'));
    const root = await trees.entry(access, commitOid, '');
    await history.setRef('refs/tags/tree', await history.tagObject(root!.oid, 'tree'));
    for (const name of ['annotated', 'nested', 'annotated']) {
      const refName = `refs/tags/${name}`;
      await expect(revisions.resolve(access, name)).resolves.toEqual({ commitOid, refName });
    }
    await expect(revisions.resolve(access, 'tree')).rejects.toThrow(RevisionNotFound);
    await expect(revisions.resolve(access, tag)).rejects.toThrow(RevisionNotFound);
  });

  it('reaches nothing of another repository', async ({ hub, bareRepo }) => {
    const { revisions, trees, history: log, blobs } = hub.services();
    const theirs = await bareRepo();
    const oid = await theirs.history.commit({ title: 'secret', files: { secret: 'xyzzy' } });
    await theirs.history.setRef('refs/heads/hidden', oid);
    const file = await trees.entry(theirs.access, oid, 'secret');
    const mine = await bareRepo();
    await mine.history.setRef('refs/heads/main', oid);

    for (const revision of [oid, oid.slice(0, 10), 'hidden', 'main']) {
      await expect(revisions.resolve(mine.access, revision)).rejects.toThrow(RevisionNotFound);
    }
    await expect(trees.entry(mine.access, oid, 'secret')).rejects.toThrow(RevisionNotFound);
    await expect(log.list(mine.access, oid, { limit: 10 })).rejects.toThrow(RevisionNotFound);
    await expect(blobs.read(mine.access, file!.oid, 100)).rejects.toMatchObject({ code: 'NotFound' });
  });

  it.for([
    '',
    'nope',
    'a\0b',
    'a b',
    '..',
    'refs/heads/../main',
    'x'.repeat(10_000),
    '\ud800',
    '%',
    'refs/',
    '@{-1}',
  ])('answers %j with RevisionNotFound', async (revision, { hub, bareRepo }) => {
    const { access } = await bareRepo();
    await expect(hub.services().revisions.resolve(access, revision)).rejects.toThrow(RevisionNotFound);
  });
});
