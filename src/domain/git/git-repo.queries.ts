import type { SqlExecutor } from '../../db/sql.ts';
import { normalizeName } from '../names.ts';
import type { RepoStanding } from '../repo/repo-access.ts';
import { type RepoLookup, type RepoRow, roleOf } from '../repo/repo.queries.ts';
import { mayReadFilesOf } from '../repo/repo.queries.ts';
import { untaggedRefLinesOf } from './git-refs.queries.ts';
import type { RefLines } from './ref-lines.ts';

/** A repository for a request of a Git client. */
export interface GitLookup extends RepoLookup {
  readonly wantsRefs: boolean;
}

/** No more than these requests need: Git clients come often, and a whole repository takes twice as long to read. */
export interface GitRepo extends RepoStanding {
  readonly storeId: number;
  /** Null unless they were asked for and the caller may read files, and when there are tags: those take `readRefLines`. */
  readonly refs: RefLines | null;
}

type GitRepoRow = Pick<
  RepoRow,
  'id' | 'store_id' | 'type' | 'namespace' | 'name' | 'is_private' | 'gated' | 'is_disabled' | 'role'
> & { readonly ord: number; readonly refs: RefLines | null };

/**
 * One answer per look-up, in order: null where no repository has that name. Permissions are checked by `RepoAccessService`; here only the refs are
 * left alone where they would be hidden, so that nobody learns from the time it takes that a repository is there.
 */
export async function findGitRepos(
  sql: SqlExecutor,
  lookups: readonly GitLookup[],
): Promise<readonly (GitRepo | null)[]> {
  const rows = await sql.query<GitRepoRow>({
    name: 'find-git-repos',
    text: `
      select q.ord, r.id, s.id as store_id, r.type, a.name as namespace, r.name, r.is_private, r.gated, r.is_disabled,
        ${roleOf('q.user_id')} as role,
        case when q.wants_refs and not r.is_disabled and ${mayReadFilesOf('q.user_id')} then ${untaggedRefLinesOf('s.id')} end as refs
      from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::boolean[])
        with ordinality as q (type, namespace, name, user_id, wants_refs, ord)
      join account a on a.normalized_name = q.namespace
      join repo r on r.type = q.type and r.owner_id = a.id and r.normalized_name = q.name
      join git_store s on s.repo_id = r.id
      left join membership m on m.org_id = a.id and m.user_id = q.user_id`,
    values: [
      lookups.map((lookup) => lookup.ref.type),
      lookups.map((lookup) => normalizeName(lookup.ref.namespace)),
      lookups.map((lookup) => normalizeName(lookup.ref.name)),
      lookups.map((lookup) => lookup.userId),
      lookups.map((lookup) => lookup.wantsRefs),
    ],
  });
  const found: (GitRepo | null)[] = lookups.map(() => null);
  for (const row of rows) found[row.ord - 1] = toGitRepo(row);
  return found;
}

function toGitRepo(row: GitRepoRow): GitRepo {
  return {
    id: row.id,
    storeId: row.store_id,
    type: row.type,
    fullName: `${row.namespace}/${row.name}`,
    isPrivate: row.is_private,
    gated: row.gated,
    isDisabled: row.is_disabled,
    role: row.role,
    refs: row.refs,
  };
}
