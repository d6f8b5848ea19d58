import { oidFromBytes } from '../../git/oid.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import { roleOf } from '../repo/repo.queries.ts';
import type { RepoRole } from '../repo/repo.policy.ts';
import { findCommitsOf } from '../version/history.queries.ts';
import type { RefMoved, RepoCounters } from './activity.ts';

/** Who watches which repository, and with what he logged in. */
export interface Viewer {
  readonly repoId: number;
  /** Null is anonymous, and then the credential is `none`. */
  readonly userId: number | null;
  readonly credentialKind: 'token' | 'session' | 'none';
  readonly credentialId: number | null;
  /** Whether he came as an administrator of the hub: fields of his events may show what only they see. */
  readonly isAdmin: boolean;
}

/** What a viewer is to the repository now. */
export interface Standing extends RepoCounters {
  readonly role: RepoRole;
  readonly isPrivate: boolean;
  /** Whether what he logged in with is still good, and an administrator still is one. */
  readonly isLoggedIn: boolean;
}

/** In the order of the viewers; null where the repository is gone. One statement. */
export async function findStandings(
  sql: SqlExecutor,
  viewers: readonly Viewer[],
): Promise<readonly (Standing | null)[]> {
  const rows = await sql.query<Standing & { ord: number }>({
    name: 'find-standings',
    text: `
      select q.ord, r.is_private as "isPrivate", r.likes_count as "likesCount", r.downloads,
        r.downloads_all_time as "downloadsAllTime", ${roleOf('q.user_id')} as role,
        case q.kind
          when 'none' then true
          when 'token' then exists (
            select from access_token t join account u on u.id = t.user_id
            where t.id = q.credential_id and u.is_active and (u.is_admin or not q.is_admin)
              and (t.expires_at is null or t.expires_at > now()))
          else exists (
            select from session s join account u on u.id = s.user_id
            where s.id = q.credential_id and u.is_active and (u.is_admin or not q.is_admin) and s.expires_at > now())
        end as "isLoggedIn"
      from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::boolean[])
        with ordinality as q (repo_id, user_id, kind, credential_id, is_admin, ord)
      join repo r on r.id = q.repo_id
      left join membership m on m.org_id = r.owner_id and m.user_id = q.user_id`,
    values: [
      viewers.map(({ repoId }) => repoId),
      viewers.map(({ userId }) => userId),
      viewers.map(({ credentialKind }) => credentialKind),
      viewers.map(({ credentialId }) => credentialId),
      viewers.map(({ isAdmin }) => isAdmin),
    ],
  });
  const found: (Standing | null)[] = viewers.map(() => null);
  for (const { ord, ...standing } of rows) found[ord - 1] = standing;
  return found;
}

interface MoveRow {
  id: number;
  repo_id: number;
  store_id: number;
  name: string;
  old_oid: Buffer | null;
  new_oid: Buffer | null;
  created_at: Date;
}

const MOVE_ROWS = `
  select l.id, s.repo_id, l.store_id, l.name, l.old_oid, l.new_oid, l.created_at
  from git_reflog l join git_store s on s.id = l.store_id and s.repo_id is not null`;

/** Rows of the reflog, oldest first. Those of deleted repositories are left out. */
export async function findMoves(
  sql: SqlExecutor,
  reflogIds: readonly number[],
): Promise<readonly RefMoved[]> {
  if (reflogIds.length === 0) return [];
  const rows = await sql.query<MoveRow>({
    name: 'find-moves',
    text: `${MOVE_ROWS} where l.id = any($1) order by l.id`,
    values: [reflogIds],
  });
  return withCommits(sql, rows);
}

/** Ids of the newest rows of a store's reflog. */
export async function findRecentReflogIds(sql: SqlExecutor, storeId: number): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>({
    name: 'find-recent-reflog-ids',
    text: 'select id from git_reflog where store_id = $1 order by created_at desc limit 20',
    values: [storeId],
  });
  return rows.map(({ id }) => id);
}

/** The newest moves of refs of stores since a moment, oldest first: at most `limit` of each store. */
export async function findMovesSince(
  sql: SqlExecutor,
  storeIds: readonly number[],
  { since, afterId, limit }: { readonly since: Date; readonly afterId: number; readonly limit: number },
): Promise<readonly RefMoved[]> {
  const rows = await sql.query<MoveRow>({
    name: 'find-moves-since',
    text: `
      select l.* from unnest($1::bigint[]) as q (store_id) cross join lateral (
        ${MOVE_ROWS} where l.store_id = q.store_id and l.created_at >= $2 and l.id > $3 order by l.id desc limit $4
      ) l order by l.id`,
    values: [storeIds, since, afterId, limit],
  });
  return withCommits(sql, rows);
}

async function withCommits(sql: SqlExecutor, rows: readonly MoveRow[]): Promise<readonly RefMoved[]> {
  const targets = rows.flatMap(({ store_id: storeId, new_oid: oid }) =>
    oid ? [{ storeId, oid: oidFromBytes(oid) }] : [],
  );
  const commits = targets.length === 0 ? [] : await findCommitsOf(sql, targets);
  // One commit can be in several stores, with another account in each.
  const found = new Map(
    targets.map(({ storeId, oid }, index) => [`${storeId} ${oid}`, commits[index] ?? null]),
  );
  return rows.map((row) => {
    const newOid = row.new_oid && oidFromBytes(row.new_oid);
    return {
      kind: 'ref',
      repoId: row.repo_id,
      reflogId: row.id,
      refName: row.name,
      oldOid: row.old_oid && oidFromBytes(row.old_oid),
      newOid,
      commit: newOid && (found.get(`${row.store_id} ${newOid}`) ?? null),
      at: row.created_at,
    };
  });
}
