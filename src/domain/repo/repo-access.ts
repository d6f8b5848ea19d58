import type { Oid } from '../../git/oid.ts';
import type { GatedMode, RepoType } from './repo.entity.ts';
import type { RepoRole } from './repo.policy.ts';

/** A repository that a caller was allowed to reach, in its canonical spelling, as it stood when it was loaded. */
export interface RepoAccess {
  readonly id: number;
  readonly storeId: number;
  readonly type: RepoType;
  readonly ownerId: number;
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` */
  readonly fullName: string;
  readonly isPrivate: boolean;
  readonly gated: GatedMode | null;
  readonly isDisabled: boolean;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
  readonly lfsThresholdBytes: number | null;
  readonly lfsKeepVersions: number | null;
  readonly lfsSuffixRules: readonly string[] | null;
  readonly downloads: number;
  readonly downloadsAllTime: number;
  readonly likesCount: number;
  readonly trendingScore: number;
  readonly sdk: string | null;
  readonly card: Readonly<Record<string, unknown>> | null;
  readonly tags: readonly string[];
  readonly pipelineTag: string | null;
  readonly libraryName: string | null;
  readonly safetensors: {
    readonly parameters: Readonly<Record<string, number>>;
    readonly total: number;
  } | null;
  readonly headOid: Oid | null;
  readonly lastModifiedAt: Date;
  readonly createdAt: Date;
  /** What the caller is to it. */
  readonly role: RepoRole;
}

/** What the rules look at. */
export type RepoStanding = Pick<
  RepoAccess,
  'id' | 'type' | 'fullName' | 'isPrivate' | 'gated' | 'isDisabled' | 'role'
>;

/** A revision that was found: a commit, and the ref it was named by if it was not named by id. */
export interface Revision {
  readonly commitOid: Oid;
  /** Full name such as `refs/heads/main`, or null when the caller named a commit id. */
  readonly refName: string | null;
}
