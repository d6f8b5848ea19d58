import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { forgetLikesOf } from '../social/like.queries.ts';

/** What would lose its owner with an account, by name. Lists are cut at `MAX_LISTED`. */
export interface Orphans {
  /** `model alice/bert` */
  readonly repos: readonly string[];
  /** Organisations that nobody else is super-admin of. */
  readonly orgs: readonly string[];
  /** Former names of repositories that were moved away, which others could take. */
  readonly redirects: readonly string[];
}

const MAX_LISTED = 100;

/**
 * Locks what decides whether an account may go: the organisations in which it has a role, then its row and, when it is an
 * administrator, those of all administrators. Whoever changes members locks the organisation before he touches users.
 * @returns false when the account is gone.
 */
export async function lockForDeletion(tx: SqlTransaction, userId: number): Promise<boolean> {
  const rows = await tx.query<{ id: number }>({
    name: 'lock-for-deletion',
    text: `
      select id from account
      where id = $1 or id in (select org_id from membership where user_id = $1)
        or (is_admin and exists (select from account self where self.id = $1 and self.is_admin))
      order by kind = 'user', id for update`,
    values: [userId],
  });
  return rows.some(({ id }) => id === userId);
}

export async function findOrphans(sql: SqlExecutor, userId: number): Promise<Orphans> {
  const rows = await sql.query<{ kind: keyof Orphans; name: string }>({
    name: 'find-orphans',
    text: `
      (select 'repos' as kind, r.type || ' ' || a.name || '/' || r.name as name
        from repo r join account a on a.id = r.owner_id where r.owner_id = $1 order by r.id limit ${MAX_LISTED})
      union all
      (select 'orgs', o.name
        from membership m join account o on o.id = m.org_id
        where m.user_id = $1 and m.role = 'super-admin' and not exists (
          select from membership other where other.org_id = m.org_id and other.user_id <> $1 and other.role = 'super-admin')
        order by o.normalized_name limit ${MAX_LISTED})
      union all
      (select 'redirects', d.type || ' ' || a.name || '/' || d.normalized_name
        from repo_redirect d join account a on a.id = d.owner_id where d.owner_id = $1 order by d.id limit ${MAX_LISTED})`,
    values: [userId],
  });
  const named = (kind: keyof Orphans): string[] =>
    rows.filter((row) => row.kind === kind).map(({ name }) => name);
  return { repos: named('repos'), orgs: named('orgs'), redirects: named('redirects') };
}

/** Whether the hub would have no administrator without this account. */
export async function isLastAdmin(tx: SqlTransaction, userId: number): Promise<boolean> {
  const rows = await tx.query({
    name: 'is-last-admin',
    text: `
      select from account
      where id = $1 and is_admin
        and not exists (select from account other where other.id <> $1 and other.is_admin and other.is_active)`,
    values: [userId],
  });
  return rows.length > 0;
}

/** Removes the account with its logins, tokens, keys and memberships. What it wrote elsewhere stays, without its name. */
export async function deleteAccount(tx: SqlTransaction, userId: number): Promise<void> {
  await forgetLikesOf(tx, userId);
  await tx.execute({ name: 'delete-account', text: 'delete from account where id = $1', values: [userId] });
}
