import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import { decodeTree, encodeTree, FOLDER_MODE, type TreeEntry } from '../../git/tree.ts';
import { collectSiblings } from './siblings.ts';
import { findPath, sharingReads, UnknownPosition, type WalkedEntry, walkFolder } from './tree-walk.ts';

const BLOB = 'b'.repeat(40) as Oid;

/** Trees in memory, and which of them were read. */
class MemoryTrees {
  readonly reads: Oid[] = [];
  readonly #trees = new Map<Oid, readonly TreeEntry[]>();

  readonly read = async (oid: Oid): Promise<readonly TreeEntry[]> => {
    this.reads.push(oid);
    return this.#trees.get(oid)!;
  };

  /** A tree of these files (`a/b.txt`), submodules (`a/sub@`) and empty folders (`a/`). */
  add(paths: readonly string[]): Oid {
    const entries: TreeEntry[] = [];
    const below = new Map<string, string[]>();
    for (const path of paths) {
      const slash = path.indexOf('/');
      if (slash < 0) {
        const isSubmodule = path.endsWith('@');
        entries.push({
          name: isSubmodule ? path.slice(0, -1) : path,
          mode: isSubmodule ? '160000' : '100644',
          oid: BLOB,
        });
        continue;
      }
      const folder = below.get(path.slice(0, slash)) ?? [];
      below.set(path.slice(0, slash), folder);
      if (slash < path.length - 1) folder.push(path.slice(slash + 1));
    }
    for (const [name, inside] of below) entries.push({ name, mode: FOLDER_MODE, oid: this.add(inside) });
    const bytes = encodeTree(entries);
    const oid = hashObject('tree', bytes);
    this.#trees.set(oid, decodeTree(bytes));
    return oid;
  }
}

function rootFolder(oid: Oid): WalkedEntry {
  return { name: '', path: '', mode: FOLDER_MODE, oid };
}

async function pages(
  trees: MemoryTrees,
  root: Oid,
  isRecursive: boolean,
  limit: number,
): Promise<string[][]> {
  const all: string[][] = [];
  let after: string | null = null;
  for (;;) {
    const page = await walkFolder(trees.read, rootFolder(root), { isRecursive, after, limit });
    if (page.length === 0) return all;
    all.push(page.map((entry) => entry.path));
    after = page.at(-1)!.path;
  }
}

const SMALL = ['z.txt', 'a/2.txt', 'a/1.txt', 'a/deep/x', 'a.b', 'm/n/o/p.bin', 'ä', 'sub@', 'void/'];

describe('walkFolder', () => {
  test('lists folders first and leaves submodules out', async () => {
    const trees = new MemoryTrees();
    const root = trees.add(SMALL);
    await expect(pages(trees, root, false, 100)).resolves.toEqual([['a', 'm', 'void', 'a.b', 'z.txt', 'ä']]);
  });

  test('lists the contents of a folder right behind it when recursive', async () => {
    const trees = new MemoryTrees();
    const root = trees.add(SMALL);
    await expect(pages(trees, root, true, 100)).resolves.toEqual([
      [
        'a',
        'a/deep',
        'a/deep/x',
        'a/1.txt',
        'a/2.txt',
        'm',
        'm/n',
        'm/n/o',
        'm/n/o/p.bin',
        'void',
        'a.b',
        'z.txt',
        'ä',
      ],
    ]);
  });

  test('starts in the folder it is given', async () => {
    const trees = new MemoryTrees();
    const folder = await findPath(trees.read, trees.add(SMALL), 'a');
    const options = { isRecursive: true, after: 'a/deep/x', limit: 1 };
    const page = await walkFolder(trees.read, folder!, options);
    expect(page.map((entry) => entry.path)).toEqual(['a/1.txt']);
  });

  test('gives the same list in pages of every size', async () => {
    const name = fc.constantFrom('a', 'a.b', 'a-b', 'ab', 'b', 'ü', '10', '9');
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
    const files = fc.array(path, { minLength: 1, maxLength: 30 }).map(withoutClashes);
    await fc.assert(
      fc.asyncProperty(
        files,
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (paths, limit, isRecursive) => {
          const trees = new MemoryTrees();
          const root = trees.add(paths);
          const [whole] = await pages(trees, root, isRecursive, 1000);
          expect((await pages(trees, root, isRecursive, limit)).flat()).toEqual(whole);
          const all = isRecursive ? paths.flatMap(withFolders) : paths.map((path) => path.split('/')[0]!);
          expect(new Set(whole)).toEqual(new Set(all));
        },
      ),
    );
  });

  test('reads only the trees on the way and on the page, wherever it lies', async () => {
    const trees = new MemoryTrees();
    const paths = Array.from({ length: 20_000 }, (_, i) => `d${String(i % 200).padStart(3, '0')}/f${i}.txt`);
    const root = trees.add(paths);
    for (const after of [null, 'd100/f100.txt', 'd199/f19999.txt']) {
      trees.reads.length = 0;
      await walkFolder(trees.read, rootFolder(root), { isRecursive: true, after, limit: 100 });
      expect(trees.reads.length).toBeLessThanOrEqual(3);
    }
  });

  test('reads many small folders together', async () => {
    const trees = new MemoryTrees();
    const root = trees.add(Array.from({ length: 500 }, (_, i) => `d${i}/only-${i}.txt`));
    let turns = 0;
    let isCounted = false;
    const read = (oid: Oid) => {
      if (!isCounted) turns++;
      isCounted = true;
      setImmediate(() => (isCounted = false));
      return new Promise<readonly TreeEntry[]>((resolve) => {
        setImmediate(() => resolve(trees.read(oid)));
      });
    };
    await walkFolder(read, rootFolder(root), { isRecursive: true, after: null, limit: 1000 });
    expect(turns).toBeLessThan(30);
  });

  test.each(['nothing', 'a/nothing', 'a/1.txt/x', 'z.txt/', 'a//1.txt', ''])(
    'refuses to go on after %j',
    async (after) => {
      const trees = new MemoryTrees();
      const walk = walkFolder(trees.read, rootFolder(trees.add(SMALL)), {
        isRecursive: true,
        after,
        limit: 5,
      });
      await expect(walk).rejects.toThrow(UnknownPosition);
    },
  );

  test('refuses a position below another folder', async () => {
    const trees = new MemoryTrees();
    const root = trees.add(SMALL);
    const folder = (await findPath(trees.read, root, 'm'))!;
    const outside = walkFolder(trees.read, folder, { isRecursive: true, after: 'a/1.txt', limit: 5 });
    await expect(outside).rejects.toThrow(UnknownPosition);
    const deeper = walkFolder(trees.read, rootFolder(root), {
      isRecursive: false,
      after: 'a/1.txt',
      limit: 5,
    });
    await expect(deeper).rejects.toThrow(UnknownPosition);
  });
});

describe('findPath', () => {
  test('finds files, folders and the root, and nothing else', async () => {
    const trees = new MemoryTrees();
    const root = trees.add(SMALL);
    const modeOf = async (path: string) => (await findPath(trees.read, root, path))?.mode ?? null;
    await expect(modeOf('')).resolves.toBe(FOLDER_MODE);
    await expect(modeOf('m/n/o')).resolves.toBe(FOLDER_MODE);
    await expect(modeOf('m/n/o/p.bin')).resolves.toBe('100644');
    for (const path of ['x', 'm/x', 'z.txt/x', '/', 'm/', '/m', 'm//n', 'sub', 'sub/x', '..', 'a\0']) {
      await expect(modeOf(path)).resolves.toBeNull();
    }
  });

  test('finds every name of a large folder', async () => {
    const trees = new MemoryTrees();
    const names = Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? `n${i}/x` : `n${i}`));
    const root = trees.add([...names, 'n1-', 'n3.txt', '\u{ffff}', '\u{10000}']);
    for (const name of [...names, 'n1-', 'n3.txt', '\u{ffff}', '\u{10000}']) {
      await expect(findPath(trees.read, root, name)).resolves.toMatchObject({ path: name });
    }
  });

  test('shares the reads of walks that run together', async () => {
    const trees = new MemoryTrees();
    const root = trees.add(SMALL);
    const read = sharingReads(trees.read);
    await Promise.all(['a/1.txt', 'a/2.txt', 'a/deep/x'].map((path) => findPath(read, root, path)));
    expect(trees.reads).toHaveLength(3);
  });
});

describe('collectSiblings', () => {
  test('sorts all files by path', async () => {
    const trees = new MemoryTrees();
    const { files, isTruncated } = await collectSiblings(trees.read, trees.add(SMALL), 100);
    expect(files.map((file) => file.path)).toEqual([
      'a.b',
      'a/1.txt',
      'a/2.txt',
      'a/deep/x',
      'm/n/o/p.bin',
      'z.txt',
      'ä',
    ]);
    expect(isTruncated).toBe(false);
  });

  test('keeps the files of upper folders when there are too many', async () => {
    const trees = new MemoryTrees();
    const { files, isTruncated } = await collectSiblings(trees.read, trees.add(SMALL), 4);
    expect(files.map((file) => file.path)).toEqual(['a.b', 'a/1.txt', 'z.txt', 'ä']);
    expect(isTruncated).toBe(true);
    await expect(collectSiblings(trees.read, trees.add(['a', 'b']), 2)).resolves.toMatchObject({
      isTruncated: false,
    });
  });

  test('ends in a tree that unfolds to billions of empty folders', async () => {
    const trees = new MemoryTrees();
    let paths = ['x/'];
    for (let level = 0; level < 4; level++)
      paths = 'abcdefghij'.split('').flatMap((a) => paths.map((p) => `${a}/${p}`));
    const { files, isTruncated } = await collectSiblings(trees.read, trees.add(paths), 100);
    expect({ files, isTruncated }).toEqual({ files: [], isTruncated: true });
    expect(trees.reads.length).toBeLessThan(200);
  });
});

/** Drops paths that would need a file and a folder of the same name. */
function withoutClashes(paths: readonly string[]): string[] {
  const kept = new Set<string>();
  for (const path of paths) {
    const isFolder = [...kept].some((other) => other.startsWith(`${path}/`));
    const isBelowFile = withFolders(path).some((folder) => folder !== path && kept.has(folder));
    if (!isFolder && !isBelowFile) kept.add(path);
  }
  return [...kept];
}

function withFolders(path: string): string[] {
  const names = path.split('/');
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}
