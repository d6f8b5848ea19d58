import type { SqlExecutor } from '../../db/sql.ts';
import type { RepoType } from '../repo/repo.entity.ts';
import type { OrgRole } from './membership.entity.ts';

/** What an organisation tells of itself. */
export interface OrgProfile {
  readonly id: number;
  readonly name: string;
  readonly fullName: string | null;
  readonly description: string | null;
  readonly bio: string | null;
  readonly website: string | null;
  readonly socialLinks: Readonly<Record<string, string>> | null;
  readonly createdAt: Date;
  readonly memberCount: number;
}

/** The organisation that has or had this name, or null. @param normalizedName see `normalizeName`. */
export async function findOrg(sql: SqlExecutor, normalizedName: string): Promise<OrgProfile | null> {
  const [row] = await sql.query<OrgProfile>({
    name: 'find-org',
    text: `
      select a.id, a.name, a.full_name as "fullName", a.description, a.bio, a.website,
        a.social_links as "socialLinks", a.created_at as "createdAt",
        (select count(*) from membership m where m.org_id = a.id) as "memberCount"
      from account a
      where a.kind = 'org' and a.id = coalesce(
        (select id from account where normalized_name = $1),
        (select account_id from former_name where normalized_name = $1))`,
    values: [normalizedName],
  });
  return row ?? null;
}

/** How many repositories somebody (null: anonymous) sees in an organisation, by type; types without any are absent. */
export function countOrgRepos(
  sql: SqlExecutor,
  orgId: number,
  userId: number | null,
): Promise<readonly { readonly type: RepoType; readonly count: number }[]> {
  return sql.query({
    name: 'count-org-repos',
    text: `
      select r.type, count(*) as count from repo r
      where r.owner_id = $1
        and (not r.is_private or exists (select 1 from membership m where m.org_id = $1 and m.user_id = $2))
      group by r.type`,
    values: [orgId, userId],
  });
}

/** A page of a list that is sorted by name. */
export interface NamePage {
  /** The normal form of the last name of the page before; an empty text on the first page. */
  readonly after: string;
  readonly limit: number;
}

export interface OrgMember {
  readonly name: string;
  readonly normalizedName: string;
  readonly fullName: string | null;
  readonly role: OrgRole;
}

/** Members of an organisation, by name. */
export function listMembers(sql: SqlExecutor, orgId: number, page: NamePage): Promise<readonly OrgMember[]> {
  return sql.query({
    name: 'list-members',
    text: `
      select u.name, u.normalized_name as "normalizedName", u.full_name as "fullName", m.role
      from membership m join account u on u.id = m.user_id
      where m.org_id = $1 and u.normalized_name > $2 order by u.normalized_name limit $3`,
    values: [orgId, page.after, page.limit],
  });
}

export interface OrgOfUser {
  readonly name: string;
  readonly normalizedName: string;
  readonly description: string | null;
  readonly role: OrgRole;
}

/** Organisations of a user, by name. */
export function listOrgsOf(sql: SqlExecutor, userId: number, page: NamePage): Promise<readonly OrgOfUser[]> {
  return sql.query({
    name: 'list-orgs-of',
    text: `
      select a.name, a.normalized_name as "normalizedName", a.description, m.role
      from membership m join account a on a.id = m.org_id
      where m.user_id = $1 and a.normalized_name > $2 order by a.normalized_name limit $3`,
    values: [userId, page.after, page.limit],
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
