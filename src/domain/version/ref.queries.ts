import { type Oid, oidFromBytes, oidToBytes } from '../../git/oid.ts';
import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { refMoved } from '../activity/subjects.ts';
import { RefExists } from '../errors.ts';
import type { RefDoor } from './git-reflog.entity.ts';
import { holdStore } from './store-hold.queries.ts';

/**
 * Holds the store (`holdStore`) and takes the queue of one ref until the transaction ends. Writers of one ref wait here
 * instead of failing at the compare-and-swap.
 * @throws {RepoNotFound} when the repository was deleted meanwhile.
 */
export async function lockRef(tx: SqlTransaction, storeId: number, refName: string): Promise<void> {
  await holdStore(tx, storeId);
  await tx.query({
    name: 'lock-ref',
    text: `select pg_advisory_xact_lock(hashtextextended('ref:' || $1::bigint || ':' || $2::text, 0))`,
    values: [storeId, refName],
  });
}

/** What a ref points to, or null. */
export async function readRef(sql: SqlExecutor, storeId: number, refName: string): Promise<Oid | null> {
  const [row] = await sql.query<{ oid: Buffer }>({
    name: 'read-ref',
    text: 'select oid from git_ref where store_id = $1 and name = $2',
    values: [storeId, refName],
  });
  return row ? oidFromBytes(row.oid) : null;
}

/** A ref as it is stored; `tag` is the object of an annotated tag. */
export interface RefRow {
  readonly name: string;
  readonly oid: Buffer;
  readonly tag: Buffer | null;
}

const REF_ROWS = `
  select r.name, r.oid, o.data as tag
  from git_ref r
  left join git_object o on o.store_id = r.store_id and o.oid = r.oid and o.type = 4`;

/** All refs of a store, in byte order of their names. */
export function listRefs(sql: SqlExecutor, storeId: number): Promise<readonly RefRow[]> {
  return sql.query<RefRow>({
    name: 'list-refs',
    text: `${REF_ROWS} where r.store_id = $1 order by r.name`,
    values: [storeId],
  });
}

/** Of each store, in one statement, those that begin with `prefix` and come after `after`, which begins with it too. */
export async function findRefPages(
  sql: SqlExecutor,
  storeIds: readonly number[],
  { prefix, after, limit }: { readonly prefix: string; readonly after: string; readonly limit: number },
): Promise<readonly (readonly RefRow[])[]> {
  const rows = await sql.query<RefRow & { ord: number }>({
    name: 'find-ref-pages',
    // 0 is the character after the slash at the end of the prefix.
    text: `
      select q.ord, page.* from unnest($1::bigint[]) with ordinality as q (store_id, ord)
      cross join lateral (
        ${REF_ROWS} where r.store_id = q.store_id and r.name > $2 and r.name < rtrim($3, '/') || '0' order by r.name limit $4
      ) page
      order by q.ord, page.name`,
    values: [storeIds, after, prefix, limit],
  });
  const pages = Map.groupBy(rows, (row) => row.ord);
  return storeIds.map((_, index) => pages.get(index + 1) ?? []);
}

export interface RefUpdate {
  readonly storeId: number;
  readonly refName: string;
  /** Null: the ref must not exist. */
  readonly oldOid: Oid | null;
  /** Null: the ref is deleted. */
  readonly newOid: Oid | null;
  readonly userId: number | null;
  readonly via: RefDoor;
}

/**
 * Moves a ref by compare-and-swap and writes the reflog.
 * @returns false, with nothing written, when the ref is not at `oldOid` any more.
 */
export async function swapRef(tx: SqlTransaction, update: RefUpdate): Promise<boolean> {
  const { storeId, refName, oldOid, newOid, userId, via } = update;
  const changed = await tx.execute(swapStatement(update));
  if (changed !== 1) return false;
  const [row] = await tx.query<{ id: number }>({
    name: 'insert-reflog',
    text: `
      insert into git_reflog (store_id, name, old_oid, new_oid, user_id, via) values ($1, $2, $3, $4, $5, $6)
      returning id`,
    values: [storeId, refName, oldOid && oidToBytes(oldOid), newOid && oidToBytes(newOid), userId, via],
  });
  tx.announce(refMoved(storeId, row!.id));
  return true;
}

function swapStatement({ storeId, refName, oldOid, newOid }: RefUpdate) {
  if (oldOid === null) {
    return {
      name: 'create-ref',
      text: 'insert into git_ref (store_id, name, oid) values ($1, $2, $3) on conflict do nothing',
      values: [storeId, refName, newOid && oidToBytes(newOid)],
    };
  }
  if (newOid === null) {
    return {
      name: 'delete-ref',
      text: 'delete from git_ref where store_id = $1 and name = $2 and oid = $3',
      values: [storeId, refName, oidToBytes(oldOid)],
    };
  }
  return {
    name: 'move-ref',
    text: `
      update git_ref set oid = $4, version = version + 1, updated_at = now()
      where store_id = $1 and name = $2 and oid = $3`,
    values: [storeId, refName, oidToBytes(oldOid), oidToBytes(newOid)],
  };
}

/** Git keeps `a` as a file and `a/b` in a folder of that name, so both cannot exist. @throws {RefExists} */
export async function refusePrefixConflict(
  tx: SqlTransaction,
  storeId: number,
  refName: string,
): Promise<void> {
  const parts = refName.split('/');
  const above = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
  const [conflict] = await tx.query<{ name: string }>({
    name: 'find-prefix-conflict',
    text: `
      select name from git_ref
      where store_id = $1 and (name = any($2::text[]) or starts_with(name, $3::text || '/')) limit 1`,
    values: [storeId, above, refName],
  });
  if (conflict) throw new RefExists(conflict.name);
}
