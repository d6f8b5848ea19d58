import type { SqlExecutor } from '../../db/sql.ts';
import { normalizeName } from '../names.ts';
import type { OrgRole } from '../org/membership.entity.ts';

/** What a password is checked against. */
export interface PasswordAccount {
  readonly id: number;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly isActive: boolean;
  readonly emailVerifiedAt: Date | null;
  readonly passwordHash: string | null;
}

/** The user of that name, or null. Organisations have no password and are not found. */
export async function findPasswordAccount(sql: SqlExecutor, name: string): Promise<PasswordAccount | null> {
  const [row] = await sql.query<PasswordAccount>({
    text: `
      select id, name, is_admin as "isAdmin", is_active as "isActive", email_verified_at as "emailVerifiedAt",
        password_hash as "passwordHash"
      from account where normalized_name = $1 and kind = 'user'`,
    values: [normalizeName(name)],
  });
  return row ?? null;
}

/** The name of the user or organisation that has or had this name or one of the same normal form, or null. */
export async function findNameHolder(sql: SqlExecutor, name: string): Promise<string | null> {
  const [row] = await sql.query<{ name: string }>({
    text: `
      select name from account where normalized_name = $1
      union all
      select a.name from former_name f join account a on a.id = f.account_id where f.normalized_name = $1`,
    values: [normalizeName(name)],
  });
  return row?.name ?? null;
}

export interface OrgMembership {
  readonly id: number;
  readonly name: string;
  readonly fullName: string | null;
  readonly role: OrgRole;
}

/** The organisations of a user, by name. */
export function findMemberships(sql: SqlExecutor, userId: number): Promise<OrgMembership[]> {
  return sql.query({
    name: 'find-memberships',
    text: `
      select a.id, a.name, a.full_name as "fullName", m.role
      from membership m join account a on a.id = m.org_id
      where m.user_id = $1 order by a.normalized_name`,
    values: [userId],
  });
}

/** Whether a person may still use the hub. */
export async function readIsActive(sql: SqlExecutor, userId: number): Promise<boolean> {
  const [row] = await sql.query<{ is_active: boolean }>({
    name: 'read-is-active',
    text: `select is_active from account where id = $1 and kind = 'user'`,
    values: [userId],
  });
  return row?.is_active ?? false;
}
