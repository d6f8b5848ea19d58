import type { Config } from '../config.ts';
import type { Sql } from '../db/sql.ts';
import type { Deps } from '../domain/deps.ts';
import type { GcService } from '../domain/gc/gc.service.ts';
import type { Job } from './job.ts';

const NAME = 'git-gc';

/** Frees what the version store keeps for nothing. @param serviceOf builds the service of one run. */
export function gitGcJob({ gc }: Config, serviceOf: (deps: Deps) => GcService): Job {
  return { name: NAME, intervalMs: gc.intervalMs, run: (deps, signal) => serviceOf(deps).runNeeded(signal) };
}

/** Does the work while no node runs the job, waiting for one that does. For the operator's command. */
export function insteadOfGitGc<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  return sql.transaction(async (tx) => {
    await tx.query({
      text: `select pg_advisory_xact_lock(hashtextextended('job:' || $1::text, 0))`,
      values: [NAME],
    });
    return work();
  });
}
