import { expect, it } from 'vitest';
import { TurnCount } from '../lib/fixtures/turn-count.ts';
import { hashObject } from './object.ts';
import type { Oid } from './oid.ts';
import { diffTrees } from './tree-diff.ts';
import { FOLDER_MODE, type TreeEntry } from './tree.ts';

const oidOf = (text: string): Oid => hashObject('blob', Buffer.from(text));
const SAME = oidOf('same');
const SMALL_FOLDERS = 10;
const LARGE_FOLDERS = 8;
const LARGE_ENTRIES = 10_000;

it('leaves others their turns, also where large folders follow small ones', async () => {
  const counted = TurnCount.start();
  const trees = new Map<Oid, readonly TreeEntry[]>();
  /** A file that is counted when it is looked at. */
  const file = (name: string, oid: Oid): TreeEntry => ({
    name,
    mode: '100644',
    get oid() {
      counted.note();
      return oid;
    },
  });
  const folder = (label: string, count: number): Oid => {
    const oid = oidOf(label);
    const names = Array.from({ length: count }, (_, i) => `f${String(i).padStart(5, '0')}`);
    trees.set(
      oid,
      names.map((name, i) => file(name, i === 0 ? oid : SAME)),
    );
    return oid;
  };
  const root = (side: string): Oid => {
    const names = Array.from(
      { length: SMALL_FOLDERS + LARGE_FOLDERS },
      (_, i) => `d${String(i).padStart(2, '0')}`,
    );
    const entries = names.map((name, i) => {
      const count = i < SMALL_FOLDERS ? 1 : LARGE_ENTRIES;
      return { name, mode: FOLDER_MODE, oid: folder(`${side} ${name}`, count) } as const;
    });
    trees.set(oidOf(side), entries);
    return oidOf(side);
  };
  const pair = { before: root('before'), after: root('after') };
  const changes = await diffTrees(async (oid) => trees.get(oid)!, pair, { position: null, limit: 1000 });
  counted.stop();
  expect(changes).toHaveLength(SMALL_FOLDERS + LARGE_FOLDERS);
  // Each entry of both sides.
  expect(counted.total).toBeGreaterThan(2 * LARGE_FOLDERS * LARGE_ENTRIES);
  expect(counted.most).toBeLessThan(3 * 2 * LARGE_ENTRIES);
});
