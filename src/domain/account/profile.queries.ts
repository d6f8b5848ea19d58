import type { SqlExecutor } from '../../db/sql.ts';
import type { AccountKind } from './account.entity.ts';

/** What an account tells of itself to everybody. */
export interface AccountProfile {
  readonly id: number;
  readonly kind: AccountKind;
  readonly name: string;
  readonly fullName: string | null;
  readonly bio: string | null;
  readonly website: string | null;
  readonly socialLinks: Readonly<Record<string, string>> | null;
  readonly createdAt: Date;
}

const PROFILE_COLUMNS = `
  a.id, a.kind, a.name, a.full_name as "fullName", a.bio, a.website, a.social_links as "socialLinks",
  a.created_at as "createdAt"`;

/** Users and organisations by id, in any order. Missing ids are left out. */
export function findProfilesById(sql: SqlExecutor, ids: readonly number[]): Promise<AccountProfile[]> {
  return sql.query<AccountProfile>({
    name: 'find-profiles-by-id',
    text: `select ${PROFILE_COLUMNS} from account a where a.id = any($1)`,
    values: [ids],
  });
}

/** The user or organisation that has or had the name with this key (`nameKey`), or null. */
export async function findProfile(sql: SqlExecutor, key: string): Promise<AccountProfile | null> {
  const [row] = await sql.query<AccountProfile>({
    name: 'find-profile',
    text: `
      select ${PROFILE_COLUMNS}
      from account a
      where a.id = (
        select id from account where normalized_name = $1
        union all
        select account_id from former_name where normalized_name = $1
      )`,
    values: [key],
  });
  return row ?? null;
}

/** How many repositories each of these users likes that the viewer (null: anonymous) may see, in their order. */
export async function countLikesOf(
  sql: SqlExecutor,
  { userIds, viewerId }: { readonly userIds: readonly number[]; readonly viewerId: number | null },
): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number; count: number }>({
    name: 'count-likes-of',
    text: `
      select k.user_id as id, count(*) as count
      from repo_like k join repo r on r.id = k.repo_id
      left join membership m on m.org_id = r.owner_id and m.user_id = $2
      where k.user_id = any($1) and (not r.is_private or r.owner_id = $2 or m.id is not null)
      group by k.user_id`,
    values: [userIds, viewerId],
  });
  const counts = new Map(rows.map(({ id, count }) => [id, count]));
  return userIds.map((id) => counts.get(id) ?? 0);
}
