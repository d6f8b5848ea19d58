import type { Commit } from '../../git/commit.ts';
import { splitMessage } from '../../git/commit.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { sha256ToBytes } from '../../lib/sha256.ts';
import { copyText } from '../../db/copy-text.ts';
import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';

/** Which root tree a commit has, and how far it is from the root of history. */
export interface CommitPosition {
  readonly treeOid: Oid;
  readonly generation: number;
}

export async function readCommitPosition(
  sql: SqlExecutor,
  storeId: number,
  oid: Oid,
): Promise<CommitPosition | null> {
  const [row] = await sql.query<{ tree_oid: Buffer; generation: number }>({
    name: 'read-commit-position',
    text: 'select tree_oid, generation from git_commit where store_id = $1 and oid = $2',
    values: [storeId, oidToBytes(oid)],
  });
  return row ? { treeOid: row.tree_oid.toString('hex') as Oid, generation: row.generation } : null;
}

export interface NewCommitRow {
  readonly storeId: number;
  readonly oid: Oid;
  readonly commit: Commit;
  readonly generation: number;
  readonly userId: number | null;
}

export async function insertCommit(tx: SqlTransaction, row: NewCommitRow): Promise<void> {
  const { title, body } = splitMessage(row.commit.message);
  await tx.execute({
    name: 'insert-commit',
    text: `
      insert into git_commit (store_id, oid, tree_oid, parents, generation, author_name, author_email, authored_at,
        committed_at, title, body, user_id)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
    values: [
      row.storeId,
      oidToBytes(row.oid),
      oidToBytes(row.commit.tree),
      Buffer.concat(row.commit.parents.map(oidToBytes)),
      row.generation,
      row.commit.author.name,
      row.commit.author.email,
      row.commit.author.at,
      row.commit.committer.at,
      title,
      body,
      row.userId,
    ],
  });
}

/** A path that a commit changed, or a directory above one, cut at its last `/`. */
export interface ChangedPath {
  readonly dir: string;
  readonly name: string;
}

const COPY_FROM_ROWS = 2000;

export async function insertPathChanges(
  tx: SqlTransaction,
  at: { readonly storeId: number; readonly generation: number; readonly commitOid: Oid },
  paths: readonly ChangedPath[],
): Promise<void> {
  if (paths.length >= COPY_FROM_ROWS) {
    await tx.copyIn(
      'copy path_change (store_id, dir, name, generation, commit_oid) from stdin',
      pathChangeLines(at, paths),
    );
    return;
  }
  await tx.execute({
    name: 'insert-path-changes',
    text: `
      insert into path_change (store_id, dir, name, generation, commit_oid)
      select $1, q.dir, q.name, $2, $3 from unnest($4::text[], $5::text[]) as q (dir, name)
      on conflict do nothing`,
    values: [
      at.storeId,
      at.generation,
      oidToBytes(at.commitOid),
      paths.map((path) => path.dir),
      paths.map((path) => path.name),
    ],
  });
}

function* pathChangeLines(
  at: { readonly storeId: number; readonly generation: number; readonly commitOid: Oid },
  paths: readonly ChangedPath[],
): Generator<string> {
  const end = `\t${at.generation}\t${copyText(oidToBytes(at.commitOid))}\n`;
  for (const { dir, name } of paths) yield `${at.storeId}\t${copyText(dir)}\t${copyText(name)}${end}`;
}

export interface LfsHistoryRow {
  readonly path: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

export async function insertLfsHistory(
  tx: SqlTransaction,
  at: { readonly repoId: number; readonly commitOid: Oid },
  rows: readonly LfsHistoryRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute({
    name: 'insert-lfs-history',
    text: `
      insert into lfs_history (repo_id, path, sha256, size_bytes, commit_oid)
      select $1, q.path, q.sha256, q.size_bytes, $2
      from unnest($3::text[], $4::bytea[], $5::bigint[]) as q (path, sha256, size_bytes)`,
    values: [
      at.repoId,
      oidToBytes(at.commitOid),
      rows.map((row) => row.path),
      rows.map((row) => sha256ToBytes(row.sha256)),
      rows.map((row) => row.sizeBytes),
    ],
  });
}

/** Keeps the repository's row in step with its `main`, for lists that do not join refs. */
export async function touchRepoHead(tx: SqlTransaction, repoId: number, headOid: Oid): Promise<void> {
  await tx.execute({
    name: 'touch-repo-head',
    text: 'update repo set head_oid = $2, last_modified_at = now() where id = $1',
    values: [repoId, oidToBytes(headOid)],
  });
}

export const INDEX_REPO = 'index-repo';

/** Promises that the repository's card and weights will be indexed, whatever happens to this process. */
export async function promiseIndexing(tx: SqlTransaction, repoId: number): Promise<void> {
  await tx.execute({
    name: 'promise-indexing',
    text: `insert into outbox (kind, payload) values ('${INDEX_REPO}', jsonb_build_object('repoId', $1::bigint))`,
    values: [repoId],
  });
}
