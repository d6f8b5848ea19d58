import { oidFromBytes } from '../../git/oid.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import type { RepoAccess } from './repo-access.ts';
import type { RepoRef } from './repo-ref.ts';
import type { RepoRole } from './repo.policy.ts';
import type { GatedMode, RepoType } from './repo.entity.ts';
import { normalizeName } from '../names.ts';

/** Which repository, seen by whom (null: anonymous). */
export interface RepoLookup {
  readonly ref: RepoRef;
  readonly userId: number | null;
}

export interface RepoRow {
  id: number;
  store_id: number;
  type: RepoType;
  owner_id: number;
  namespace: string;
  name: string;
  is_private: boolean;
  gated: GatedMode | null;
  is_disabled: boolean;
  used_bytes: number;
  quota_bytes: number | null;
  lfs_threshold_bytes: number | null;
  lfs_keep_versions: number | null;
  lfs_suffix_rules: string[] | null;
  downloads: number;
  downloads_all_time: number;
  likes_count: number;
  trending_score: number;
  sdk: string | null;
  card: Record<string, unknown> | null;
  tags: string[];
  pipeline_tag: string | null;
  library_name: string | null;
  safetensors: RepoAccess['safetensors'];
  head_oid: Buffer | null;
  last_modified_at: Date;
  created_at: Date;
  role: RepoRole;
}

/** What `toRepoAccess` reads, of `repo r`, its namespace `account a` and its `git_store s`; `role` is added by the query. */
export const REPO_COLUMNS = `
  r.id, s.id as store_id, r.type, r.owner_id, a.name as namespace, r.name, r.is_private, r.gated, r.is_disabled,
  r.used_bytes, r.quota_bytes, r.lfs_threshold_bytes, r.lfs_keep_versions, r.lfs_suffix_rules, r.downloads,
  r.downloads_all_time, r.likes_count, r.trending_score, r.sdk, r.card, r.tags, r.pipeline_tag, r.library_name,
  r.safetensors, r.head_oid, r.last_modified_at, r.created_at`;

/** Whether a user (an SQL expression) was let through the gate of `repo r`. */
export function isAccepted(user: string): string {
  return `exists (select from access_request g where g.repo_id = r.id and g.user_id = ${user} and g.status = 'accepted')`;
}

/** What a user (an SQL expression) is to `repo r`, where `membership m` is his role in the organisation that owns it, if he has one. */
export function roleOf(user: string): string {
  return `
    case when r.owner_id = ${user} then 'owner' when m.role is not null then m.role
      when r.gated is not null and ${isAccepted(user)} then 'accepted' else 'none' end`;
}

/** Whether a user (an SQL expression) may read the files of `repo r`, with `membership m` as in `roleOf`. Null counts as no. */
export function mayReadFilesOf(user: string): string {
  return `(r.owner_id = ${user} or m.id is not null or (not r.is_private and (r.gated is null or ${isAccepted(user)})))`;
}

/** One answer per look-up, in order: null where no repository has that name. Permissions are not checked here. */
export async function findRepos(
  sql: SqlExecutor,
  lookups: readonly RepoLookup[],
): Promise<readonly (RepoAccess | null)[]> {
  const rows = await sql.query<RepoRow & { ord: number }>({
    name: 'find-repos',
    text: `
      select q.ord, ${REPO_COLUMNS},
        ${roleOf('q.user_id')} as role
      from unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) with ordinality as q (type, namespace, name, user_id, ord)
      join account a on a.normalized_name = q.namespace
      join repo r on r.type = q.type and r.owner_id = a.id and r.normalized_name = q.name
      join git_store s on s.repo_id = r.id
      left join membership m on m.org_id = a.id and m.user_id = q.user_id`,
    values: [
      lookups.map((lookup) => lookup.ref.type),
      lookups.map((lookup) => normalizeName(lookup.ref.namespace)),
      lookups.map((lookup) => normalizeName(lookup.ref.name)),
      lookups.map((lookup) => lookup.userId),
    ],
  });
  const found: (RepoAccess | null)[] = lookups.map(() => null);
  for (const row of rows) found[row.ord - 1] = toRepoAccess(row);
  return found;
}

/** A repository as the hub's own work sees it, without asking for anybody's rights; null when it is gone. */
export async function findRepoById(sql: SqlExecutor, repoId: number): Promise<RepoAccess | null> {
  const [row] = await sql.query<RepoRow>({
    name: 'find-repo-by-id',
    text: `
      select ${REPO_COLUMNS}, 'none' as role
      from repo r join account a on a.id = r.owner_id join git_store s on s.repo_id = r.id
      where r.id = $1`,
    values: [repoId],
  });
  return row ? toRepoAccess(row) : null;
}

/** A repository as a user (null: anonymous) sees it now; null when it is gone. Permissions are not checked here. */
export async function findRepoOf(
  sql: SqlExecutor,
  { repoId, userId }: { readonly repoId: number; readonly userId: number | null },
): Promise<RepoAccess | null> {
  const [repo] = await findReposOf(sql, { repoIds: [repoId], userId });
  return repo ?? null;
}

/** Repositories as a user (null: anonymous) sees them now, in any order. Missing ids are left out, permissions are not checked. */
export async function findReposOf(
  sql: SqlExecutor,
  { repoIds, userId }: { readonly repoIds: readonly number[]; readonly userId: number | null },
): Promise<readonly RepoAccess[]> {
  const rows = await sql.query<RepoRow>({
    name: 'find-repos-of',
    text: `
      select ${REPO_COLUMNS}, ${roleOf('$2')} as role
      from repo r join account a on a.id = r.owner_id join git_store s on s.repo_id = r.id
      left join membership m on m.org_id = a.id and m.user_id = $2
      where r.id = any($1)`,
    values: [repoIds, userId],
  });
  return rows.map(toRepoAccess);
}

/** Where a former name leads, or null: the repository, its namespace or both had another name. */
export async function findRedirect(sql: SqlExecutor, ref: RepoRef): Promise<RepoRef | null> {
  const [row] = await sql.query<{ type: RepoType; namespace: string; name: string }>({
    name: 'find-redirect',
    text: `
      with home as (
        select id from account where normalized_name = $2
        union all
        select account_id from former_name where normalized_name = $2
      ), target as (
        select r.id from home join repo r on r.owner_id = home.id and r.type = $1 and r.normalized_name = $3
        union all
        select d.repo_id from home join repo_redirect d on d.owner_id = home.id and d.type = $1 and d.normalized_name = $3
      )
      select r.type, owner.name as namespace, r.name
      from target join repo r on r.id = target.id join account owner on owner.id = r.owner_id`,
    values: [ref.type, normalizeName(ref.namespace), normalizeName(ref.name)],
  });
  return row ?? null;
}

export function toRepoAccess(row: RepoRow): RepoAccess {
  return {
    id: row.id,
    storeId: row.store_id,
    type: row.type,
    ownerId: row.owner_id,
    namespace: row.namespace,
    name: row.name,
    fullName: `${row.namespace}/${row.name}`,
    isPrivate: row.is_private,
    gated: row.gated,
    isDisabled: row.is_disabled,
    usedBytes: row.used_bytes,
    quotaBytes: row.quota_bytes,
    lfsThresholdBytes: row.lfs_threshold_bytes,
    lfsKeepVersions: row.lfs_keep_versions,
    lfsSuffixRules: row.lfs_suffix_rules,
    downloads: row.downloads,
    downloadsAllTime: row.downloads_all_time,
    likesCount: row.likes_count,
    trendingScore: row.trending_score,
    sdk: row.sdk,
    card: row.card,
    tags: row.tags,
    pipelineTag: row.pipeline_tag,
    libraryName: row.library_name,
    safetensors: row.safetensors,
    headOid: row.head_oid && oidFromBytes(row.head_oid),
    lastModifiedAt: row.last_modified_at,
    createdAt: row.created_at,
    role: row.role,
  };
}
