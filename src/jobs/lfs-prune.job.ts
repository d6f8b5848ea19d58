import type { Config } from '../config.ts';
import type { SharedDeps } from '../domain/deps.ts';
import { pruneLfs } from '../domain/gc/prune-lfs.ts';
import { findReposToPrune } from '../domain/gc/prune-lfs.queries.ts';
import type { Job } from './job.ts';

const INTERVAL_MS = 3_600_000;

export type PruneDeps = Pick<SharedDeps, 'sql' | 'log'> & {
  readonly config: Pick<Config, 'lfs' | 'gc'>;
};

/**
 * Gives up old versions of LFS files in repositories whose settings keep so many, if the operator lets it (`KOHAKU_HUB_LFS_AUTO_GC`).
 * What fails is logged, and the others go on. @returns how many objects.
 */
export async function runLfsPrune({ sql, log, config }: PruneDeps, signal?: AbortSignal): Promise<number> {
  if (!config.lfs.autoGc) return 0;
  let count = 0;
  for (const repo of await findReposToPrune(sql, config.lfs.keepVersions)) {
    if (signal?.aborted) break;
    try {
      const { objects, bytes } = await pruneLfs(sql, repo, {
        graceMs: config.gc.graceMs,
        ...(signal && { signal }),
      });
      if (objects > 0)
        log.info({ repoId: repo.repoId, objects, bytes }, 'old versions of LFS files were given up');
      count += objects;
    } catch (error) {
      log.error({ err: error, repoId: repo.repoId }, 'old versions of LFS files could not be given up');
    }
  }
  return count;
}

export const lfsPruneJob: Job = { name: 'lfs-prune', intervalMs: INTERVAL_MS, run: runLfsPrune };
