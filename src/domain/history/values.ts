import type { Oid } from '../../git/oid.ts';
import type { LeafMode } from '../../git/tree-edit.ts';
import type { CommitInfo, LfsTarget } from '../version/values.ts';

/** What a path was on one side of a comparison. */
export interface FileState {
  readonly mode: LeafMode;
  /** Git blob id; of a submodule the commit it names, of an LFS file its pointer. */
  readonly oid: Oid;
  /** Size of the real content; null for a submodule. */
  readonly sizeBytes: number | null;
  readonly lfs: LfsTarget | null;
}

export type ChangeKind = 'added' | 'deleted' | 'modified' | 'renamed';

/** One changed file. A folder is no change of its own. */
export interface FileChange {
  readonly kind: ChangeKind;
  /** The new path, or that of a deleted file. */
  readonly path: string;
  /** Of a renamed file, whose content stayed. */
  readonly oldPath: string | null;
  readonly before: FileState | null;
  readonly after: FileState | null;
}

/** Why a difference has no text: `lfs` and `submodule` have none, `binary` files cannot be shown, `too-large` ones are not. */
export type NoText = 'lfs' | 'submodule' | 'binary' | 'too-large';

export interface FileDiff extends FileChange {
  /** Hunks of a unified diff, as bytes of the files; empty when only name or mode changed. */
  readonly text: Uint8Array | null;
  readonly addedLines: number;
  readonly deletedLines: number;
  readonly noText: NoText | null;
}

/** One commit with what only its page shows. */
export interface CommitDetail extends CommitInfo {
  /** The whole message as it was written. */
  readonly message: string;
  readonly authoredAt: Date;
  readonly committerName: string;
  readonly committerEmail: string;
}
