import { describe, expect, it } from 'vitest';

import { hashObject } from './object.ts';
import { EMPTY_TREE_OID } from './oid.ts';
import type { Oid } from './oid.ts';
import { parseRepoPath } from './path.ts';
import { changedEntries, expandDeletedFolders } from './tree-changes.ts';
import { editTree, EntryMissing, TooManyEntries, TreeConflict } from './tree-edit.ts';
import type { EditedTree, PathChange, TreeEdit, TreeEditInput } from './tree-edit.ts';
import { decodeTree, FOLDER_MODE } from './tree.ts';
import type { TreeEntry } from './tree.ts';

const oidOf = (text: string) => hashObject('blob', Buffer.from(text));
const state = (text: string) => ({ mode: '100644', oid: oidOf(text) });
const put = (path: string, text = 'x'): TreeEdit => ({
  kind: 'put',
  path: parseRepoPath(path),
  mode: '100644',
  oid: oidOf(text),
});
const del = (path: string): TreeEdit => ({ kind: 'delete', path: parseRepoPath(path) });
const deleteFolder = (path: string): TreeEdit => ({ kind: 'deleteFolder', path: parseRepoPath(path) });

/** A store of trees that remembers which ones were read. */
class Trees {
  readonly #stored = new Map<Oid, Buffer>();
  readonly reads: Oid[] = [];
  rootOid: Oid | null = null;

  readonly readTree = async (oid: Oid): Promise<TreeEntry[]> => {
    this.reads.push(oid);
    return Promise.resolve(decodeTree(this.#stored.get(oid)!));
  };

  /** Edits and keeps the result as the new root. */
  async edit(edits: readonly TreeEdit[], options: Partial<TreeEditInput> = {}): Promise<EditedTree> {
    this.reads.length = 0;
    const edited = await editTree({ readTree: this.readTree, rootOid: this.rootOid, edits, ...options });
    for (const { oid, bytes } of edited.newTrees) this.#stored.set(oid, bytes);
    this.rootOid = edited.rootOid;
    return edited;
  }

  /** Every file path below the root. */
  async files(oid = this.rootOid, prefix = ''): Promise<string[]> {
    if (oid === null) return [];
    const lists = decodeTree(this.#stored.get(oid)!).map(async ({ name, mode, oid: child }) =>
      mode === FOLDER_MODE ? this.files(child, `${prefix}${name}/`) : [prefix + name],
    );
    return (await Promise.all(lists)).flat();
  }
}

async function treesWith(...paths: string[]): Promise<Trees> {
  const trees = new Trees();
  await trees.edit(paths.map((path) => put(path)));
  return trees;
}

describe('what is written', () => {
  it('is the id that git gives', async () => {
    const { rootOid, newTrees } = await (
      await treesWith()
    ).edit([put('sub/a/x'), put('a', 'hello\n'), put('a-/x')]);
    expect(rootOid).toBe('ab0af3c09efe6df5ecb6df2c4c081519899ee274');
    expect(newTrees.map(({ oid }) => oid)).toContain('f115c6d5cfb15ca1a72429900dcaca0fd1057951');
    expect(newTrees.at(-1)?.oid).toBe(rootOid);
  });

  it('is only the trees on the changed paths; only those are read, once each', async () => {
    const trees = await treesWith('a/b/1', 'a/b/2', 'a/c/1', 'd/1', 'e');
    const { newTrees } = await trees.edit([put('a/b/1', 'new'), put('a/b/3')]);
    expect(newTrees).toHaveLength(3);
    expect(trees.reads).toHaveLength(3);
    expect(await trees.files()).toEqual(['a/b/1', 'a/b/2', 'a/b/3', 'a/c/1', 'd/1', 'e']);
  });

  it('is nothing when nothing changes', async () => {
    const trees = await treesWith('a/b', 'c');
    const before = trees.rootOid;
    expect(await trees.edit([])).toEqual({ rootOid: before, newTrees: [], changes: [] });
    expect(await trees.edit([put('a/b')])).toEqual({ rootOid: before, newTrees: [], changes: [] });
    expect(await trees.edit([deleteFolder('a'), put('a/b')])).toEqual({
      rootOid: before,
      newTrees: [],
      changes: [],
    });
  });

  it('is the empty tree when all is gone', async () => {
    const empty = { rootOid: EMPTY_TREE_OID, newTrees: [{ oid: EMPTY_TREE_OID, bytes: Buffer.alloc(0) }] };
    expect(await new Trees().edit([])).toEqual({ ...empty, changes: [] });
    const trees = await treesWith('a/b/c');
    expect(await trees.edit([del('a/b/c')])).toMatchObject(empty);
    expect(await trees.edit([])).toEqual({ rootOid: EMPTY_TREE_OID, newTrees: [], changes: [] });
    expect((await trees.edit([put('a')])).newTrees).toHaveLength(1);
  });

  it('asks for all folders of a level before it waits for one', async () => {
    const trees = await treesWith('a/1', 'b/1', 'c/1');
    const waiting: (() => void)[] = [];
    const edited = editTree({
      rootOid: trees.rootOid,
      edits: [put('a/2'), put('b/2'), put('c/2')],
      readTree: async (oid) => {
        if (oid !== trees.rootOid) {
          await new Promise<void>((resolve) => {
            waiting.push(resolve);
            if (waiting.length === 3) for (const go of waiting) go();
          });
        }
        return trees.readTree(oid);
      },
    });
    expect((await edited).changes).toHaveLength(3);
  });
});

describe('order of edits', () => {
  it('lets the later put win and a deletion take a put back', async () => {
    const trees = await treesWith('keep');
    await trees.edit([put('a', 'old'), put('a', 'new'), put('b'), del('b'), put('c/d'), deleteFolder('c')]);
    expect(await trees.files()).toEqual(['a', 'keep']);
  });

  it('puts files into a folder that was deleted before', async () => {
    const trees = await treesWith('data/1', 'data/2');
    await trees.edit([deleteFolder('data'), put('data/3')]);
    expect(await trees.files()).toEqual(['data/3']);
  });

  it('turns files into folders and back, wherever the deletion stands', async () => {
    const trees = await treesWith('a', 'b/1');
    await trees.edit([put('a/1'), del('a'), put('b'), deleteFolder('b')]);
    expect(await trees.files()).toEqual(['a/1', 'b']);
    await trees.edit([del('b'), put('b/x'), del('a/1'), put('a')]);
    expect(await trees.files()).toEqual(['a', 'b/x']);
  });
});

describe('refusals', () => {
  it('TreeConflict: a file over a folder, a folder over a file', async () => {
    const trees = await treesWith('dir/x', 'file');
    await expect(trees.edit([put('dir')])).rejects.toThrow(TreeConflict);
    await expect(trees.edit([put('file/x')])).rejects.toThrow(TreeConflict);
    await expect(trees.edit([put('new'), put('new/x')])).rejects.toThrow(
      "Cannot write 'new': a folder of that name exists",
    );
    await expect(trees.edit([put('file/a/b')])).rejects.toMatchObject({ code: 'BadRequest', path: 'file' });
  });

  it('EntryMissing: deleting what is not there', async () => {
    const trees = await treesWith('dir/x', 'file');
    for (const edit of [
      del('no'),
      del('dir'),
      del('dir/y'),
      del('file/x'),
      deleteFolder('no'),
      deleteFolder('file'),
    ]) {
      await expect(trees.edit([edit])).rejects.toThrow(EntryMissing);
      await expect(trees.edit([edit])).rejects.toMatchObject({ code: 'EntryNotFound', path: edit.path });
    }
    await expect(trees.edit([deleteFolder('dir'), del('dir/x')])).rejects.toThrow(EntryMissing);
  });

  it('TooManyEntries: a folder that grows over the limit, but not one that shrinks', async () => {
    const trees = await treesWith('a/1', 'a/2', 'a/3', 'a/4');
    const limit = { maxEntriesPerTree: 2 };
    await expect(trees.edit([put('a/5')], limit)).rejects.toThrow(
      "The folder 'a' would hold 5 entries; at most 2",
    );
    await expect(trees.edit([put('b'), put('c')], limit)).rejects.toThrow(TooManyEntries);
    await trees.edit([del('a/1'), put('a/2', 'new')], limit);
    expect(await trees.files()).toEqual(['a/2', 'a/3', 'a/4']);
  });

  it('holds 10,000 entries per folder by default', async () => {
    const paths = Array.from({ length: 10_000 }, (_, i) => `d/${i}`);
    const trees = await treesWith(...paths);
    await expect(trees.edit([put('d/one-more')])).rejects.toThrow(TooManyEntries);
  });
});

describe('deleteMayNameFolder', () => {
  it('deletes the folder, and files as before', async () => {
    const trees = await treesWith('dir/x', 'dir/y/z', 'file', 'other');
    await trees.edit([del('dir'), del('file')], { deleteMayNameFolder: true });
    expect(await trees.files()).toEqual(['other']);
    await expect(trees.edit([del('dir')], { deleteMayNameFolder: true })).rejects.toThrow(EntryMissing);
  });
});

describe('changes', () => {
  it('name each file with what was and what is', async () => {
    const trees = await treesWith('a/1', 'a/2', 'b');
    const { changes } = await trees.edit([put('a/1', 'new'), del('a/2'), put('c/d'), put('b')]);
    expect(changes).toEqual([
      { path: 'a/1', before: state('x'), after: state('new') },
      { path: 'a/2', before: state('x'), after: null },
      { path: 'c/d', before: null, after: state('x') },
    ]);
    expect(changedEntries(changes)).toEqual([
      { dir: 'a', name: '1' },
      { dir: '', name: 'a' },
      { dir: 'a', name: '2' },
      { dir: 'c', name: 'd' },
      { dir: '', name: 'c' },
    ]);
  });

  it('hold a deleted folder as one, without reading it, until they are expanded', async () => {
    const trees = await treesWith('dir/sub/1', 'dir/sub/2', 'dir/3', 'keep');
    const { changes } = await trees.edit([deleteFolder('dir')]);
    expect(trees.reads).toHaveLength(1);
    expect(changes).toMatchObject([{ path: 'dir', before: { mode: FOLDER_MODE }, after: null }]);
    expect(sorted(await expandDeletedFolders(changes, trees.readTree))).toEqual([
      { path: 'dir/3', before: state('x'), after: null },
      { path: 'dir/sub/1', before: state('x'), after: null },
      { path: 'dir/sub/2', before: state('x'), after: null },
    ]);
  });

  it('expand a folder that was filled again or became a file to the true differences', async () => {
    const trees = await treesWith('dir/same', 'dir/other', 'dir/gone', 'folder/x');
    const edits = [
      deleteFolder('dir'),
      put('dir/same'),
      put('dir/other', 'new'),
      deleteFolder('folder'),
      put('folder'),
    ];
    const { changes } = await trees.edit(edits);
    expect(changes.map(({ path }) => path)).toEqual(['dir', 'dir/same', 'dir/other', 'folder']);
    expect(sorted(await expandDeletedFolders(changes, trees.readTree))).toEqual([
      { path: 'dir/gone', before: state('x'), after: null },
      { path: 'dir/other', before: state('x'), after: state('new') },
      { path: 'folder', before: null, after: state('x') },
      { path: 'folder/x', before: state('x'), after: null },
    ]);
  });
});

function sorted(changes: readonly PathChange[]): PathChange[] {
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
