import type { Deps } from '../domain/deps.ts';
import type { StatsService } from '../domain/stats/stats.service.ts';
import type { Job } from './job.ts';

/** Makes days of download sessions, and counters and trending scores of days. */
export function rollUpStatsJob(stats: (deps: Deps) => StatsService): Job {
  return { name: 'roll-up-stats', intervalMs: 120_000, run: (deps) => stats(deps).rollUp() };
}
