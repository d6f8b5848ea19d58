import { expect, it } from 'vitest';
import { TurnCount } from '../../lib/fixtures/turn-count.ts';
import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import type { CommitNode } from '../version/history-walk.ts';
import { findDivergence } from './divergence.ts';

const oidOf = (text: string): Oid => hashObject('blob', Buffer.from(text));
const COMMITS = 20_000;

it('leaves others their turns, however many commits are known already', async () => {
  const counted = TurnCount.start();
  const commits = new Map<Oid, CommitNode>();
  const commit = (name: string, generation: number, parents: readonly Oid[]): Oid => {
    const oid = oidOf(name);
    const committedAt = new Date(generation * 1000);
    commits.set(oid, { oid, treeOid: oidOf('tree'), parents, generation, committedAt });
    return oid;
  };
  const root = commit('root', 1, []);
  let head = root;
  for (let i = 0; i < COMMITS; i++) head = commit(`c${i}`, i + 2, [head]);
  const readCommit = async (oid: Oid): Promise<CommitNode | null> => {
    counted.note();
    return commits.get(oid) ?? null;
  };
  const { ahead, behind, mergeBases } = await findDivergence(readCommit, { base: root, head });
  counted.stop();
  expect([ahead.length, ahead[0], behind.length, mergeBases.length]).toEqual([COMMITS, head, 0, 1]);
  expect(counted.total).toBeGreaterThan(COMMITS);
  expect(counted.most).toBeLessThan(COMMITS / 5);
  // The commits are put into the order of a log after they were read.
  expect(counted.turns).toBeGreaterThan((2 * COMMITS) / 1000 - 2);
});
