import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE, type ObjectType, objectTypeOfCode } from '../../git/object.ts';
import { type Oid, oidFromBytes, oidToBytes } from '../../git/oid.ts';
import { hasErrorCode } from '../../lib/error-code.ts';
import type { RowSource } from '../../lib/row-file.ts';
import { refMoved } from '../activity/subjects.ts';
import { Conflict } from '../errors.ts';
import type { RefDoor } from '../version/git-reflog.entity.ts';

/** A pack that was checked and stored, or is small enough for its row. */
export interface PushedSegment {
  /** From `reserveSegmentId`: rows of its objects name it before it has a row. */
  readonly id: number;
  readonly packSum: Buffer;
  readonly objectCount: number;
  readonly packBytes: number;
  readonly storageKey: string | null;
  readonly inline: { readonly pack: Buffer; readonly idx: Buffer } | null;
}

/** Rows of what a push brings, each made for COPY: see `ContentReader` and `ChangeReader`. */
export interface PushedRows {
  /** Of `git_object`, with columns in the order of `OBJECT_COLUMNS`. */
  readonly objects: RowSource;
  /** Of `git_commit`. */
  readonly commits: RowSource;
  /** Of `path_change`. */
  readonly changes: RowSource;
  /** Of changed paths with a file: commit, directory, name and blob. */
  readonly files: RowSource;
  /** Bytes of all blobs. */
  readonly blobBytes: number;
}

interface Pushed {
  readonly segment: PushedSegment;
  readonly rows: PushedRows;
}

const OBJECT_COLUMNS =
  'store_id, segment_id, oid, type, size_bytes, pack_offset, packed_bytes, data, sha256, lfs_sha256, lfs_size_bytes';
const COMMIT_COLUMNS =
  'store_id, oid, tree_oid, parents, generation, author_name, author_email, authored_at, committed_at, title, body, user_id';
const CHANGE_COLUMNS = 'store_id, dir, name, generation, commit_oid';
const FILE_COLUMNS = 'commit_oid, dir, name, blob_oid';

/** Tables of the connection that take rows before they are compared with what is there. */
const INCOMING = [
  `create temporary table if not exists incoming_object on commit delete rows
    as select ${OBJECT_COLUMNS} from git_object with no data`,
  'create temporary table if not exists incoming_commit (like git_commit) on commit delete rows',
  'create temporary table if not exists incoming_change (like path_change) on commit delete rows',
];
const INCOMING_FILE = `create temporary table if not exists incoming_file
  (commit_oid bytea, dir text collate "C", name text collate "C", blob_oid bytea) on commit delete rows`;
/** Somebody else has written such a row, or is about to. */
const IS_THERE = ['23505', '40P01'];

/**
 * Writes the segment and everything about its objects. What the store holds already stays as it is.
 * @returns bytes of blobs that this store did not hold before.
 * @throws {Conflict} an object has the id of another one.
 */
export async function insertPushed(
  tx: SqlTransaction,
  at: { readonly storeId: number; readonly repoId: number },
  pushed: Pushed,
): Promise<{ readonly newBlobBytes: number }> {
  await insertSegment(tx, at.storeId, pushed.segment);
  if (await isInserted(tx, pushed.rows)) {
    await insertLfsHistory(tx, at, pushed.rows.files);
    return { newBlobBytes: pushed.rows.blobBytes };
  }
  return insertMissing(tx, at, pushed);
}

/** The id that a segment will have. When it does not come to that, nobody gets it. */
export async function reserveSegmentId(sql: SqlExecutor): Promise<number> {
  const [row] = await sql.query<{ id: number }>({
    name: 'reserve-segment-id',
    text: `select nextval(pg_get_serial_sequence('git_segment', 'id')) as id`,
  });
  return row!.id;
}

async function insertSegment(
  tx: SqlTransaction,
  storeId: number,
  { id, packSum, objectCount, packBytes, storageKey, inline }: PushedSegment,
): Promise<void> {
  await tx.execute({
    name: 'insert-pushed-segment',
    text: `
      insert into git_segment (id, store_id, kind, pack_sum, objects, pack_bytes, storage_key, inline_pack, inline_idx)
      values ($1, $2, 'push', $3, $4, $5, $6, $7, $8)`,
    values: [
      id,
      storeId,
      packSum,
      objectCount,
      packBytes,
      storageKey,
      inline?.pack ?? null,
      inline?.idx ?? null,
    ],
  });
}

/** Writes all rows at once, as nearly every push can. @returns false when the store has some of them already: then none was written. */
async function isInserted(tx: SqlTransaction, rows: PushedRows): Promise<boolean> {
  await tx.execute({ text: 'savepoint before_rows' });
  try {
    await tx.copyIn(`copy git_object (${OBJECT_COLUMNS}) from stdin`, rows.objects.read());
    if (rows.commits.count > 0) {
      await tx.copyIn(`copy git_commit (${COMMIT_COLUMNS}) from stdin`, rows.commits.read());
      await tx.copyIn(`copy path_change (${CHANGE_COLUMNS}) from stdin`, rows.changes.read());
    }
  } catch (error) {
    if (!hasErrorCode(error, ...IS_THERE)) throw error;
    await tx.execute({ text: 'rollback to savepoint before_rows' });
    return false;
  }
  await tx.execute({ text: 'release savepoint before_rows' });
  return true;
}

/** Writes those rows that are not there. */
async function insertMissing(
  tx: SqlTransaction,
  at: { readonly storeId: number; readonly repoId: number },
  { segment, rows }: Pushed,
): Promise<{ readonly newBlobBytes: number }> {
  for (const text of INCOMING) await tx.execute({ text });
  await tx.copyIn(`copy incoming_object (${OBJECT_COLUMNS}) from stdin`, rows.objects.read());
  const result = await insertMissingObjects(tx, segment.objectCount);
  if (rows.commits.count > 0) {
    await tx.copyIn(`copy incoming_commit (${COMMIT_COLUMNS}) from stdin`, rows.commits.read());
    await insertMissingCommits(tx, rows.changes);
    await insertLfsHistory(tx, at, rows.files, 'incoming_commit');
  }
  return result;
}

async function insertMissingObjects(
  tx: SqlTransaction,
  objectCount: number,
): Promise<{ newBlobBytes: number }> {
  const [result] = await tx.query<{ new_blob_bytes: number; inserted: number }>({
    text: `
      with inserted as (
        insert into git_object (${OBJECT_COLUMNS})
        select ${OBJECT_COLUMNS} from incoming_object
        on conflict (store_id, oid) do nothing
        returning type, size_bytes
      )
      select coalesce(sum(size_bytes) filter (where type = ${OBJECT_TYPE_CODE.blob}), 0)::bigint as new_blob_bytes,
        count(*)::int as inserted
      from inserted`,
  });
  if (result!.inserted < objectCount) await refuseCollisions(tx);
  return { newBlobBytes: result!.new_blob_bytes };
}

async function refuseCollisions(tx: SqlTransaction): Promise<void> {
  const [collision] = await tx.query<{ oid: Buffer }>({
    text: `
      select o.oid from incoming_object i join git_object o on o.store_id = i.store_id and o.oid = i.oid
      where o.type <> i.type or o.size_bytes <> i.size_bytes or o.sha256 <> i.sha256 or o.data <> i.data limit 1`,
  });
  if (!collision) return;
  throw new Conflict(
    `An object has the same Git id (${oidFromBytes(collision.oid)}) as another one of this repository, but other content.`,
  );
}

/** Commits that the store knows already have their changes there too. */
async function insertMissingCommits(tx: SqlTransaction, changes: RowSource): Promise<void> {
  await tx.execute({
    text: `delete from incoming_commit i using git_commit c where c.store_id = i.store_id and c.oid = i.oid`,
  });
  await tx.execute({
    text: 'insert into git_commit select * from incoming_commit on conflict do nothing',
  });
  await tx.copyIn(`copy incoming_change (${CHANGE_COLUMNS}) from stdin`, changes.read());
  await tx.execute({
    text: `
      insert into path_change (${CHANGE_COLUMNS})
      select c.store_id, c.dir, c.name, c.generation, c.commit_oid
      from incoming_change c join incoming_commit i on i.oid = c.commit_oid
      on conflict do nothing`,
  });
}

/** @param newCommits table of the commits whose files count; without it, all that are given. */
async function insertLfsHistory(
  tx: SqlTransaction,
  { storeId, repoId }: { readonly storeId: number; readonly repoId: number },
  files: RowSource,
  newCommits?: 'incoming_commit',
): Promise<void> {
  if (!(await hasPointers(tx, storeId))) return;
  await tx.execute({ text: INCOMING_FILE });
  await tx.copyIn(`copy incoming_file (${FILE_COLUMNS}) from stdin`, files.read());
  await tx.execute({
    text: `
      insert into lfs_history (repo_id, path, sha256, size_bytes, commit_oid)
      select $2, case when c.dir = '' then c.name else c.dir || '/' || c.name end, o.lfs_sha256, o.lfs_size_bytes, c.commit_oid
      from incoming_file c
      ${newCommits ? `join ${newCommits} i on i.oid = c.commit_oid` : ''}
      join git_object o on o.store_id = $1 and o.oid = c.blob_oid and o.lfs_sha256 is not null`,
    values: [storeId, repoId],
  });
}

/** Whether any file of the store is in LFS. Most repositories have none of them, or few files. */
async function hasPointers(tx: SqlTransaction, storeId: number): Promise<boolean> {
  const [row] = await tx.query<{ has: boolean }>({
    name: 'has-pointers',
    text: 'select exists (select from git_object where store_id = $1 and lfs_sha256 is not null) as has',
    values: [storeId],
  });
  return row!.has;
}

/** Takes the queues of many refs: for a few of them their own, in order of their names, else one for all. */
export async function readRefsForUpdate(
  tx: SqlTransaction,
  storeId: number,
  refNames: readonly string[],
): Promise<ReadonlyMap<string, Oid>> {
  const rows = await tx.query<{ name: string; oid: Buffer }>({
    name: 'read-refs-for-update',
    text: 'select name, oid from git_ref where store_id = $1 and name = any($2::text[]) order by name for update',
    values: [storeId, refNames],
  });
  return new Map(rows.map(({ name, oid }) => [name, oidFromBytes(oid)]));
}

/** Names of all refs. */
export async function readRefNames(sql: SqlExecutor, storeId: number): Promise<readonly string[]> {
  const rows = await sql.query<{ name: string }>({
    name: 'read-ref-names',
    text: 'select name from git_ref where store_id = $1',
    values: [storeId],
  });
  return rows.map(({ name }) => name);
}

/** One ref as it is and as it shall be; null where there is none. */
export interface RefMove {
  readonly refName: string;
  readonly oldOid: Oid | null;
  readonly newOid: Oid | null;
}

/**
 * Moves refs by compare-and-swap and writes the reflog.
 * @returns names of those that moved; the others were not at their `oldOid` any more.
 */
export async function swapRefs(
  tx: SqlTransaction,
  by: { readonly storeId: number; readonly userId: number; readonly via: RefDoor },
  moves: readonly RefMove[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.query<{ id: number; name: string }>({
    name: 'swap-refs',
    text: `
      with move as materialized (
        select * from unnest($2::text[], $3::bytea[], $4::bytea[]) as m (name, old_oid, new_oid)
      ), created as (
        insert into git_ref (store_id, name, oid)
        select $1, name, new_oid from move where old_oid is null and new_oid is not null
        on conflict do nothing returning name
      ), moved as (
        update git_ref r set oid = m.new_oid, version = r.version + 1, updated_at = now()
        from move m where r.store_id = $1 and r.name = m.name and r.oid = m.old_oid and m.new_oid is not null
        returning r.name
      ), deleted as (
        delete from git_ref r using move m
        where r.store_id = $1 and r.name = m.name and r.oid = m.old_oid and m.new_oid is null
        returning r.name
      ), done as (
        select name from created union all select name from moved union all select name from deleted
      )
      insert into git_reflog (store_id, name, old_oid, new_oid, user_id, via)
      select $1, name, old_oid, new_oid, $5, $6 from move join done using (name) order by name
      returning id, name`,
    values: [
      by.storeId,
      moves.map(({ refName }) => refName),
      moves.map(({ oldOid }) => oldOid && oidToBytes(oldOid)),
      moves.map(({ newOid }) => newOid && oidToBytes(newOid)),
      by.userId,
      by.via,
    ],
  });
  for (const { id } of rows.slice(0, MAX_ANNOUNCED)) tx.announce(refMoved(by.storeId, id));
  return new Set(rows.map(({ name }) => name));
}

/** Of one push. Nobody reads a list of more. */
const MAX_ANNOUNCED = 100;

/** Where a commit of a store leads; null when it is none. */
export async function readKnownCommit(
  sql: SqlExecutor,
  storeId: number,
  oid: Oid,
): Promise<{ readonly treeOid: Oid; readonly generation: number } | null> {
  const [row] = await sql.query<{ tree_oid: Buffer; generation: number }>({
    name: 'read-known-commit',
    text: 'select tree_oid, generation from git_commit where store_id = $1 and oid = $2',
    values: [storeId, oidToBytes(oid)],
  });
  return row ? { treeOid: oidFromBytes(row.tree_oid), generation: row.generation } : null;
}

/** Generations of commits of a store. Missing ids are left out. */
export async function readGenerations(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, number>> {
  if (oids.length === 0) return new Map();
  const rows = await sql.query<{ oid: Buffer; generation: number }>({
    name: 'read-generations',
    text: 'select oid, generation from git_commit where store_id = $1 and oid = any($2::bytea[])',
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(rows.map(({ oid, generation }) => [oidFromBytes(oid), generation]));
}

/** Types of objects of a store, and the bytes of those that are tags. Missing ids are left out. */
export async function readTargets(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, { readonly type: ObjectType; readonly tag: Buffer | null }>> {
  if (oids.length === 0) return new Map();
  const rows = await sql.query<{ oid: Buffer; type: number; tag: Buffer | null }>({
    name: 'read-targets',
    text: `
      select oid, type, case when type = ${OBJECT_TYPE_CODE.tag} then data end as tag
      from git_object where store_id = $1 and oid = any($2::bytea[])`,
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(
    rows.map((row) => [oidFromBytes(row.oid), { type: objectTypeOfCode(row.type)!, tag: row.tag }]),
  );
}

/** Title and root tree of commits, for what follows a move of refs. */
export async function readTips(
  sql: SqlExecutor,
  storeId: number,
  oids: readonly Oid[],
): Promise<ReadonlyMap<Oid, { readonly title: string; readonly treeOid: Oid }>> {
  const rows = await sql.query<{ oid: Buffer; tree_oid: Buffer; title: string }>({
    name: 'read-tips',
    text: 'select oid, tree_oid, title from git_commit where store_id = $1 and oid = any($2::bytea[])',
    values: [storeId, oids.map(oidToBytes)],
  });
  return new Map(
    rows.map((row) => [oidFromBytes(row.oid), { title: row.title, treeOid: oidFromBytes(row.tree_oid) }]),
  );
}

/** Pull requests that are open, among these numbers, and who opened them. */
export async function findOpenPullRequests(
  sql: SqlExecutor,
  repoId: number,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, number | null>> {
  if (numbers.length === 0) return new Map();
  const rows = await sql.query<{ number: number; author_id: number | null }>({
    name: 'find-open-pull-requests',
    text: `
      select number, author_id from discussion
      where repo_id = $1 and number = any($2::int[]) and is_pull_request and status in ('open', 'draft')`,
    values: [repoId, numbers],
  });
  return new Map(rows.map((row) => [row.number, row.author_id]));
}

/** Whether the account has an open pull request there. */
export async function hasOpenPullRequest(sql: SqlExecutor, repoId: number, userId: number): Promise<boolean> {
  const rows = await sql.query({
    name: 'has-open-pull-request',
    text: `
      select 1 from discussion
      where repo_id = $1 and author_id = $2 and is_pull_request and status in ('open', 'draft') limit 1`,
    values: [repoId, userId],
  });
  return rows.length > 0;
}

/** The verified address of an account, in lower case; null when it has none. */
export async function readVerifiedEmail(sql: SqlExecutor, userId: number): Promise<string | null> {
  const [row] = await sql.query<{ email: string | null }>({
    name: 'read-verified-email',
    text: 'select lower(email) as email from account where id = $1 and email_verified_at is not null',
    values: [userId],
  });
  return row?.email ?? null;
}
