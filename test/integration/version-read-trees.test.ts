import { describe, expect } from 'vitest';
import type { ListQuery } from '../../src/domain/version/tree.service.ts';
import type { TreeItem } from '../../src/domain/version/values.ts';
import { encodeLfsPointer } from '../../src/git/lfs-pointer.ts';
import { parseOid } from '../../src/git/oid.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { it } from '../support/history-it.ts';

const LFS = { sha256: parseSha256('ab'.repeat(32)), sizeBytes: 5_000_000_000 };
const FILES = {
  'README.md': '# Model',
  'weights.bin': encodeLfsPointer(LFS),
  'a/one.txt': '1',
  'a/b/two.txt': '22',
  'z/ü ?#.txt': '333',
};
const LIST: ListQuery = { path: '', recursive: false, withLastCommit: false, limit: 1000 };
const paths = (items: readonly TreeItem[]) => items.map((item) => item.path);

describe('one entry', () => {
  it('is a file, an LFS file, a folder or nothing', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: FILES });
    const { trees } = hub.services();
    await expect(trees.entry(access, oid, 'a/b/two.txt')).resolves.toMatchObject({
      kind: 'file',
      path: 'a/b/two.txt',
      mode: '100644',
      sizeBytes: 2,
      lfs: null,
    });
    await expect(trees.entry(access, oid, 'weights.bin')).resolves.toMatchObject({
      kind: 'file',
      sizeBytes: LFS.sizeBytes,
      lfs: { ...LFS, pointerSizeBytes: FILES['weights.bin'].length },
    });
    await expect(trees.entry(access, oid, 'a/b')).resolves.toMatchObject({ kind: 'folder', path: 'a/b' });
    await expect(trees.entry(access, oid, '')).resolves.toMatchObject({ kind: 'folder', path: '' });
    for (const path of ['b', 'a/', '/a', 'README.md/x', 'a\0', '../a', 'x'.repeat(9000)]) {
      await expect(trees.entry(access, oid, path)).resolves.toBeNull();
    }
    const cold = await trees.entry(access, oid, 'README.md');
    await expect(trees.entry(access, oid, 'README.md')).resolves.toBe(cold);
  });

  it('is refused at a commit that does not exist', async ({ hub, bareRepo }) => {
    const { access } = await bareRepo();
    const entry = hub.services().trees.entry(access, parseOid('12'.repeat(20)), 'a');
    await expect(entry).rejects.toMatchObject({ code: 'RevisionNotFound' });
  });
});

describe('a list of paths', () => {
  it('keeps order and duplicates and leaves out what is missing', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: FILES });
    const wanted = ['z/ü ?#.txt', 'nope', 'a', 'README.md', 'a', 'a/b/two.txt'];
    const { trees } = hub.services();
    const found = await trees.paths(access, oid, wanted, { withLastCommit: true });
    expect(paths(found)).toEqual(['z/ü ?#.txt', 'a', 'README.md', 'a', 'a/b/two.txt']);
    expect(found.every((item) => item.lastCommit?.oid === oid)).toBe(true);
    const many = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'a/one.txt' : `missing-${i}`));
    await expect(trees.paths(access, oid, many, { withLastCommit: false })).resolves.toHaveLength(100);
    await expect(trees.paths(access, oid, [], { withLastCommit: true })).resolves.toEqual([]);
    const tooMany = Array.from({ length: 1001 }, (_, i) => `f${i}`);
    await expect(trees.paths(access, oid, tooMany, { withLastCommit: false })).rejects.toMatchObject({
      code: 'BadRequest',
    });
  });
});

describe('a listing', () => {
  it('has folders first, then files', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: FILES });
    const { trees } = hub.services();
    const root = await trees.list(access, oid, LIST);
    expect(paths(root.items)).toEqual(['a', 'z', 'README.md', 'weights.bin']);
    expect(root.nextCursor).toBeNull();
    const below = await trees.list(access, oid, { ...LIST, path: 'a', recursive: true });
    expect(paths(below.items)).toEqual(['a/b', 'a/b/two.txt', 'a/one.txt']);
  });

  it('comes in pages that never change, whatever happens to the branch', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const files = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`d${i % 7}/e${i % 3}/f${i}.txt`, `${i}`]),
    );
    const oid = await history.commit({ title: 'first', files });
    const later = await history.commit({ title: 'later', files: { 'd0/new': 'x' }, parents: [oid] });
    const { trees } = hub.services();
    for (const recursive of [true, false]) {
      const whole = await trees.list(access, oid, { ...LIST, recursive });
      for (const limit of [1, 3, 50]) {
        const collected: TreeItem[] = [];
        let cursor: string | undefined;
        do {
          const page = await trees.list(access, cursor ? later : oid, { ...LIST, recursive, limit, cursor });
          collected.push(...page.items);
          cursor = page.nextCursor ?? undefined;
        } while (cursor);
        expect(collected).toEqual(whole.items);
      }
    }
  });

  it('of a missing path or a file is EntryNotFound with the commit', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: FILES });
    for (const path of ['nope', 'README.md', 'README.md/x', 'a/']) {
      await expect(hub.services().trees.list(access, oid, { ...LIST, path })).rejects.toMatchObject({
        code: 'EntryNotFound',
        details: { commitOid: oid },
      });
    }
  });

  it('refuses cursors of other lists, other repositories and nobody', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: FILES });
    const { trees } = hub.services();
    const page = await trees.list(access, oid, { ...LIST, path: 'a', recursive: true, limit: 2 });
    const cursor = page.nextCursor!;
    const other = await bareRepo();
    const otherOid = await other.history.commit({ title: 'other', files: { x: '1' } });
    await expect(trees.list(access, oid, { ...LIST, path: 'z', cursor })).rejects.toMatchObject({
      code: 'BadRequest',
    });
    await expect(trees.list(access, oid, { ...LIST, cursor })).rejects.toMatchObject({ code: 'BadRequest' });
    await expect(trees.list(other.access, otherOid, { ...LIST, cursor })).rejects.toMatchObject({
      code: 'BadRequest',
    });
    await expect(trees.list(access, oid, { ...LIST, cursor: 'x'.repeat(100) })).rejects.toMatchObject({
      code: 'BadRequest',
    });
  });

  it('of an empty repository is empty, and submodules are left out', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const { trees } = hub.services();
    const first = await history.commit({ title: 'first', files: { a: '1' } });
    const empty = await history.commit({ title: 'empty', files: { a: null }, parents: [first] });
    await expect(trees.list(access, empty, LIST)).resolves.toEqual({ items: [], nextCursor: null });
    const oid = await history.commitTree('odd', [{ name: 'sub', mode: '160000', oid: first }]);
    await expect(trees.list(access, oid, LIST)).resolves.toEqual({ items: [], nextCursor: null });
    await expect(trees.entry(access, oid, 'sub')).resolves.toBeNull();
  });
});

describe('siblings', () => {
  it('are all files by path, with details on demand', async ({ hub, bareRepo }) => {
    const { access, history } = await bareRepo();
    const oid = await history.commit({ title: 'first', files: FILES });
    const { trees } = hub.services();
    const all = await trees.siblings(access, oid, 100);
    expect(all.files.map((file) => file.path)).toEqual(Object.keys(FILES).toSorted());
    expect(all.isTruncated).toBe(false);
    await expect(trees.siblings(access, oid, 100)).resolves.toBe(all);
    const { files, isTruncated } = await trees.siblingFiles(access, oid, 2);
    expect(files.map((file) => [file.path, file.sizeBytes])).toEqual([
      ['README.md', 7],
      ['weights.bin', LFS.sizeBytes],
    ]);
    expect(isTruncated).toBe(true);
  });
});
