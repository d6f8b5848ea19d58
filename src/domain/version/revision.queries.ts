import type { SqlExecutor } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { type Oid, oidFromBytes, oidToBytes } from '../../git/oid.ts';

/** One ref of one store, by its full name. */
export interface RefLookup {
  readonly storeId: number;
  readonly refName: string;
}

export interface FoundRef {
  /** What the ref holds: a commit, or the object of an annotated tag. */
  readonly oid: Oid;
  /** Root tree of that commit; null when it is not a commit. */
  readonly treeOid: Oid | null;
}

/** One answer per look-up, in order. Meant for a `Batcher`: all look-ups of a turn cost one statement. */
export async function findRefs(
  sql: SqlExecutor,
  lookups: readonly RefLookup[],
): Promise<readonly (FoundRef | null)[]> {
  const rows = await sql.query<{ ord: number; oid: Buffer; tree_oid: Buffer | null }>({
    name: 'find-refs',
    text: `
      select q.ord, r.oid, c.tree_oid
      from unnest($1::bigint[], $2::text[]) with ordinality as q (store_id, name, ord)
      join git_ref r on r.store_id = q.store_id and r.name = q.name
      left join git_commit c on c.store_id = r.store_id and c.oid = r.oid`,
    values: [lookups.map((lookup) => lookup.storeId), lookups.map((lookup) => lookup.refName)],
  });
  const found: (FoundRef | null)[] = lookups.map(() => null);
  for (const { ord, oid, tree_oid } of rows) {
    found[ord - 1] = { oid: oidFromBytes(oid), treeOid: tree_oid && oidFromBytes(tree_oid) };
  }
  return found;
}

/** Root tree of a commit of this store, or null when it has no such commit. */
export async function findRootTree(sql: SqlExecutor, storeId: number, commitOid: Oid): Promise<Oid | null> {
  const [row] = await sql.query<{ tree_oid: Buffer }>({
    name: 'find-root-tree',
    text: 'select tree_oid from git_commit where store_id = $1 and oid = $2',
    values: [storeId, oidToBytes(commitOid)],
  });
  return row ? oidFromBytes(row.tree_oid) : null;
}

/** Up to `limit` commits of this store whose ids begin with the given hex digits. */
export async function findCommitsByPrefix(
  sql: SqlExecutor,
  storeId: number,
  { prefix, limit }: { readonly prefix: string; readonly limit: number },
): Promise<readonly Oid[]> {
  const rows = await sql.query<{ oid: Buffer }>({
    name: 'find-commits-by-prefix',
    text: 'select oid from git_commit where store_id = $1 and oid between $2 and $3 order by oid limit $4',
    values: [
      storeId,
      Buffer.from(prefix.padEnd(40, '0'), 'hex'),
      Buffer.from(prefix.padEnd(40, 'f'), 'hex'),
      limit,
    ],
  });
  return rows.map((row) => oidFromBytes(row.oid));
}

/** The bytes of a tag object, or null when the id names something else. */
export async function readTagObject(sql: SqlExecutor, storeId: number, oid: Oid): Promise<Buffer | null> {
  const [row] = await sql.query<{ data: Buffer | null }>({
    name: 'read-tag-object',
    text: 'select data from git_object where store_id = $1 and oid = $2 and type = $3',
    values: [storeId, oidToBytes(oid), OBJECT_TYPE_CODE.tag],
  });
  return row?.data ?? null;
}
