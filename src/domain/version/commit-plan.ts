import { type Commit, encodeCommit, formatMessage } from '../../git/commit.ts';
import { hashObject } from '../../git/object.ts';
import { EMPTY_TREE_OID, type Oid } from '../../git/oid.ts';
import { buildPack } from '../../git/pack-writer.ts';
import { type ChangedEntry, changedEntries } from '../../git/tree-changes.ts';
import { editTree, type ReadTree, type TreeEdit } from '../../git/tree-edit.ts';
import { type NewObject, newSegment, NO_FACTS, type Segment } from './segment.ts';

/** Who stands in the commit object. */
export interface CommitAuthor {
  readonly userId: number;
  readonly name: string;
  readonly email: string;
}

/** Where a commit goes on: a head with its tree, or null for the first commit of a ref. */
export interface Head {
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly generation: number;
}

export interface PlanInput {
  readonly head: Head | null;
  readonly readTree: ReadTree;
  readonly edits: readonly TreeEdit[];
  /** Contents that go into the same segment as the trees. */
  readonly loose: readonly NewObject[];
  readonly author: CommitAuthor;
  readonly title: string;
  readonly description: string;
  readonly at: Date;
}

/** A commit on a certain head, packed and ready to publish. */
export interface CommitPlan {
  readonly head: Head | null;
  readonly oid: Oid;
  readonly commit: Commit;
  readonly generation: number;
  readonly changedEntries: readonly ChangedEntry[];
  readonly segment: Segment;
}

/**
 * Builds the trees and the commit object on top of a head.
 * @returns null when the edits change nothing there.
 * @throws {TreeConflict} @throws {EntryMissing} @throws {TooManyEntries}
 */
export async function planCommit(input: PlanInput): Promise<CommitPlan | null> {
  const { head, author, at } = input;
  const tree = await editTree({
    readTree: input.readTree,
    rootOid: head?.treeOid ?? null,
    edits: input.edits,
    deleteMayNameFolder: true,
  });
  if (head && tree.rootOid === head.treeOid) return null;
  const signature = { name: author.name, email: author.email, at, tzMinutes: 0 };
  const commit: Commit = {
    tree: tree.rootOid,
    parents: head ? [head.oid] : [],
    author: signature,
    committer: signature,
    message: formatMessage(input.title, input.description),
  };
  const bytes = encodeCommit(commit);
  const oid = hashObject('commit', bytes);
  const emptyTree = tree.rootOid === EMPTY_TREE_OID && tree.newTrees.length === 0;
  const trees = emptyTree ? [{ oid: EMPTY_TREE_OID, bytes: Buffer.alloc(0) }] : tree.newTrees;
  const objects: NewObject[] = [
    ...input.loose,
    ...trees.map((entry): NewObject => keptWhole(entry.oid, 'tree', entry.bytes)),
    keptWhole(oid, 'commit', bytes),
  ];
  return {
    head,
    oid,
    commit,
    generation: (head?.generation ?? 0) + 1,
    changedEntries: changedEntries(tree.changes),
    segment: segmentOf(objects),
  };
}

/** Commits, trees and tags are kept in their rows too, so that no read of them needs a segment. */
export function keptWhole(oid: Oid, type: 'commit' | 'tree' | 'tag', bytes: Buffer): NewObject {
  return { oid, type, bytes, facts: { ...NO_FACTS, data: bytes } };
}

/** One segment with all these objects. */
export function segmentOf(objects: readonly NewObject[]): Segment {
  return newSegment('meta', buildPack(objects), new Map(objects.map((object) => [object.oid, object.facts])));
}
