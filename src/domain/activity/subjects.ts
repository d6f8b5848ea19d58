/**
 * What transactions announce: short texts of a kind and ids, which every node of the hub gets. They say that something changed,
 * never what it is: whoever is told reads it from the database, with rights of his own.
 */
export const SUBJECT_KINDS = ['ref', 'likes', 'downloads', 'upload'] as const;

/** A row of the reflog of a store was written. */
export function refMoved(storeId: number, reflogId: number): string {
  return `ref:${storeId}:${reflogId}`;
}

/** A repository has more or fewer likes. */
export function likesChanged(repoId: number): string {
  return `likes:${repoId}`;
}

/** A repository was downloaded. */
export function downloadsCounted(repoId: number): string {
  return `downloads:${repoId}`;
}

/** Something became of an LFS upload of a user to a repository. Nobody waits for those of an account that is gone (null). */
export function uploadChanged(repoId: number, userId: number | null): string {
  return `upload:${repoId}:${userId}`;
}

/** A subject as those who wait for it look it up. */
export interface Subject {
  readonly kind: (typeof SUBJECT_KINDS)[number];
  /** What waiting is for: the subject itself, without the row of the reflog. */
  readonly key: string;
  /** Of `ref`. */
  readonly reflogId: number | null;
}

/** Null for what another version of the hub announces. */
export function parseSubject(text: string): Subject | null {
  const [kind, id, more] = text.split(':');
  if (!id) return null;
  if (kind === 'ref') return more ? { kind, key: `ref:${id}`, reflogId: Number(more) } : null;
  if (kind === 'likes' || kind === 'downloads' || kind === 'upload')
    return { kind, key: text, reflogId: null };
  return null;
}
