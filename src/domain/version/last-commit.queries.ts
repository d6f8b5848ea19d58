import type { SqlExecutor } from '../../db/sql.ts';
import { type Oid, OID_BYTES, oidFromBytes, oidToBytes } from '../../git/oid.ts';
import type { LastCommit } from './values.ts';

/** A path, split where folders list it; `dir` is '' for the root. */
export interface ListedName {
  readonly dir: string;
  readonly name: string;
}

interface ChangeRow {
  ord: number;
  oid: Buffer;
  title: string;
  committed_at: Date;
}

/**
 * For each name the newest recorded change that is not above the head in the graph, if that alone proves it an ancestor of the
 * head: generations have no gaps below a commit, so the only commit of its generation in the store is an ancestor of every
 * commit above it. Undefined for the others; without side branches there are none.
 */
export async function findNewestChanges(
  sql: SqlExecutor,
  at: { readonly storeId: number; readonly headOid: Oid },
  names: readonly ListedName[],
): Promise<readonly (LastCommit | undefined)[]> {
  const rows = await sql.query<ChangeRow>({
    name: 'find-newest-changes',
    text: `
      with newest as materialized (
        select q.ord, change.generation, change.commit_oid
        from unnest($3::text[], $4::text[]) with ordinality as q (dir, name, ord)
        cross join lateral (
          select p.generation, p.commit_oid from path_change p
          where p.store_id = $1 and p.dir = q.dir and p.name = q.name
            and p.generation <= (select generation from git_commit where store_id = $1 and oid = $2)
          order by p.generation desc limit 1
        ) as change
      ), alone as materialized (
        select n.commit_oid
        from (select distinct generation, commit_oid from newest) as n
        cross join lateral (
          select count(*) as commits from (
            select from git_commit c where c.store_id = $1 and c.generation = n.generation limit 2
          ) as peer
        ) as of_generation
        where of_generation.commits = 1
      )
      select newest.ord, c.oid, c.title, c.committed_at
      from newest
      join alone on alone.commit_oid = newest.commit_oid
      join git_commit c on c.store_id = $1 and c.oid = newest.commit_oid`,
    values: valuesOf(at, names),
  });
  return inOrder(rows, names.length);
}

/** Changes of one name that are tried; above it a name changed mostly on side branches. */
const MAX_CANDIDATES = 32;
/** Commits that are visited to find out which candidates are ancestors; bounds the statement to about a second. */
const MAX_VISITED = 100_000;

/**
 * For each name the newest recorded change among the ancestors of the head, found by walking down from the head to the oldest
 * candidate. Undefined where none is found within the limits.
 */
export async function findNewestAncestorChanges(
  sql: SqlExecutor,
  at: { readonly storeId: number; readonly headOid: Oid },
  names: readonly ListedName[],
): Promise<readonly (LastCommit | undefined)[]> {
  const rows = await sql.query<ChangeRow>({
    name: 'find-newest-ancestor-changes',
    text: `
      with recursive candidate as materialized (
        select q.ord, newest.generation, newest.commit_oid
        from unnest($3::text[], $4::text[]) with ordinality as q (dir, name, ord)
        cross join lateral (
          select p.generation, p.commit_oid from path_change p
          where p.store_id = $1 and p.dir = q.dir and p.name = q.name
            and p.generation <= (select generation from git_commit where store_id = $1 and oid = $2)
          order by p.generation desc limit ${MAX_CANDIDATES}
        ) as newest
      ), walk as (
        select oid, parents from git_commit where store_id = $1 and oid = $2
        union
        select c.oid, c.parents
        from walk w
        cross join lateral generate_series(1, length(w.parents), ${OID_BYTES}) as at
        cross join lateral (
          -- The limit keeps this an index look-up for each parent, whatever the planner guesses about the walk.
          select oid, parents, generation from git_commit
          where store_id = $1 and oid = substring(w.parents from at for ${OID_BYTES}) limit 1
        ) as c
        where c.generation >= (select min(generation) from candidate)
      ), visited as (
        select oid from walk limit ${MAX_VISITED}
      )
      select distinct on (candidate.ord) candidate.ord, c.oid, c.title, c.committed_at
      from candidate
      join visited on visited.oid = candidate.commit_oid
      join git_commit c on c.store_id = $1 and c.oid = candidate.commit_oid
      order by candidate.ord, c.generation desc, c.committed_at desc`,
    values: valuesOf(at, names),
  });
  return inOrder(rows, names.length);
}

function valuesOf({ storeId, headOid }: { storeId: number; headOid: Oid }, names: readonly ListedName[]) {
  return [storeId, oidToBytes(headOid), names.map((entry) => entry.dir), names.map((entry) => entry.name)];
}

function inOrder(rows: readonly ChangeRow[], count: number): readonly (LastCommit | undefined)[] {
  const found: (LastCommit | undefined)[] = Array.from({ length: count });
  for (const { ord, oid, title, committed_at: committedAt } of rows) {
    found[ord - 1] = { oid: oidFromBytes(oid), title, committedAt };
  }
  return found;
}
