import type { Oid } from '../../git/oid.ts';
import type { PackPool } from '../../git/pack-pool.ts';
import type { RepoPath } from '../../git/path.ts';
import type { TreeEdit } from '../../git/tree-edit.ts';
import type { FileMode } from '../../git/tree.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { BadRequest, EntryNotFound, LfsObjectMissing } from '../errors.ts';
import { CommitContent, newPointer } from './commit-content.ts';
import type { CommitOperation } from './commit-request.ts';
import type { LfsHistoryRow } from './commit.queries.ts';
import type { SegmentWriter } from './segment-writer.ts';
import { type NewObject, type Segment } from './segment.ts';
import { segmentOf } from './commit-plan.ts';
import type { TreeItem } from './values.ts';

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** More than that cannot be one commit; a push or several commits can bring them. */
const MAX_OPERATIONS = 1_000_000;
/** Pointers that are packed with the trees; more of them get a segment of their own. */
const MAX_LOOSE_POINTERS = 200;

/** A commit's operations as edits of a tree, with every content durable. */
export interface CollectedEdits {
  readonly treeEdits: readonly TreeEdit[];
  /** Segments to publish with the commit. */
  readonly segments: readonly Segment[];
  /** Contents that go into the segment of the trees. */
  readonly loose: readonly NewObject[];
  readonly lfsFiles: readonly LfsHistoryRow[];
  /** Contents that copies take over: they were stored when the copies were looked up. */
  readonly copiedOids: readonly Oid[];
}

/** What operations refer to beside their own content. */
export interface EditSources {
  /** Sizes of LFS objects, after a check that this repository may have them. */
  lfsSizes(
    wanted: readonly { readonly sha256: Sha256; readonly sizeBytes: number | null }[],
  ): Promise<ReadonlyMap<Sha256, { readonly sizeBytes: number }>>;
  copySource(path: RepoPath, revision: string | null): Promise<TreeItem | null>;
}

type LfsOperation = Extract<CommitOperation, { kind: 'lfsFile' }>;
type Slot = { edit: TreeEdit | null };

/** Takes operations one by one; their order is kept although contents become durable in parts. */
export class EditCollector {
  readonly #content: CommitContent;
  readonly #writer: SegmentWriter;
  readonly #slots: Slot[] = [];
  readonly #lfs: { slot: Slot; operation: LfsOperation }[] = [];
  readonly #copiedOids = new Set<Oid>();

  constructor(parts: { packPool: PackPool; writer: SegmentWriter }) {
    this.#content = new CommitContent(parts.packPool, parts.writer);
    this.#writer = parts.writer;
  }

  /** @throws {BadRequest} for too many operations. @throws {LfsObjectMissing} @throws {EntryNotFound} for a copy. */
  async collect(
    operations: AsyncIterable<CommitOperation> | Iterable<CommitOperation>,
    sources: EditSources,
  ): Promise<CollectedEdits> {
    for await (const operation of operations) {
      if (this.#slots.length >= MAX_OPERATIONS) {
        throw new BadRequest(`A commit may hold at most ${MAX_OPERATIONS} operations.`);
      }
      await this.take(operation, sources);
    }
    const pointers = await this.resolveLfs(sources);
    const { segments, loose } = await this.#content.finish();
    const treeEdits = this.#slots.flatMap((slot) => (slot.edit ? [slot.edit] : []));
    const lfsFiles = pointers.map(({ history }) => history);
    const pointerObjects = pointers.map(({ object }) => object);
    const common = { treeEdits, lfsFiles, copiedOids: [...this.#copiedOids] };
    if (pointers.length <= MAX_LOOSE_POINTERS) {
      return { ...common, segments, loose: [...loose, ...pointerObjects] };
    }
    const pointerSegment = await this.#writer.makeDurable({ ...segmentOf(pointerObjects), kind: 'blobs' });
    return { ...common, segments: [...segments, pointerSegment], loose };
  }

  /** Waits until no content is being stored any more; for the end of a failed commit. */
  abandon(): Promise<void> {
    return this.#content.abandon();
  }

  private async take(operation: CommitOperation, sources: EditSources): Promise<void> {
    const slot: Slot = { edit: null };
    this.#slots.push(slot);
    switch (operation.kind) {
      case 'file':
        return this.addContent(slot, operation.path, operation.bytes);
      case 'lfsFile':
        if (isEmpty(operation)) return this.addContent(slot, operation.path, Buffer.alloc(0));
        this.#lfs.push({ slot, operation });
        return;
      case 'copyFile': {
        const { edit, oid } = await copy(operation, sources);
        slot.edit = edit;
        this.#copiedOids.add(oid);
        return;
      }
      case 'deleteFile':
        slot.edit = { kind: 'delete', path: operation.path };
        return;
      case 'deleteFolder':
        slot.edit = { kind: 'deleteFolder', path: operation.path };
        return;
    }
  }

  private addContent(slot: Slot, path: RepoPath, bytes: Buffer): Promise<void> {
    return this.#content.add(bytes, (oid) => {
      slot.edit = put(path, oid);
    });
  }

  private async resolveLfs(sources: EditSources): Promise<{ object: NewObject; history: LfsHistoryRow }[]> {
    if (this.#lfs.length === 0) return [];
    const sizes = await sources.lfsSizes(this.#lfs.map(({ operation }) => operation));
    return this.#lfs.map(({ slot, operation: { path, sha256 } }) => {
      const known = sizes.get(sha256);
      if (!known)
        throw new LfsObjectMissing(
          `The LFS object ${sha256} of "${path}" was not uploaded to this repository.`,
        );
      const object = newPointer({ sha256, sizeBytes: known.sizeBytes });
      slot.edit = put(path, object.oid);
      return { object, history: { path, sha256, sizeBytes: known.sizeBytes } };
    });
  }
}

/**
 * Git LFS has no pointers to empty files (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md): an empty file stands for itself,
 * and git would call one with a pointer changed in every clone.
 */
function isEmpty({ sha256, sizeBytes }: LfsOperation): boolean {
  return sha256 === EMPTY_SHA256 && (sizeBytes === 0 || sizeBytes === null);
}

function put(path: RepoPath, oid: Oid, mode: Exclude<FileMode, '40000'> = '100644'): TreeEdit {
  return { kind: 'put', path, mode, oid };
}

async function copy(
  operation: Extract<CommitOperation, { kind: 'copyFile' }>,
  sources: EditSources,
): Promise<{ edit: TreeEdit; oid: Oid }> {
  const source = await sources.copySource(operation.sourcePath, operation.sourceRevision);
  if (!source) throw new EntryNotFound(operation.sourcePath);
  if (source.kind === 'folder')
    throw new BadRequest(`"${operation.sourcePath}" is a folder; copy its files one by one.`);
  if (source.mode === '40000') throw new Error('a file with the mode of a folder');
  return { edit: put(operation.path, source.oid, source.mode), oid: source.oid };
}
