import type { RepoPath } from '../../git/path.ts';
import type { Oid } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';

/** One line of a commit. Operations apply in their order. */
export type CommitOperation =
  | { readonly kind: 'file'; readonly path: RepoPath; readonly bytes: Buffer }
  /** `sizeBytes` is null in a copy by hash: the hub knows the size. */
  | {
      readonly kind: 'lfsFile';
      readonly path: RepoPath;
      readonly sha256: Sha256;
      readonly sizeBytes: number | null;
    }
  /** Also deletes a folder of that name, as the Hugging Face Hub does. */
  | { readonly kind: 'deleteFile'; readonly path: RepoPath }
  | { readonly kind: 'deleteFolder'; readonly path: RepoPath }
  /** Copies within the repository; `sourceRevision` null is the head the commit applies to. */
  | {
      readonly kind: 'copyFile';
      readonly path: RepoPath;
      readonly sourcePath: RepoPath;
      readonly sourceRevision: string | null;
    };

export interface CommitRequest {
  readonly title: string;
  readonly description: string;
  /** 5 to 40 hex digits: the commit applies only if the branch is still there. Null applies on the current head. */
  readonly parentCommit: string | null;
  /** Leaves the branch alone and opens a pull request against it. */
  readonly createsPullRequest: boolean;
  /** Taken one by one, at the pace of the store. */
  readonly operations: AsyncIterable<CommitOperation> | Iterable<CommitOperation>;
}

export interface CommitResult {
  /** The new head; the old one when nothing changed. */
  readonly commitOid: Oid;
  readonly refName: string;
  readonly pullRequestNumber: number | null;
}
