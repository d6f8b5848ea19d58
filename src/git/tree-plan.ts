import type { Oid } from './oid.ts';
import type { RepoPath } from './path.ts';
import type { FileMode, FOLDER_MODE, TreeEntry } from './tree.ts';

/**
 * One edit of a tree. Edits apply in the given order: of two puts the later one wins, and a deletion takes back an earlier put.
 * One thing is easier: where a file takes the place of a folder, or a folder that of a file, the deletion of the old one may
 * stand anywhere in the list. Deleting a path twice is deleting it once.
 */
export type TreeEdit =
  | { readonly kind: 'put'; readonly path: RepoPath; readonly mode: LeafMode; readonly oid: Oid }
  | { readonly kind: 'delete'; readonly path: RepoPath }
  | { readonly kind: 'deleteFolder'; readonly path: RepoPath };

export type LeafMode = Exclude<FileMode, typeof FOLDER_MODE>;

/** What one path holds. */
export type PathState = Pick<TreeEntry, 'mode' | 'oid'>;

/** Everything that a list of edits says about one path and, through `children`, about the paths below it. */
export interface EditNode {
  children: Map<string, EditNode> | null;
  put: PathState | null;
  deleteFile: Deletion;
  deleteFolder: Deletion;
}

/** A deletion that took back an earlier put is content when the old tree has nothing to delete. */
type Deletion = null | 'must exist' | 'may exist';

/** Folds the edits, in order, into one node per path. */
export function planEdits(edits: readonly TreeEdit[]): EditNode {
  const root = newNode();
  for (const edit of edits) {
    const node = nodeAt(root, edit.path);
    switch (edit.kind) {
      case 'put':
        node.put = { mode: edit.mode, oid: edit.oid };
        break;
      case 'delete':
        node.deleteFile ??= node.put ? 'may exist' : 'must exist';
        node.put = null;
        break;
      case 'deleteFolder':
        node.deleteFolder ??= hasPuts(node) ? 'may exist' : 'must exist';
        node.children = null;
        break;
    }
  }
  return root;
}

function newNode(): EditNode {
  return { children: null, put: null, deleteFile: null, deleteFolder: null };
}

function nodeAt(root: EditNode, path: string): EditNode {
  let node = root;
  for (const name of path.split('/')) {
    node.children ??= new Map();
    let child = node.children.get(name);
    if (!child) {
      child = newNode();
      node.children.set(name, child);
    }
    node = child;
  }
  return node;
}

function hasPuts(node: EditNode): boolean {
  return Array.from(node.children?.values() ?? []).some((child) => child.put !== null || hasPuts(child));
}
