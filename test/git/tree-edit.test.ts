import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { DomainError } from '../../src/lib/domain-error.ts';
import { hashObject } from '../../src/git/object.ts';
import type { Oid } from '../../src/git/oid.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { editTree } from '../../src/git/tree-edit.ts';
import type { LeafMode, PathChange, TreeEdit } from '../../src/git/tree-edit.ts';
import { decodeTree } from '../../src/git/tree.ts';
import type { TreeEntry } from '../../src/git/tree.ts';
import { ScratchRepo } from './git.ts';

const TEXTS = ['one', 'two', 'three'];
const BLOBS = TEXTS.map((text) => hashObject('blob', Buffer.from(text)));

const path = fc
  .array(fc.constantFrom('a', 'a.b', 'a-', 'é', '\u{ffee}', '\u{1f600}'), { minLength: 1, maxLength: 3 })
  .map((names) => parseRepoPath(names.join('/')));
const edit: fc.Arbitrary<TreeEdit> = fc.oneof(
  fc.record({
    kind: fc.constant('put' as const),
    path,
    mode: fc.constantFrom<LeafMode>('100644', '100755', '120000'),
    oid: fc.constantFrom(...BLOBS),
  }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'deleteFolder' as const), path }),
);

/** A file in a folder, which the next edits delete and fill again. */
const PUT_AGAIN: TreeEdit[][] = [
  [{ kind: 'put', path: parseRepoPath('d/a'), mode: '100644', oid: BLOBS[0]! }],
  [
    { kind: 'deleteFolder', path: parseRepoPath('d') },
    { kind: 'put', path: parseRepoPath('d/a'), mode: '100644', oid: BLOBS[1]! },
  ],
];

type Files = ReadonlyMap<string, string>;

describe('editTree', () => {
  it('gives the ids that git fast-import and git write-tree give, through edits on edits', async () => {
    using repo = new ScratchRepo();
    const candidates = fc.array(fc.array(edit, { maxLength: 25 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(candidates, async (lists) => {
        const store = new Map<Oid, Buffer>();
        const commands: string[] = ['reset refs/heads/x', ''];
        const roots: Oid[] = [];
        let files: Files = new Map();
        for (const list of lists) {
          const { edits, after } = applicable(files, list);
          const edited = await editTree({ readTree: readFrom(store), rootOid: roots.at(-1) ?? null, edits });
          for (const tree of edited.newTrees) store.set(tree.oid, tree.bytes);
          expect(applyChanges(files, edited.changes)).toEqual(after);
          files = after;
          roots.push(edited.rootOid);
          commands.push(
            'commit refs/heads/x',
            'committer A <a@b> 0 +0000',
            'data 1',
            'm',
            ...edits.map(fastImport),
          );
        }
        repo.git(
          ['fast-import', '--quiet', '--force', '--date-format=raw'],
          `${BLOB_COMMANDS}${commands.join('\n')}\n`,
        );
        const imported = repo
          .git(['log', '--reverse', '--format=%T', 'refs/heads/x'])
          .toString()
          .trim()
          .split('\n');
        expect(roots).toEqual(imported);
        expect(roots.at(-1)).toBe(writeTree(repo, files));
      }),
      { numRuns: 120, examples: [[PUT_AGAIN]] },
    );
  });

  it('refuses exactly the single edits that make no sense', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 25 }), edit, async (list, last) => {
        const store = new Map<Oid, Buffer>();
        const { edits, after } = applicable(new Map(), list);
        const { rootOid, newTrees } = await editTree({ readTree: readFrom(store), rootOid: null, edits });
        for (const tree of newTrees) store.set(tree.oid, tree.bytes);
        const isAllowed = afterEdit(after, last) !== null;
        const isDone = await editTree({ readTree: readFrom(store), rootOid, edits: [last] }).then(
          () => true,
          (error: unknown) => !(error instanceof DomainError),
        );
        expect(isDone).toBe(isAllowed);
      }),
      { numRuns: 500 },
    );
  });
});

const BLOB_COMMANDS = TEXTS.map((text) => `blob\ndata ${text.length}\n${text}\n`).join('');

function fastImport(one: TreeEdit): string {
  return one.kind === 'put' ? `M ${one.mode} ${one.oid} ${one.path}` : `D ${one.path}`;
}

function readFrom(store: ReadonlyMap<Oid, Buffer>): (oid: Oid) => Promise<TreeEntry[]> {
  return (oid) => Promise.resolve(decodeTree(store.get(oid)!));
}

/** The edits of a list that make sense one after the other, and what they leave. */
function applicable(files: Files, list: readonly TreeEdit[]): { edits: TreeEdit[]; after: Files } {
  const edits: TreeEdit[] = [];
  let after = files;
  for (const one of list) {
    const next = afterEdit(after, one);
    if (!next) continue;
    edits.push(one);
    after = next;
  }
  return { edits, after };
}

/** The model: a flat map of files instead of trees. Null for an edit that must be refused. */
function afterEdit(files: Files, one: TreeEdit): Files | null {
  const next = new Map(files);
  const below = filesBelow(files, one.path);
  if (one.kind === 'put') {
    next.set(one.path, `${one.mode} ${one.oid}`);
    const isBlocked = Array.from(files.keys()).some((file) => one.path.startsWith(`${file}/`));
    return below.length > 0 || isBlocked ? null : next;
  }
  if (one.kind === 'delete') return next.delete(one.path) ? next : null;
  for (const file of below) next.delete(file);
  return below.length > 0 ? next : null;
}

function filesBelow(files: Files, folder: string): string[] {
  return Array.from(files.keys()).filter((file) => file.startsWith(`${folder}/`));
}

/** Replays reported changes. @throws when one does not fit what was there before. */
function applyChanges(files: Files, changes: readonly PathChange[]): Files {
  const next = new Map(files);
  for (const { path: changed, before, after } of changes) {
    // As it is after the changes so far: what is put into a deleted folder again is new there.
    const below = before?.mode === '40000' ? filesBelow(next, changed) : [];
    const wasThere = below.length > 0 ? `${before!.mode} ${before!.oid}` : next.get(changed);
    const reported = before ? `${before.mode} ${before.oid}` : undefined;
    if (wasThere !== reported) throw new Error(`${changed} was ${wasThere}, reported as ${reported}`);
    for (const file of [changed, ...below]) next.delete(file);
    if (after) next.set(changed, `${after.mode} ${after.oid}`);
  }
  return next;
}

/** The root id that git's index gives these files. */
function writeTree(repo: ScratchRepo, files: Files): string {
  repo.git(['read-tree', '--empty']);
  const lines = Array.from(files, ([file, state]) => `${state}\t${file}\0`);
  repo.git(['update-index', '-z', '--index-info'], lines.join(''));
  return repo.git(['write-tree']).toString().trim();
}
