import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import type { RepoType } from '../repo/repo.entity.ts';

/** A repository as administrators of the site see it. */
export interface AdminRepo {
  readonly id: number;
  readonly type: RepoType;
  readonly namespace: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isGated: boolean;
  readonly isDisabled: boolean;
  readonly usedBytes: number;
  readonly quotaBytes: number | null;
  readonly createdAt: Date;
  readonly lastModifiedAt: Date;
}

/** All conditions hold together; null is any. */
export interface AdminRepoFilter {
  /** A part of `namespace/name`, in lower case. */
  readonly search: string | null;
  readonly type: RepoType | null;
  /** In its normal form. */
  readonly namespace: string | null;
  readonly isPrivate: boolean | null;
  readonly isDisabled: boolean | null;
}

/** Newest, or most bytes, first. */
export const ADMIN_REPO_SORTS = ['created', 'used'] as const;
export type AdminRepoSort = (typeof ADMIN_REPO_SORTS)[number];

const COLUMN_OF = { created: 'r.id', used: 'r.used_bytes' } as const satisfies Record<AdminRepoSort, string>;

/** A place in a sorted list: after this repository. */
export interface AdminRepoPosition {
  readonly value: number;
  readonly id: number;
}

export function positionOf(sort: AdminRepoSort, { id, usedBytes }: AdminRepo): AdminRepoPosition {
  return { value: sort === 'used' ? usedBytes : id, id };
}

/** At most `limit` repositories after a position, in one statement. */
export function listAllRepos(
  sql: SqlExecutor,
  { search, type, namespace, isPrivate, isDisabled }: AdminRepoFilter,
  page: {
    readonly sort: AdminRepoSort;
    readonly after: AdminRepoPosition | null;
    readonly limit: number;
  },
): Promise<readonly AdminRepo[]> {
  const column = COLUMN_OF[page.sort];
  return sql.query({
    name: `admin-list-repos-${page.sort}`,
    text: `
      select r.id, r.type, a.name as namespace, r.name, r.is_private as "isPrivate", r.gated is not null as "isGated",
        r.is_disabled as "isDisabled", r.used_bytes as "usedBytes", r.quota_bytes as "quotaBytes",
        r.created_at as "createdAt", r.last_modified_at as "lastModifiedAt"
      from repo r join account a on a.id = r.owner_id
      where ($1::text is null or position($1 in lower(a.name || '/' || r.name)) > 0)
        and ($2::text is null or r.type = $2) and ($3::text is null or a.normalized_name = $3)
        and ($4::boolean is null or r.is_private = $4) and ($5::boolean is null or r.is_disabled = $5)
        and ($6::bigint is null or (${column}, r.id) < ($6, $7::bigint))
      order by ${column} desc, r.id desc limit $8`,
    values: [
      search,
      type,
      namespace,
      isPrivate,
      isDisabled,
      page.after?.value ?? null,
      page.after?.id ?? null,
      page.limit,
    ],
  });
}

/** @returns whether anything changed: the repository is there, and was not so already. */
export async function setDisabled(tx: SqlTransaction, repoId: number, isDisabled: boolean): Promise<boolean> {
  const changed = await tx.execute({
    name: 'admin-set-disabled',
    text: 'update repo set is_disabled = $2 where id = $1 and is_disabled <> $2',
    values: [repoId, isDisabled],
  });
  return changed > 0;
}
