import type { SqlTransaction } from '../../db/sql.ts';
import { QuotaExceeded } from '../errors.ts';
import { normalizeName } from '../names.ts';
import type { Card } from './card.ts';
import type { GatedMode, RepoType } from './repo.entity.ts';

export interface NewRepoRow {
  readonly type: RepoType;
  readonly ownerId: number;
  readonly creatorId: number;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly card: Card;
}

/** The id of the new row, or null when the name is taken. A former name that led elsewhere becomes free for it. */
export async function insertRepo(tx: SqlTransaction, repo: NewRepoRow): Promise<number | null> {
  const normalizedName = normalizeName(repo.name);
  const [row] = await tx.query<{ id: number }>({
    name: 'insert-repo',
    text: `
      insert into repo (type, owner_id, creator_id, name, normalized_name, is_private, sdk, card, tags, pipeline_tag,
        library_name)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
      on conflict (type, owner_id, normalized_name) do nothing
      returning id`,
    values: [
      repo.type,
      repo.ownerId,
      repo.creatorId,
      repo.name,
      normalizedName,
      repo.isPrivate,
      repo.card.sdk,
      repo.card.card,
      repo.card.tags,
      repo.card.pipelineTag,
      repo.card.libraryName,
    ],
  });
  if (!row) return null;
  await deleteRedirect(tx, repo.type, { ownerId: repo.ownerId, normalizedName });
  return row.id;
}

/** What changes of a repository start from, read under its lock. */
export interface LockedRepo {
  readonly id: number;
  readonly ownerId: number;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly usedBytes: number;
}

/**
 * Locks a repository and namespaces until the end of the transaction: first the store, so that no commit is under way,
 * then the accounts by id, then the repository. Every change that moves usage takes them in this order.
 * @returns null when the repository is gone.
 */
export async function lockRepo(
  tx: SqlTransaction,
  repo: { readonly id: number; readonly storeId: number },
  accountIds: readonly number[],
): Promise<LockedRepo | null> {
  await tx.query({
    name: 'lock-store-alone',
    text: `select pg_advisory_xact_lock(hashtextextended('store:' || $1::bigint, 0))`,
    values: [repo.storeId],
  });
  await lockAccounts(tx, accountIds);
  const [row] = await tx.query<LockedRepo>({
    name: 'lock-repo',
    text: `
      select id, owner_id as "ownerId", name, is_private as "isPrivate", used_bytes as "usedBytes"
      from repo where id = $1 for update`,
    values: [repo.id],
  });
  return row ?? null;
}

/** Locks namespaces until the end of the transaction, in order of their ids. */
export async function lockAccounts(tx: SqlTransaction, accountIds: readonly number[]): Promise<void> {
  await tx.query({
    name: 'lock-accounts',
    text: 'select id from account where id = any($1::bigint[]) order by id for no key update',
    values: [accountIds],
  });
}

/** One of the two counters of a namespace. */
export interface UsageCounter {
  readonly accountId: number;
  readonly isPrivate: boolean;
}

/** Gives bytes back to a namespace. */
export async function releaseUsage(tx: SqlTransaction, from: UsageCounter, bytes: number): Promise<void> {
  await addUsage(tx, from, -bytes);
}

/** Charges bytes that exist already to a namespace. @throws {QuotaExceeded} and the transaction must end. */
export async function takeUsage(tx: SqlTransaction, to: UsageCounter, bytes: number): Promise<void> {
  const after = await addUsage(tx, to, bytes);
  if (after && bytes > 0 && after.quotaBytes !== null && after.usedBytes > after.quotaBytes) {
    throw new QuotaExceeded(
      `Storage quota exceeded: ${after.name} may hold ${after.quotaBytes} bytes in ${to.isPrivate ? 'private' : 'public'} repositories.`,
    );
  }
}

async function addUsage(tx: SqlTransaction, { accountId, isPrivate }: UsageCounter, bytes: number) {
  const kind = isPrivate ? 'private' : 'public';
  const [after] = await tx.query<{ name: string; usedBytes: number; quotaBytes: number | null }>({
    name: `add-${kind}-usage`,
    text: `
      update account set ${kind}_used_bytes = ${kind}_used_bytes + $2::bigint where id = $1
      returning name, ${kind}_used_bytes as "usedBytes", ${kind}_quota_bytes as "quotaBytes"`,
    values: [accountId, bytes],
  });
  return after;
}

/** Removes a repository with all that hangs on it; its store stays without a repository until a job purges it. */
export async function deleteRepo(tx: SqlTransaction, repoId: number): Promise<void> {
  await tx.execute({ name: 'delete-repo', text: 'delete from repo where id = $1', values: [repoId] });
}

/** Gives a repository another place. The unique index refuses a name that is taken. */
export async function renameRepo(
  tx: SqlTransaction,
  repoId: number,
  to: { readonly ownerId: number; readonly name: string },
): Promise<void> {
  await tx.execute({
    name: 'rename-repo',
    text: 'update repo set owner_id = $2, name = $3, normalized_name = $4 where id = $1',
    values: [repoId, to.ownerId, to.name, normalizeName(to.name)],
  });
}

interface FormerName {
  readonly ownerId: number;
  readonly normalizedName: string;
}

export async function deleteRedirect(tx: SqlTransaction, type: RepoType, at: FormerName): Promise<void> {
  await tx.execute({
    name: 'delete-redirect',
    text: 'delete from repo_redirect where type = $1 and owner_id = $2 and normalized_name = $3',
    values: [type, at.ownerId, at.normalizedName],
  });
}

/** From now on the name leads to the repository, whatever it led to before. */
export async function insertRedirect(
  tx: SqlTransaction,
  type: RepoType,
  at: FormerName & { readonly repoId: number },
): Promise<void> {
  await tx.execute({
    name: 'insert-redirect',
    text: `
      insert into repo_redirect (type, owner_id, normalized_name, repo_id) values ($1, $2, $3, $4)
      on conflict (type, owner_id, normalized_name) do update set repo_id = excluded.repo_id, created_at = now()`,
    values: [type, at.ownerId, at.normalizedName, at.repoId],
  });
}

/** Settings by column; undefined leaves one as it is. */
export interface RepoColumns {
  readonly is_private: boolean | undefined;
  readonly gated: GatedMode | null | undefined;
  readonly lfs_threshold_bytes: number | null | undefined;
  readonly lfs_keep_versions: number | null | undefined;
  readonly lfs_suffix_rules: readonly string[] | null | undefined;
}

export async function updateRepo(tx: SqlTransaction, repoId: number, columns: RepoColumns): Promise<void> {
  const changes = Object.entries(columns).filter(([, value]) => value !== undefined);
  if (changes.length === 0) return;
  const assignments = changes.map(([column], index) => `${column} = $${index + 2}`);
  await tx.execute({
    text: `update repo set ${assignments.join(', ')} where id = $1`,
    values: [repoId, ...changes.map(([, value]) => value)],
  });
}
