import * as fc from 'fast-check';
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findDivergence, isAncestor } from '../../src/domain/history/divergence.ts';
import type { CommitNode } from '../../src/domain/version/history-walk.ts';
import { EMPTY_TREE_OID, type Oid } from '../../src/git/oid.ts';
import { hashObject } from '../../src/git/object.ts';
import { diffTrees } from '../../src/git/tree-diff.ts';
import type { PathChange } from '../../src/git/tree-edit.ts';
import { mergeTrees } from '../../src/git/tree-merge.ts';
import { decodeTree, type FileMode, type TreeEntry } from '../../src/git/tree.ts';
import { ScratchRepo } from './git.ts';

/** Parents of each commit as indices of earlier ones, and its date. */
const dag = fc
  .array(fc.tuple(fc.array(fc.nat(1000), { maxLength: 3 }), fc.nat(20)), { minLength: 2, maxLength: 25 })
  .map((commits) =>
    commits.map(([parents, date], index) => ({
      parents: index === 0 ? [] : [...new Set(parents.map((parent) => parent % index))],
      date,
    })),
  );

describe('findDivergence', () => {
  it(
    'finds the merge bases and the two sides that git finds in random histories',
    { timeout: 120_000 },
    async () => {
      using repo = new ScratchRepo();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(dag, fc.nat(1000), fc.nat(1000), async (commits, a, b) => {
          const graph = writeGraph(repo, commits, run++);
          const [base, head] = [graph.oids[a % commits.length]!, graph.oids[b % commits.length]!];
          const found = await findDivergence(graph.read, { base, head });
          const bases = oidsOf(repo, ['merge-base', '--all', base, head]);
          expect(found.mergeBases.map((commit) => commit.oid).toSorted()).toEqual(bases.toSorted());
          expect(found.ahead.toSorted()).toEqual(oidsOf(repo, ['rev-list', `${base}..${head}`]).toSorted());
          expect(found.behind.toSorted()).toEqual(oidsOf(repo, ['rev-list', `${head}..${base}`]).toSorted());
          expect(await isAncestor(graph.read, (await graph.read(base))!, head)).toBe(
            repo.accepts(['merge-base', '--is-ancestor', base, head]),
          );
        }),
        { numRuns: 60 },
      );
    },
  );
});

const NAMES = ['a', 'a.b', 'a-', 'b', '\u{e9}', '\u{ffee}', '\u{1f600}'];
const VARIANTS = ['one', 'two', 'three'];
type Files = ReadonlyMap<string, string>;
/** A set of files with few names, so that trees meet, without a file where a folder is needed. */
const files: fc.Arbitrary<Files> = fc
  .array(
    fc.tuple(
      fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
      fc.constantFrom('100644', '100755', '120000'),
      fc.constantFrom(...VARIANTS),
    ),
    { maxLength: 14 },
  )
  .map((entries) => {
    const kept = new Map<string, string>();
    for (const [path, mode, variant] of entries) {
      const isBlocked = [...kept.keys()].some(
        (file) => file.startsWith(`${path}/`) || path.startsWith(`${file}/`),
      );
      if (!isBlocked) kept.set(path, `${mode} ${blobOf(path, variant).oid}`);
    }
    return kept;
  });

describe('diffTrees', () => {
  it('lists what git diff-tree lists, page by page', { timeout: 120_000 }, async () => {
    using repo = new ScratchRepo();
    writeBlobs(repo);
    await fc.assert(
      fc.asyncProperty(files, files, fc.integer({ min: 1, max: 5 }), async (before, after, limit) => {
        const trees = { before: writeTree(repo, before), after: writeTree(repo, after) };
        const readTree = treesOf(repo);
        const changes: PathChange[] = [];
        for (let page: PathChange[] | null = null; page?.length !== 0; changes.push(...page)) {
          page = await diffTrees(readTree, trees, { position: changes.at(-1)?.path ?? null, limit });
        }
        expect(changes.map(diffLine)).toEqual(diffTree(repo, trees.before, trees.after));
      }),
      { numRuns: 40 },
    );
  });

  it('reads nothing of folders that are the same', async () => {
    using repo = new ScratchRepo();
    writeBlobs(repo);
    const state = `100644 ${blobOf('b/a/b', 'one').oid}`;
    const shared = ['b/x', 'b/c/y'].map((path) => [path, state] as const);
    const before = writeTree(repo, new Map([['a/f', state], ...shared]));
    const after = writeTree(repo, new Map([['a/g', state], ...shared]));
    let reads = 0;
    const readTree = treesOf(repo);
    const counting = (oid: Oid) => {
      reads++;
      return readTree(oid);
    };
    const changes = await diffTrees(counting, { before, after }, { position: null, limit: 10 });
    expect([changes.map((change) => change.path), reads]).toEqual([['a/f', 'a/g'], 4]);
  });
});

describe('mergeTrees', () => {
  it(
    'merges what git merge-tree merges without a conflict, to the same tree, and nothing else',
    { timeout: 120_000 },
    async () => {
      using repo = new ScratchRepo();
      writeBlobs(repo);
      await fc.assert(
        fc.asyncProperty(files, files, files, async (...sides) => {
          const [base, ours, theirs] = sides.map((side) => writeTree(repo, side));
          const merged = await mergeTrees(
            treesOf(repo),
            { base: base!, ours: ours!, theirs: theirs! },
            { favor: 'none' },
          );
          const expected = mergeWithGit(repo, [base!, ours!, theirs!]);
          expect(merged.conflicts.length > 0 ? 'conflict' : merged.rootOid).toBe(expected);
        }),
        { numRuns: 60 },
      );
    },
  );
});

function writeGraph(
  repo: ScratchRepo,
  commits: readonly { parents: readonly number[]; date: number }[],
  run: number,
) {
  const marks = commits.map(({ parents, date }, index) => {
    const lines = parents.map((parent, at) => `${at === 0 ? 'from' : 'merge'} :${parent + 1}\n`).join('');
    const name = `refs/heads/r${run}-${index}`;
    return `reset ${name}\n\ncommit ${name}\nmark :${index + 1}\ncommitter A <a@b> ${1_700_000_000 + date} +0000\ndata 1\n${index % 10}\n${lines}\n`;
  });
  repo.git(['fast-import', '--quiet', '--export-marks=marks'], marks.join(''));
  const lines = repo
    .git(['for-each-ref', '--format=%(refname) %(objectname)', `refs/heads/r${run}-*`])
    .toString()
    .trim()
    .split('\n');
  const byName = new Map(lines.map((line) => line.split(' ') as [string, Oid]));
  const oids = commits.map((_, index) => byName.get(`refs/heads/r${run}-${index}`)!);
  const nodes = new Map<Oid, CommitNode>();
  for (const [index, { parents, date }] of commits.entries()) {
    const parentOids = parents.map((parent) => oids[parent]!);
    nodes.set(oids[index]!, {
      oid: oids[index]!,
      treeOid: EMPTY_TREE_OID,
      parents: parentOids,
      generation: 1 + Math.max(0, ...parentOids.map((oid) => nodes.get(oid)!.generation)),
      committedAt: new Date((1_700_000_000 + date) * 1000),
    });
  }
  return { oids, read: async (oid: Oid) => nodes.get(oid) ?? null };
}

function oidsOf(repo: ScratchRepo, args: readonly string[]): string[] {
  if (!repo.accepts(args)) return [];
  return repo.git(args).toString().split('\n').filter(Boolean);
}

/** What a file may hold. Other paths hold something else, so that git finds no renames. */
function blobOf(path: string, variant: string): { readonly content: string; readonly oid: Oid } {
  const content = `${hash('sha1', path)} ${variant}`;
  return { content, oid: hashObject('blob', Buffer.from(content)) };
}

function writeBlobs(repo: ScratchRepo): void {
  const below = (folders: readonly string[]) =>
    folders.flatMap((folder) => NAMES.map((name) => `${folder}/${name}`));
  const paths = [...NAMES, ...below(NAMES), ...below(below(NAMES))];
  const contents = paths.flatMap((path) => VARIANTS.map((variant) => blobOf(path, variant).content));
  repo.git(
    ['fast-import', '--quiet'],
    contents.map((text) => `blob\ndata ${text.length}\n${text}\n`).join(''),
  );
}

function writeTree(repo: ScratchRepo, side: Files): Oid {
  repo.git(['read-tree', '--empty']);
  repo.git(
    ['update-index', '-z', '--index-info'],
    Array.from(side, ([path, state]) => `${state}\t${path}\0`).join(''),
  );
  return repo.git(['write-tree']).toString().trim() as Oid;
}

function treesOf(repo: ScratchRepo) {
  return async (oid: Oid): Promise<readonly TreeEntry[]> => decodeTree(repo.git(['cat-file', 'tree', oid]));
}

function diffTree(repo: ScratchRepo, before: string, after: string): string[] {
  const args = ['diff-tree', '-r', '-z', '--no-renames', before, after];
  const fields = repo.git(args).toString().split('\0').slice(0, -1);
  return fields.flatMap((field, index) => {
    if (index % 2 === 1) return [];
    const [oldMode, newMode, oldOid, newOid] = field.slice(1).split(' ');
    return [`${oldMode} ${oldOid} ${newMode} ${newOid} ${fields[index + 1]}`];
  });
}

const NOTHING = { mode: '000000' as FileMode, oid: '0'.repeat(40) };

function diffLine({ path, before, after }: PathChange): string {
  const [old, now] = [before ?? NOTHING, after ?? NOTHING];
  return `${old.mode} ${old.oid} ${now.mode} ${now.oid} ${path}`;
}

/** The tree that `git merge` makes of two commits with a common parent, or `conflict`. */
function mergeWithGit(repo: ScratchRepo, [base, ours, theirs]: readonly string[]): string {
  const commit = (tree: string, ...parents: readonly string[]): string =>
    repo
      .git(['commit-tree', tree, '-m', 'x', ...parents.flatMap((oid) => ['-p', oid])])
      .toString()
      .trim();
  const parent = commit(base!);
  const args = [
    '-c',
    'merge.renames=false',
    'merge-tree',
    '--write-tree',
    commit(ours!, parent),
    commit(theirs!, parent),
  ];
  return repo.accepts(args) ? repo.git(args).toString().trim() : 'conflict';
}
