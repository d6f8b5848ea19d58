import type { Oid } from '../../git/oid.ts';
import type { CommitInfo } from '../version/values.ts';

/** What a subscriber is told first: that he hears of everything from now on, and the counters as they are. */
export interface ActivityStarted extends RepoCounters {
  readonly kind: 'started';
  readonly repoId: number;
  /** Of the newest movement of a ref; 0 when there is none. */
  readonly reflogId: number;
}

/** A branch, tag or other ref was created, moved or deleted: by a commit, a push or a change of the history. */
export interface RefMoved {
  readonly kind: 'ref';
  readonly repoId: number;
  /** Of the reflog: it grows, and a stream can go on behind it. */
  readonly reflogId: number;
  /** Full name such as `refs/heads/main`. */
  readonly refName: string;
  /** Null: it was created. */
  readonly oldOid: Oid | null;
  /** Null: it was deleted. */
  readonly newOid: Oid | null;
  /** What it is at now; null when it was deleted, and for an annotated tag. */
  readonly commit: CommitInfo | null;
  readonly at: Date;
}

export interface LikesChanged {
  readonly kind: 'likes';
  readonly repoId: number;
  readonly likesCount: number;
}

export interface DownloadsCounted {
  readonly kind: 'downloads';
  readonly repoId: number;
  /** Of the last 30 days; days are added up every few minutes. */
  readonly downloads: number;
  readonly downloadsAllTime: number;
}

/** What happens to a repository, as those who may see it are told. */
export type RepoActivity = ActivityStarted | RefMoved | LikesChanged | DownloadsCounted;

/** Something became of uploads that somebody waits for. */
export interface UploadsChanged {
  readonly kind: 'upload';
}

export interface RepoCounters {
  readonly likesCount: number;
  readonly downloads: number;
  readonly downloadsAllTime: number;
}
