import type { FileMode } from '../../git/tree.ts';
import type { Oid } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import type { XetHash } from '../../xet/xet-hash.ts';

/** What an LFS pointer points to. */
export interface LfsTarget {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Size of the pointer file itself. */
  readonly pointerSizeBytes: number;
}

/** The newest commit that changed a path, as seen from a revision. */
export interface LastCommit {
  readonly oid: Oid;
  readonly title: string;
  readonly committedAt: Date;
}

export interface TreeFile {
  readonly kind: 'file';
  readonly path: string;
  readonly mode: FileMode;
  /** Git blob id; for an LFS file that of its pointer. */
  readonly oid: Oid;
  /** Size of the real content: for an LFS file the size the pointer names. */
  readonly sizeBytes: number;
  readonly lfs: LfsTarget | null;
  /** How Xet names the content. Unlike everything else here it may come later, so only `BrowseService` adds it. */
  readonly xetHash?: XetHash;
  readonly lastCommit?: LastCommit;
}

export interface TreeFolder {
  readonly kind: 'folder';
  readonly path: string;
  /** Git tree id. */
  readonly oid: Oid;
  readonly lastCommit?: LastCommit;
}

export type TreeItem = TreeFile | TreeFolder;

/** One page of a list; `nextCursor` is opaque and null on the last page. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/** A commit as history pages show it. */
export interface CommitInfo {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly treeOid: Oid;
  readonly title: string;
  readonly body: string;
  readonly authorName: string;
  readonly authorEmail: string;
  /** The account that wrote it through the hub, if any. */
  readonly userName: string | null;
  readonly committedAt: Date;
}

/** A branch or tag. */
export interface RefInfo {
  /** Short name, such as `main`. */
  readonly name: string;
  readonly refName: string;
  readonly commitOid: Oid;
}
