import { setTimeout as delay } from 'node:timers/promises';
import type { Sql, SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { chargeStorage } from '../quota/quota.queries.ts';
import { tryOwnStore } from '../version/store-hold.queries.ts';
import { readRepoOfStore } from './collect.queries.ts';
import { releaseLinks } from './lfs-release.queries.ts';
import { readCutoff, readReflogOids, readRefOids } from './mark.queries.ts';
import {
  findOldVersions,
  findPointers,
  insertPruned,
  keepStored,
  type PrunedRepo,
} from './prune-lfs.queries.ts';
import { SnapshotWalk } from './snapshot-walk.ts';

/** Objects that are given up in one transaction, for which writers wait. */
const OBJECTS_AT_A_TIME = 500;
const ATTEMPTS = 500;
const RETRY_MS = 20;

/** What was given up. */
export interface Pruned {
  readonly objects: number;
  /** What the repository is not charged for any more. */
  readonly bytes: number;
}

export interface PruneOptions {
  /** How long a version stays after it fell out, and what a ref held after it was moved. */
  readonly graceMs: number;
  /** Aborted when the hub stops. */
  readonly signal?: AbortSignal;
}

/**
 * Gives up LFS objects of old versions of a repository's files, as its settings say (`lfs_keep_versions`). What a branch, a tag or a
 * pull request has now stays, and what one of them had within the grace time; older commits go on to name what is given up, and
 * downloads of it get a 410. The bytes go by the sweep of LFS objects, when no other repository holds them.
 * @throws {StoreDamaged} when something is missing that a ref reaches; then nothing is given up.
 */
export async function pruneLfs(sql: Sql, repo: PrunedRepo, options: PruneOptions): Promise<Pruned> {
  const cutoff = await readCutoff(sql, repo.storeId, options.graceMs);
  const old = await findOldVersions(sql, repo, cutoff);
  let pruned: Pruned = { objects: 0, bytes: 0 };
  if (old.length === 0) return pruned;
  // Most is looked at while writers go on.
  const walk = new SnapshotWalk(repo.storeId);
  walk.lookFor(await findPointers(sql, repo.storeId, old));
  await addHeld(sql, walk, { storeId: repo.storeId, cutoff });
  const left = old.filter((sha256) => !walk.names(sha256));
  for (let attempts = ATTEMPTS; left.length > 0 && attempts > 0 && !options.signal?.aborted;) {
    const batch = left.slice(0, OBJECTS_AT_A_TIME);
    const outcome = await sql.transaction((tx) => pruneBatch(tx, batch, { ...repo, walk, cutoff }));
    if (outcome === 'deleted') return pruned;
    if (outcome === 'busy') {
      attempts--;
      await delay(RETRY_MS);
      continue;
    }
    left.splice(0, batch.length);
    pruned = { objects: pruned.objects + outcome.objects, bytes: pruned.bytes + outcome.bytes };
  }
  return pruned;
}

interface Held {
  readonly storeId: number;
  readonly walk: SnapshotWalk;
  readonly cutoff: Date;
}

async function pruneBatch(
  tx: SqlTransaction,
  sha256s: readonly Buffer[],
  { storeId, walk, cutoff }: Held,
): Promise<'busy' | 'deleted' | Pruned> {
  if (!(await tryOwnStore(tx, storeId))) return 'busy';
  const repoId = await readRepoOfStore(tx, storeId);
  if (repoId === null) return 'deleted';
  // What writers did meanwhile.
  walk.lookFor(await findPointers(tx, storeId, sha256s));
  await addHeld(tx, walk, { storeId, cutoff });
  const unheld = sha256s.filter((sha256) => !walk.names(sha256));
  const { links, bytes } = await releaseLinks(tx, repoId, unheld);
  await insertPruned(tx, { repoId, storeId }, unheld);
  await chargeStorage(tx, repoId, -bytes);
  return { objects: links, bytes };
}

/** Adds what refs hold now, and what they held since the cutoff as far as it is stored. */
async function addHeld(
  sql: SqlExecutor,
  walk: SnapshotWalk,
  { storeId, cutoff }: Omit<Held, 'walk'>,
): Promise<void> {
  await walk.add(sql, await readRefOids(sql, storeId));
  await walk.add(sql, await keepStored(sql, storeId, await readReflogOids(sql, storeId, cutoff)));
}
