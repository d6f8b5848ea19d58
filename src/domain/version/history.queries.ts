import type { SqlExecutor } from '../../db/sql.ts';
import { type Oid, OID_BYTES, oidFromBytes, oidToBytes } from '../../git/oid.ts';
import type { CommitNode } from './history-walk.ts';
import type { CommitInfo } from './values.ts';

interface NodeRow {
  oid: Buffer;
  tree_oid: Buffer;
  parents: Buffer;
  generation: number;
  committed_at: Date;
}

/** A commit and its nearest ancestors, `limit` at most; empty when this store has no such commit. */
export async function findAncestors(
  sql: SqlExecutor,
  storeId: number,
  { oid, limit }: { readonly oid: Oid; readonly limit: number },
): Promise<readonly CommitNode[]> {
  const rows = await sql.query<NodeRow>({
    name: 'find-ancestors',
    text: `
      with recursive walk as (
        select oid, tree_oid, parents, generation, committed_at from git_commit where store_id = $1 and oid = $2
        union
        select c.oid, c.tree_oid, c.parents, c.generation, c.committed_at
        from walk w
        cross join lateral generate_series(1, length(w.parents), ${OID_BYTES}) as at
        cross join lateral (
          -- The limit keeps this an index look-up for each parent, whatever the planner guesses about the walk.
          select * from git_commit
          where store_id = $1 and oid = substring(w.parents from at for ${OID_BYTES}) limit 1
        ) as c
      )
      select * from walk limit $3`,
    values: [storeId, oidToBytes(oid), limit],
  });
  return rows.map((row) => ({
    oid: oidFromBytes(row.oid),
    treeOid: oidFromBytes(row.tree_oid),
    parents: splitOids(row.parents),
    generation: row.generation,
    committedAt: row.committed_at,
  }));
}

/** Histories with merges are counted commit by commit, up to here. */
const MAX_COUNTED = 100_000;

/**
 * Number of ancestors of a commit, itself included; null when this store has no such commit or counting would take too long.
 * Without merges a commit's generation is that number, and only stores that took a push or merged a pull request have merges.
 */
export async function countAncestors(sql: SqlExecutor, storeId: number, oid: Oid): Promise<number | null> {
  const [tip] = await sql.query<{ generation: number; has_merges: boolean }>({
    name: 'count-linear-history',
    text: `
      select generation, exists (
        select from git_commit m
        where m.store_id = $1 and m.generation <= tip.generation and length(m.parents) > ${OID_BYTES}
      ) as has_merges
      from git_commit tip where store_id = $1 and oid = $2`,
    values: [storeId, oidToBytes(oid)],
  });
  if (!tip) return null;
  if (!tip.has_merges) return tip.generation;
  const [counted] = await sql.query<{ count: number }>({
    name: 'count-merged-history',
    text: `
      with recursive walk as (
        select oid, parents from git_commit where store_id = $1 and oid = $2
        union
        select c.oid, c.parents
        from walk w
        cross join lateral generate_series(1, length(w.parents), ${OID_BYTES}) as at
        cross join lateral (
          select oid, parents from git_commit
          where store_id = $1 and oid = substring(w.parents from at for ${OID_BYTES}) limit 1
        ) as c
      )
      select count(*)::int as count from (select from walk limit $3) as walked`,
    values: [storeId, oidToBytes(oid), MAX_COUNTED + 1],
  });
  return counted && counted.count <= MAX_COUNTED ? counted.count : null;
}

interface CommitRow {
  oid: Buffer;
  tree_oid: Buffer;
  parents: Buffer;
  title: string;
  body: string;
  author_name: string;
  author_email: string;
  user_name: string | null;
  committed_at: Date;
}

/** Commits of one store by id. Missing ids are left out. */
export async function findCommits(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, CommitInfo>> {
  const rows = await sql.query<CommitRow>({
    name: 'find-commits',
    text: `
      select c.oid, c.tree_oid, c.parents, c.title, c.body, c.author_name, c.author_email, a.name as user_name,
        c.committed_at
      from git_commit c left join account a on a.id = c.user_id
      where c.store_id = $1 and c.oid = any($2::bytea[])`,
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(rows.map((row) => [oidFromBytes(row.oid), toCommitInfo(row)]));
}

/** A commit of a store. */
export interface CommitKey {
  readonly storeId: number;
  readonly oid: Oid;
}

/** Commits of several stores, in the order of the keys; null for one that is not there. One statement. */
export async function findCommitsOf(
  sql: SqlExecutor,
  keys: readonly CommitKey[],
): Promise<readonly (CommitInfo | null)[]> {
  const rows = await sql.query<CommitRow & { ord: number }>({
    name: 'find-commits-of',
    text: `
      select k.ord, c.oid, c.tree_oid, c.parents, c.title, c.body, c.author_name, c.author_email,
        a.name as user_name, c.committed_at
      from unnest($1::bigint[], $2::bytea[]) with ordinality as k (store_id, oid, ord)
      join git_commit c on c.store_id = k.store_id and c.oid = k.oid
      left join account a on a.id = c.user_id`,
    values: [keys.map(({ storeId }) => storeId), keys.map(({ oid }) => oidToBytes(oid))],
  });
  const found: (CommitInfo | null)[] = keys.map(() => null);
  for (const row of rows) found[row.ord - 1] = toCommitInfo(row);
  return found;
}

function toCommitInfo(row: CommitRow): CommitInfo {
  return {
    oid: oidFromBytes(row.oid),
    parents: splitOids(row.parents),
    treeOid: oidFromBytes(row.tree_oid),
    title: row.title,
    body: row.body,
    authorName: row.author_name,
    authorEmail: row.author_email,
    userName: row.user_name,
    committedAt: row.committed_at,
  };
}

function splitOids(bytes: Buffer): readonly Oid[] {
  return Array.from({ length: bytes.length / OID_BYTES }, (_, index) =>
    oidFromBytes(bytes.subarray(index * OID_BYTES, (index + 1) * OID_BYTES)),
  );
}
