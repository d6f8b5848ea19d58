import { expect, test } from 'vitest';
import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import { encodeTree, type TreeEntry } from '../../git/tree.ts';
import type { CommitNode } from './history-walk.ts';
import { findLastChange } from './last-change.ts';

/** Commits whose root tree holds one file per letter of `files`, with that letter's number as content. */
class MemoryRepository {
  readonly #commits = new Map<Oid, CommitNode>();
  readonly #trees = new Map<Oid, readonly TreeEntry[]>();

  add(name: string, files: Readonly<Record<string, string>>, parents: readonly string[] = []): Oid {
    const entries = Object.keys(files)
      .toSorted()
      .map((path): TreeEntry => ({ name: path, mode: '100644', oid: this.oid(files[path]!) }));
    const treeOid = hashObject('tree', encodeTree(entries));
    this.#trees.set(treeOid, entries);
    const oid = this.oid(name);
    const parentOids = parents.map((parent) => this.oid(parent));
    this.#commits.set(oid, { oid, treeOid, parents: parentOids, generation: 1, committedAt: new Date(0) });
    return oid;
  }

  oid(name: string): Oid {
    return hashObject('blob', Buffer.from(name));
  }

  readonly readCommit = async (oid: Oid) => this.#commits.get(oid) ?? null;
  readonly readTree = async (oid: Oid) => this.#trees.get(oid)!;
}

const unlimited = () => ({ left: 100 });

test('goes back to the commit that gave a path its content', async () => {
  const repository = new MemoryRepository();
  const first = repository.add('first', { a: '1', b: '1' });
  const second = repository.add('second', { a: '2', b: '1' }, ['first']);
  const third = repository.add('third', { a: '2', b: '1', c: '1' }, ['second']);
  const last = (path: string) => findLastChange(repository, { headOid: third, path }, unlimited());
  await expect(last('a')).resolves.toBe(second);
  await expect(last('b')).resolves.toBe(first);
  await expect(last('c')).resolves.toBe(third);
  await expect(last('')).resolves.toBe(third);
});

test('follows the side of a merge that was taken', async () => {
  const repository = new MemoryRepository();
  repository.add('root', { a: '1' });
  const ours = repository.add('ours', { a: '2' }, ['root']);
  repository.add('theirs', { a: '3' }, ['root']);
  repository.add('theirs2', { a: '4' }, ['theirs']);
  const headOid = repository.add('merge', { a: '2' }, ['theirs2', 'ours']);
  await expect(findLastChange(repository, { headOid, path: 'a' }, unlimited())).resolves.toBe(ours);
  const mixed = repository.add('mixed', { a: '5' }, ['theirs2', 'ours']);
  await expect(findLastChange(repository, { headOid: mixed, path: 'a' }, unlimited())).resolves.toBe(mixed);
});

test('gives up when the budget is used up', async () => {
  const repository = new MemoryRepository();
  repository.add('0', { a: '1' });
  for (let i = 1; i < 20; i++) repository.add(String(i), { a: '1', b: String(i) }, [String(i - 1)]);
  const budget = { left: 10 };
  const headOid = repository.oid('19');
  await expect(findLastChange(repository, { headOid, path: 'a' }, budget)).resolves.toBeNull();
  await expect(findLastChange(repository, { headOid, path: 'b' }, budget)).resolves.toBeNull();
});
