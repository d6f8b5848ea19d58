import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChangeReader, DIFF_TREE_ARGS } from '../../src/domain/git/push-changes.ts';
import { type ObjectTable, tableInOrder } from '../../src/domain/git/push-found.ts';
import { type KnownHistory, walkPush, type WalkJob, type Walked } from '../../src/domain/git/push-walk.ts';
import type { BatchHeader } from '../../src/git/batch-output.ts';
import type { Oid } from '../../src/git/oid.ts';
import { decodeTree } from '../../src/git/tree.ts';
import { RowFile, rowSource, type RowSource } from '../../src/lib/row-file.ts';
import { ScratchRepo } from './git.ts';

const LIMITS = { fileBytes: 2 ** 20, totalBytes: 2 ** 30, refName: null };
const UNPACK_LIMITS = { objectBytes: 2 ** 26, cacheBytes: 2 ** 20, workBytes: 2 ** 30 };
const NAMES = ['a', 'b.txt', 'a-b', 'ü', 'x\ny', '\udcff'];

/** One commit: paths of names, with what is there afterwards. */
type Edit = readonly { readonly path: readonly string[]; readonly to: string }[];

/** Makes commits from one on, as `git fast-import` takes them. */
function history(repo: ScratchRepo, edits: readonly Edit[], from: string | null): Oid {
  let input = '';
  for (const [i, edit] of edits.entries()) {
    const parent = i === 0 && from !== null ? `from ${from}\n` : '';
    input += `commit refs/heads/work\ncommitter A <a@example.org> ${1_700_000_000 + i} +0000\ndata 1\nm\n${parent}`;
    for (const { path, to } of edit) input += change(path, to);
  }
  const bytes = Buffer.from(input, 'latin1');
  repo.git(['fast-import', '--quiet', '--force'], bytes);
  return repo.git(['rev-parse', 'refs/heads/work']).toString().trim() as Oid;
}

function change(path: readonly string[], to: string): string {
  // As bytes: a name that is not UTF-8 has one byte for each escape.
  const bytes = path
    .map((name) => (name === '\udcff' ? '\xff' : Buffer.from(name).toString('latin1')))
    .join('/');
  const quoted = `"${bytes.replaceAll('\n', String.raw`\n`)}"`;
  if (to === 'gone') return `D ${quoted}\n`;
  if (to === 'submodule') return `M 160000 ${'1'.repeat(40)} ${quoted}\n`;
  const mode = to.startsWith('link') ? '120000' : to.startsWith('run') ? '100755' : '100644';
  const content = to.repeat(30);
  return `M ${mode} inline ${quoted}\ndata ${content.length}\n${content}\n`;
}

interface Pushed {
  readonly job: WalkJob;
  readonly target: string;
}

/** Packs what a client would send, and takes it as a push is taken. */
function pushed(repo: ScratchRepo, tip: Oid, base: Oid | null): Pushed {
  const revisions = base ? `${tip}\n^${base}\n` : `${tip}\n`;
  const sent = repo.git(
    ['pack-objects', '--revs', '--thin', '--stdout', '-q', '--delta-base-offset'],
    revisions,
  );
  const target = join(repo.dir, 'target');
  repo.git(['init', '-q', '--bare', target]);
  if (base) {
    const known = repo.git(['pack-objects', '--revs', '--stdout', '-q'], `${base}\n`);
    repo.git(['-C', target, 'unpack-objects', '-q'], known);
    repo.git(['-C', target, 'update-ref', 'refs/heads/main', base]);
  }
  repo.git(['-C', target, 'index-pack', '--stdin', '--fix-thin', '--strict'], sent);
  const packs = join(target, 'objects', 'pack');
  const idx = readdirSync(packs).find((name) => name.endsWith('.idx'))!;
  const path = (name: string) => join(repo.dir, name);
  const job: WalkJob = {
    packPath: join(packs, `${idx.slice(0, -4)}.pack`),
    idxPath: join(packs, idx),
    tips: [tip],
    storeId: 7,
    limits: LIMITS,
    unpackLimits: UNPACK_LIMITS,
    maxSteps: 100_000,
    changesPath: path('changes'),
    filesPath: path('files'),
  };
  return { job, target };
}

/** What the target has, by git. */
function knownTo(repo: ScratchRepo, target: string, base: Oid | null): KnownHistory {
  const git = (...args: string[]) => repo.git(['-C', target, ...args]);
  return {
    commit: async (oid) => {
      if (oid !== base) return null;
      const generation = Number(git('rev-list', '--count', oid).toString());
      return { treeOid: git('rev-parse', `${oid}^{tree}`).toString().trim() as Oid, generation };
    },
    tree: async (oid) => decodeTree(git('cat-file', 'tree', oid)),
  };
}

/** Long enough for a delta. */
function long(end: string): string {
  return `${Array.from({ length: 300 }, (_, i) => `line ${i}`).join('\n')}${end}`;
}

async function textOf(rows: RowSource): Promise<string[]> {
  let text = '';
  for await (const piece of rows.read()) text += piece;
  return text.split('\n').filter(Boolean).toSorted();
}

/** The same by git. */
async function byGit(repo: ScratchRepo, { job, target }: Pushed, base: Oid | null, walked: Walked) {
  const [tip] = job.tips;
  const git = (...args: string[]) => repo.git(['-C', target, ...args]);
  const range = base ? [tip!, `^${base}`] : [tip!];
  const found = git('rev-list', '--objects', '--no-object-names', ...range).toString();
  const commits = git('rev-list', '--reverse', ...range)
    .toString()
    .split('\n')
    .filter(Boolean) as Oid[];
  await using changes = new RowFile(join(repo.dir, 'git-changes'));
  await using files = new RowFile(join(repo.dir, 'git-files'));
  const reader = new ChangeReader({ storeId: 7, generations: walked.generations, changes, files });
  reader.push(repo.git(['-C', target, ...DIFF_TREE_ARGS], commits.map((oid) => `${oid}\n`).join('')));
  return {
    objects: found.split('\n').filter(Boolean).toSorted(),
    commits,
    generations: commits.map(
      (_, i) => i + 1 + (base ? Number(git('rev-list', '--count', base).toString()) : 0),
    ),
    changes: await textOf(changes),
    files: await textOf(files),
  };
}

/** In the order of the pack. */
function headersOf(table: ObjectTable): BatchHeader[] {
  using objects = tableInOrder(table);
  return Array.from(objects.offsets, (_, index) => objects.headerAt(index));
}

async function bothWays(repo: ScratchRepo, tip: Oid, base: Oid | null): Promise<Walked | null> {
  const push = pushed(repo, tip, base);
  const walked = await walkPush(push.job, knownTo(repo, push.target, base));
  if (!walked) return null;
  const objects = headersOf(walked.objects);
  const expected = await byGit(repo, push, base, walked);
  expect({
    objects: objects.map(({ oid }) => oid).toSorted(),
    commits: [...walked.parents.keys()],
    generations: [...walked.generations].filter(([oid]) => oid !== base).map(([, generation]) => generation),
    changes: await textOf(rowSource(walked.changes)),
    files: await textOf(rowSource(walked.files)),
  }).toEqual(expected);
  const types = repo.git(
    ['-C', push.target, 'cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'],
    objects.map(({ oid }) => `${oid}\n`).join(''),
  );
  expect(objects.map(({ oid, type, sizeBytes }) => `${oid} ${type} ${sizeBytes}`)).toEqual(
    types.toString().trim().split('\n'),
  );
  expect(walked.objectCount).toBe(objects.length);
  return walked;
}

describe('a push that is walked without git', () => {
  it('brings what git finds, or is left to git', { timeout: 180_000 }, async () => {
    const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 });
    const to = fc.oneof(
      { weight: 4, arbitrary: fc.nat(1e6).map((n) => `text ${n} `) },
      { weight: 1, arbitrary: fc.nat(3).map((n) => `run ${n} `) },
      { weight: 1, arbitrary: fc.constantFrom('gone', 'gone', 'submodule', 'link', 'text 1 ') },
    );
    const edit = fc.array(fc.record({ path, to }), { minLength: 0, maxLength: 6 });
    const counts = { walked: 0, left: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (before, after, isFirst) => {
          using repo = new ScratchRepo();
          const base = isFirst ? null : history(repo, before, null);
          const tip = history(repo, after, base);
          counts[(await bothWays(repo, tip, base)) ? 'walked' : 'left']++;
        },
      ),
      { numRuns: 40, seed: 11 },
    );
    expect(counts.walked).toBeGreaterThan(25);
  });

  it('is left to git when it is out of the ordinary', { timeout: 60_000 }, async () => {
    using repo = new ScratchRepo();
    const base = history(repo, [[{ path: ['a'], to: 'one' }], [{ path: ['b'], to: 'two' }]], null);
    const moved = history(repo, [[{ path: ['c'], to: 'two' }]], base);
    const { job, target } = pushed(repo, moved, base);
    const known = knownTo(repo, target, base);
    // What was at another place may be of a commit that nobody keeps.
    expect(await walkPush(job, known)).toBeNull();
    // No ref names what it builds on.
    expect(await walkPush(job)).toBeNull();
    expect(await walkPush({ ...job, tips: [base] }, known)).toBeNull();
    expect(await walkPush({ ...job, tips: ['1'.repeat(40) as Oid] }, known)).toBeNull();
  });

  it.each([
    ['files that are too large', { limits: { ...LIMITS, fileBytes: 10 } }],
    ['too much in all', { limits: { ...LIMITS, totalBytes: 10 } }],
    ['too many entries', { maxSteps: 2 }],
    ['objects that take too much memory', { unpackLimits: { ...UNPACK_LIMITS, objectBytes: 10 } }],
  ])('is left to git with %s', async (_name, change) => {
    using repo = new ScratchRepo();
    const tip = history(repo, [[{ path: ['a', 'b'], to: 'text' }]], null);
    const { job } = pushed(repo, tip, null);
    expect(await walkPush({ ...job, ...change })).toBeNull();
    expect(await walkPush(job)).toMatchObject({ objectCount: 4 });
  });

  it('may be a pack that is a segment already', async () => {
    using repo = new ScratchRepo();
    const tip = history(
      repo,
      [
        [
          { path: ['a'], to: 'text' },
          { path: ['b', 'c'], to: 'more' },
        ],
      ],
      null,
    );
    const { job, target } = pushed(repo, tip, null);
    expect(await walkPush(job)).toMatchObject({ objectCount: 5, isWholePack: true });
    const withPack = async (args: readonly string[], oids: readonly string[]) => {
      const sent = repo.git(
        ['pack-objects', '--stdout', '-q', ...args],
        oids.map((oid) => `${oid} b\n`).join(''),
      );
      const name = repo.git(['-C', target, 'index-pack', '--stdin'], sent).toString().trim().split('\t')[1]!;
      const base = join(target, 'objects', 'pack', `pack-${name}`);
      return walkPush({ ...job, packPath: `${base}.pack`, idxPath: `${base}.idx` });
    };
    const all = repo.git(['rev-list', '--objects', '--no-object-names', tip]).toString().trim().split('\n');
    const other = repo.git(['hash-object', '-w', '--stdin'], Buffer.from('other')).toString().trim();
    expect(await withPack([], [...all, other])).toMatchObject({ objectCount: 5, isWholePack: false });
  });

  it('is not one when it has deltas', async () => {
    using repo = new ScratchRepo();
    const tip = history(
      repo,
      [
        [
          { path: ['a'], to: long('1') },
          { path: ['b'], to: long('2') },
        ],
      ],
      null,
    );
    const { job } = pushed(repo, tip, null);
    expect(await walkPush(job)).toMatchObject({ objectCount: 4, isWholePack: false });
  });

  it('is left to git when an entry is not of the type that its mode says', async () => {
    using repo = new ScratchRepo();
    const tip = history(repo, [[{ path: ['a'], to: 'text' }]], null);
    const tree = repo
      .git(['rev-parse', `${tip}^{tree}`])
      .toString()
      .trim();
    const twice = Buffer.concat([
      Buffer.from(`100644 blob\0`),
      Buffer.from(tree, 'hex'),
      Buffer.from(`40000 tree\0`),
      Buffer.from(tree, 'hex'),
    ]);
    const root = repo
      .git(['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], twice)
      .toString()
      .trim();
    const wrong = repo.git(['commit-tree', root, '-m', 'm']).toString().trim() as Oid;
    const oids = [
      wrong,
      root,
      tree,
      ...repo.git(['ls-tree', '--object-only', tree]).toString().trim().split('\n'),
    ];
    const sent = repo.git(['pack-objects', '--stdout', '-q'], oids.map((oid) => `${oid}\n`).join(''));
    const { job, target } = pushed(repo, tip, null);
    const name = repo.git(['-C', target, 'index-pack', '--stdin'], sent).toString().trim().split('\t')[1]!;
    const base = join(target, 'objects', 'pack', `pack-${name}`);
    expect(
      await walkPush({ ...job, tips: [wrong], packPath: `${base}.pack`, idxPath: `${base}.idx` }),
    ).toBeNull();
  });
});
