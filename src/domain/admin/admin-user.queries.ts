import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { Forbidden, NotFound } from '../errors.ts';
import type { IdPage } from '../id-page.ts';
import { nameKey } from '../org/org-lock.ts';

/** A person as administrators see him in lists. */
export interface AdminUser {
  readonly id: number;
  readonly name: string;
  readonly fullName: string | null;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  readonly privateQuotaBytes: number | null;
  readonly publicQuotaBytes: number | null;
  readonly privateUsedBytes: number;
  readonly publicUsedBytes: number;
  readonly createdAt: Date;
}

/** What hangs on an account. */
export interface AccountHoldings {
  readonly repoCount: number;
  readonly orgCount: number;
  readonly sessionCount: number;
  readonly tokenCount: number;
  readonly sshKeyCount: number;
}

export interface AdminUserDetails extends AdminUser, AccountHoldings {}

/** All conditions hold together; null is any. */
export interface UserFilter {
  /** A part of the name, the full name or the address, in lower case. */
  readonly search: string | null;
  readonly isActive: boolean | null;
  readonly isAdmin: boolean | null;
  readonly isEmailVerified: boolean | null;
}

const COLUMNS = `
  a.id, a.name, a.full_name as "fullName", a.email, a.email_verified_at is not null as "isEmailVerified",
  a.is_active as "isActive", a.is_admin as "isAdmin", a.private_quota_bytes as "privateQuotaBytes",
  a.public_quota_bytes as "publicQuotaBytes", a.private_used_bytes as "privateUsedBytes",
  a.public_used_bytes as "publicUsedBytes", a.created_at as "createdAt"`;

const CONDITIONS = `
  a.kind = 'user'
  and ($1::text is null or position($1 in lower(a.name)) > 0 or position($1 in lower(a.email)) > 0
    or position($1 in lower(a.full_name)) > 0)
  and ($2::boolean is null or a.is_active = $2) and ($3::boolean is null or a.is_admin = $3)
  and ($4::boolean is null or (a.email_verified_at is not null) = $4)`;

function valuesOf({ search, isActive, isAdmin, isEmailVerified }: UserFilter): unknown[] {
  return [search, isActive, isAdmin, isEmailVerified];
}

/** Users, newest first. */
export function listUsers(
  sql: SqlExecutor,
  filter: UserFilter,
  { beforeId, limit }: IdPage,
): Promise<readonly AdminUser[]> {
  return sql.query({
    name: 'admin-list-users',
    text: `
      select ${COLUMNS} from account a
      where ${CONDITIONS} and ($5::bigint is null or a.id < $5) order by a.id desc limit $6`,
    values: [...valuesOf(filter), beforeId, limit],
  });
}

export async function countUsers(sql: SqlExecutor, filter: UserFilter): Promise<number> {
  const [row] = await sql.query<{ count: number }>({
    name: 'admin-count-users',
    text: `select count(*) as count from account a where ${CONDITIONS}`,
    values: valuesOf(filter),
  });
  return row?.count ?? 0;
}

const HOLDINGS = `
  (select count(*) from repo r where r.owner_id = a.id) as "repoCount",
  (select count(*) from membership m where m.user_id = a.id) as "orgCount",
  (select count(*) from session s where s.user_id = a.id and s.expires_at > now()) as "sessionCount",
  (select count(*) from access_token t where t.user_id = a.id) as "tokenCount",
  (select count(*) from ssh_key k where k.user_id = a.id) as "sshKeyCount"`;

/** What hangs on these accounts, in any order. Missing ids are left out. */
export function readHoldings(
  sql: SqlExecutor,
  userIds: readonly number[],
): Promise<(AccountHoldings & { readonly id: number })[]> {
  return sql.query({
    name: 'admin-read-holdings',
    text: `select a.id, ${HOLDINGS} from account a where a.id = any($1)`,
    values: [userIds],
  });
}

/** The user whose name has this normal form, or null. */
export async function readUser(sql: SqlExecutor, normalizedName: string): Promise<AdminUserDetails | null> {
  const [row] = await sql.query<AdminUserDetails>({
    name: 'admin-read-user',
    text: `
      select ${COLUMNS}, ${HOLDINGS}
      from account a where a.normalized_name = $1 and a.kind = 'user'`,
    values: [normalizedName],
  });
  return row ?? null;
}

/** The id of the user of this name. @throws {NotFound} */
export async function requireUserId(sql: SqlExecutor, username: string): Promise<number> {
  const [row] = await sql.query<{ id: number }>({
    name: 'admin-user-id',
    text: `select id from account where normalized_name = $1 and kind = 'user'`,
    values: [nameKey(username)],
  });
  if (!row) throw userNotFound(username);
  return row.id;
}

export function userNotFound(username: string): NotFound {
  return new NotFound(`There is no user "${username.slice(0, 100)}".`);
}

/** A user under the lock of an act. */
export interface LockedUser {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  /** Whether nobody else who is not suspended administers the hub. */
  readonly isLastAdmin: boolean;
}

/**
 * Locks a user and all administrators until the end of the transaction, so that the last of them cannot go twice, and that
 * whoever has just been unmade one does nothing more.
 * @throws {Forbidden} the caller is no administrator any more. @throws {NotFound} the user is gone.
 */
export async function lockUser(tx: SqlTransaction, userId: number, actorId: number): Promise<LockedUser> {
  const rows = await tx.query<Omit<LockedUser, 'isLastAdmin'>>({
    name: 'admin-lock-user',
    text: `
      select id, name, email, email_verified_at is not null as "isEmailVerified", is_active as "isActive",
        is_admin as "isAdmin"
      from account where id = $1 or is_admin order by id for no key update`,
    values: [userId],
  });
  const admins = rows.filter(({ isActive, isAdmin }) => isActive && isAdmin);
  if (!admins.some(({ id }) => id === actorId)) throw noAdminAnyMore();
  const user = rows.find(({ id }) => id === userId);
  if (!user) throw new NotFound('This account was deleted.');
  return { ...user, isLastAdmin: admins.every(({ id }) => id === userId) };
}

/** @throws {Forbidden} the caller is no administrator any more. */
export async function requireStillAdmin(tx: SqlTransaction, actorId: number): Promise<void> {
  const rows = await tx.query({
    name: 'admin-still-admin',
    text: 'select from account where id = $1 and is_admin and is_active',
    values: [actorId],
  });
  if (rows.length === 0) throw noAdminAnyMore();
}

function noAdminAnyMore(): Forbidden {
  return new Forbidden('You are no administrator of this hub any more.');
}

export async function setActive(tx: SqlTransaction, userId: number, isActive: boolean): Promise<void> {
  await tx.execute({
    name: 'admin-set-active',
    text: 'update account set is_active = $2 where id = $1',
    values: [userId, isActive],
  });
}

export async function setAdmin(tx: SqlTransaction, userId: number, isAdmin: boolean): Promise<void> {
  await tx.execute({
    name: 'admin-set-admin',
    text: 'update account set is_admin = $2 where id = $1',
    values: [userId, isAdmin],
  });
}

export async function setEmailVerified(tx: SqlTransaction, userId: number): Promise<void> {
  await tx.execute({
    name: 'admin-set-email-verified',
    text: 'update account set email_verified_at = now() where id = $1',
    values: [userId],
  });
}
