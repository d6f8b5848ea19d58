import type { SqlExecutor } from '../../db/sql.ts';
import type { AccountKind } from '../account/account.entity.ts';
import { normalizeName } from '../names.ts';
import { isPossibleName } from './repo-ref.ts';
import type { RepoRole } from './repo.policy.ts';

/** A user or organisation as the home of repositories, and what the caller is in it. */
export interface Namespace {
  readonly id: number;
  readonly name: string;
  readonly kind: AccountKind;
  readonly role: RepoRole;
}

/** The namespace of that name, or null. @param userId the caller, null when anonymous. */
export async function findNamespace(
  sql: SqlExecutor,
  name: string,
  userId: number | null,
): Promise<Namespace | null> {
  if (!isPossibleName(name)) return null;
  const [row] = await sql.query<Namespace>({
    name: 'find-namespace',
    text: `
      select a.id, a.name, a.kind, case when a.id = $2 then 'owner' else coalesce(m.role, 'none') end as role
      from account a
      left join membership m on m.org_id = a.id and m.user_id = $2
      where a.normalized_name = $1`,
    values: [normalizeName(name), userId],
  });
  return row ?? null;
}
