import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import { type CommitNode, type HistoryPosition, readCommitsAhead, walkHistory } from './history-walk.ts';

/** Commits in memory, named by letters or numbers. */
class MemoryCommits {
  readonly #nodes = new Map<Oid, CommitNode>();
  readonly #names = new Map<Oid, string>();
  statements = 0;

  add(name: string, minute: number, parents: readonly string[] = []): void {
    const oid = this.oid(name);
    const nodes = parents.map((parent) => this.#nodes.get(this.oid(parent))!);
    const generation = 1 + Math.max(0, ...nodes.map((node) => node.generation));
    const committedAt = new Date(minute * 60_000);
    this.#names.set(oid, name);
    this.#nodes.set(oid, {
      oid,
      treeOid: oid,
      parents: nodes.map((node) => node.oid),
      generation,
      committedAt,
    });
  }

  oid(name: string): Oid {
    return hashObject('blob', Buffer.from(name));
  }

  readonly read = async (oid: Oid): Promise<CommitNode | null> => this.#nodes.get(oid) ?? null;

  /** As the SQL does: breadth first. */
  readonly findAncestors = async (oid: Oid, limit: number): Promise<readonly CommitNode[]> => {
    this.statements++;
    const found = new Set<CommitNode>();
    const open = [oid];
    for (let next = open.shift(); next && found.size < limit; next = open.shift()) {
      const node = this.#nodes.get(next);
      if (!node || found.has(node)) continue;
      found.add(node);
      open.push(...node.parents);
    }
    return [...found];
  };

  async pages(head: string, limit: number): Promise<string[][]> {
    const pages: string[][] = [];
    let position: HistoryPosition | null = { start: this.oid(head), skip: 0 };
    while (position) {
      const page: Awaited<ReturnType<typeof walkHistory>> = await walkHistory(this.read, position, limit);
      pages.push(page.commits.map((commit) => this.#names.get(commit.oid)!));
      position = page.next;
    }
    return pages;
  }
}

describe('walkHistory', () => {
  test('lists linear history newest first and goes on without skipping', async () => {
    const commits = new MemoryCommits();
    for (let i = 1; i <= 5; i++) commits.add(String(i), i, i > 1 ? [String(i - 1)] : []);
    await expect(commits.pages('5', 2)).resolves.toEqual([['5', '4'], ['3', '2'], ['1']]);
    const { next } = await walkHistory(commits.read, { start: commits.oid('5'), skip: 0 }, 2);
    expect(next).toEqual({ start: commits.oid('3'), skip: 0 });
  });

  test('mixes branches by date, each commit once', async () => {
    const commits = new MemoryCommits();
    commits.add('root', 0);
    commits.add('a1', 1, ['root']);
    commits.add('b1', 2, ['root']);
    commits.add('a2', 3, ['a1']);
    commits.add('b2', 4, ['b1']);
    commits.add('merge', 5, ['a2', 'b2']);
    for (const limit of [1, 2, 3, 10]) {
      expect((await commits.pages('merge', limit)).flat()).toEqual(['merge', 'b2', 'a2', 'b1', 'a1', 'root']);
    }
  });

  test('puts the descendant first when both have the same date', async () => {
    const commits = new MemoryCommits();
    commits.add('root', 0);
    commits.add('side', 0, ['root']);
    commits.add('late', 0, ['side']);
    commits.add('merge', 0, ['root', 'late']);
    await expect(commits.pages('merge', 1)).resolves.toEqual([['merge'], ['late'], ['side'], ['root']]);
  });

  test('lists every commit once in pages of every size, whatever the clocks said', async () => {
    const commit = fc.record({ minute: fc.nat(20), parents: fc.array(fc.nat(), { maxLength: 3 }) });
    const history = fc.array(commit, { minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 6 }), async (plan, limit) => {
        const commits = new MemoryCommits();
        for (const [index, { minute, parents }] of plan.entries()) {
          const earlier = index === 0 ? [] : parents.map((parent) => String(parent % index));
          commits.add(String(index), minute, [...new Set(earlier)]);
        }
        const head = String(plan.length - 1);
        const [whole] = await commits.pages(head, 1000);
        expect(new Set(whole).size).toBe(whole!.length);
        expect((await commits.pages(head, limit)).flat()).toEqual(whole);
      }),
    );
  });

  test('reads a long history with few statements', async () => {
    const commits = new MemoryCommits();
    for (let i = 1; i <= 3000; i++) commits.add(String(i), i, i > 1 ? [String(i - 1)] : []);
    const read = readCommitsAhead(commits.findAncestors, 51);
    const { commits: listed } = await walkHistory(read, { start: commits.oid('3000'), skip: 0 }, 3000);
    expect(listed).toHaveLength(3000);
    expect(commits.statements).toBeLessThan(8);
  });

  test('is empty for an unknown commit', async () => {
    const commits = new MemoryCommits();
    const position = { start: commits.oid('nowhere'), skip: 0 };
    await expect(walkHistory(commits.read, position, 10)).resolves.toEqual({ commits: [], next: null });
  });
});
