import type { Config } from '../config.ts';
import { expireLoginsJob } from '../jobs/expire-logins.job.ts';
import { gitGcJob } from '../jobs/git-gc.job.ts';
import { indexRepoJob } from '../jobs/index-repo.job.ts';
import type { Job } from '../jobs/job.ts';
import { lfsPruneJob } from '../jobs/lfs-prune.job.ts';
import { lfsSweepJob } from '../jobs/lfs-sweep.job.ts';
import { purgeStoresJob } from '../jobs/purge-stores.job.ts';
import { rollUpStatsJob } from '../jobs/roll-up-stats.job.ts';
import { xetSweepJob } from '../jobs/xet-sweep.job.ts';
import { xetVirtualJob } from '../jobs/xet-virtual.job.ts';
import { Services } from './services.ts';

/** Everything the hub does by itself. */
export function createJobs(config: Config): Job[] {
  return [
    indexRepoJob((deps) => new Services(deps).repoIndex),
    lfsSweepJob,
    xetSweepJob,
    purgeStoresJob,
    lfsPruneJob,
    gitGcJob(config, (deps) => new Services(deps).gc),
    expireLoginsJob,
    rollUpStatsJob((deps) => new Services(deps).stats),
    xetVirtualJob(),
  ];
}
