import type { SqlExecutor } from '../../db/sql.ts';
import type { AccountProfile } from '../account/profile.queries.ts';
import type { RowOfList } from '../nested-page.ts';
import type { OrgRole } from './membership.entity.ts';

/** What only organisations tell of themselves. */
export interface OrgFacts {
  readonly id: number;
  readonly description: string | null;
  readonly memberCount: number;
}

/** What an organisation tells of itself. */
export interface OrgProfile extends AccountProfile, OrgFacts {
  readonly kind: 'org';
}

const FACTS = `
  a.id, a.description, (select count(*) from membership m where m.org_id = a.id) as "memberCount"`;

/** The organisation that has or had this name, or null. @param normalizedName see `normalizeName`. */
export async function findOrg(sql: SqlExecutor, normalizedName: string): Promise<OrgProfile | null> {
  const [row] = await sql.query<OrgProfile>({
    name: 'find-org',
    text: `
      select ${FACTS}, a.kind, a.name, a.full_name as "fullName", a.bio, a.website,
        a.social_links as "socialLinks", a.created_at as "createdAt"
      from account a
      where a.kind = 'org' and a.id = coalesce(
        (select id from account where normalized_name = $1),
        (select account_id from former_name where normalized_name = $1))`,
    values: [normalizedName],
  });
  return row ?? null;
}

/** Facts of organisations by id, in any order. Missing ids are left out. */
export function findOrgFacts(sql: SqlExecutor, orgIds: readonly number[]): Promise<OrgFacts[]> {
  return sql.query<OrgFacts>({
    name: 'find-org-facts',
    text: `select ${FACTS} from account a where a.id = any($1) and a.kind = 'org'`,
    values: [orgIds],
  });
}

/** A page of a list that is sorted by name. */
export interface NamePage {
  /** The normal form of the last name of the page before; an empty text on the first page. */
  readonly after: string;
  readonly limit: number;
}

/** Who belongs to an organisation, and as what. */
export interface OrgMember extends RowOfList {
  readonly orgId: number;
  readonly userId: number;
  readonly name: string;
  readonly normalizedName: string;
  readonly fullName: string | null;
  readonly role: OrgRole;
}

/** A page of the members of each of these organisations, by name. */
export function listMembers(
  sql: SqlExecutor,
  orgIds: readonly number[],
  page: NamePage,
): Promise<readonly OrgMember[]> {
  return sql.query({
    name: 'list-members',
    text: `
      select o.id as "listId", o.id as "orgId", p.*
      from unnest($1::bigint[]) as o (id), lateral (
        select u.id as "userId", u.name, u.normalized_name as "normalizedName", u.full_name as "fullName", m.role
        from membership m join account u on u.id = m.user_id
        where m.org_id = o.id and u.normalized_name > $2 order by u.normalized_name limit $3
      ) p
      order by o.id, p."normalizedName"`,
    values: [orgIds, page.after, page.limit],
  });
}

/** What somebody belongs to, and as what. */
export interface OrgOfUser extends RowOfList {
  readonly orgId: number;
  readonly userId: number;
  readonly name: string;
  readonly normalizedName: string;
  readonly description: string | null;
  readonly role: OrgRole;
}

/** A page of the organisations of each of these users, by name. */
export function listOrgsOf(
  sql: SqlExecutor,
  userIds: readonly number[],
  page: NamePage,
): Promise<readonly OrgOfUser[]> {
  return sql.query({
    name: 'list-orgs-of',
    text: `
      select u.id as "listId", u.id as "userId", p.*
      from unnest($1::bigint[]) as u (id), lateral (
        select a.id as "orgId", a.name, a.normalized_name as "normalizedName", a.description, m.role
        from membership m join account a on a.id = m.org_id
        where m.user_id = u.id and a.normalized_name > $2 order by a.normalized_name limit $3
      ) p
      order by u.id, p."normalizedName"`,
    values: [userIds, page.after, page.limit],
  });
}

/** The id of the user who has or had this name, or null. */
export async function findUserId(sql: SqlExecutor, normalizedName: string): Promise<number | null> {
  const [row] = await sql.query<{ id: number }>({
    name: 'find-user-id',
    text: `
      select a.id from account a
      where a.kind = 'user' and a.id = coalesce(
        (select id from account where normalized_name = $1),
        (select account_id from former_name where normalized_name = $1))`,
    values: [normalizedName],
  });
  return row?.id ?? null;
}
