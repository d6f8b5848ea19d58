import { hasErrorCode } from '../../lib/error-code.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import type { RepoType } from '../repo/repo.entity.ts';
import { Service } from '../service.ts';
import {
  type DayStats,
  listTrending,
  readDays,
  refreshCounters,
  rollUpDays,
  type TrendingRepo,
} from './daily-stats.queries.ts';
import { lastDays, type Period } from './period.ts';

/** What the counter `downloads` of a repository counts: today and so many days before it. */
const DOWNLOADS_DAYS = 30;
/** Likewise for the score that lists sort by. */
const TRENDING_DAYS = 7;
const MAX_TRIES = 5;
const FOREIGN_KEY_VIOLATION = '23503';

/** What of a period is asked for. */
export interface TrendingAsked {
  readonly type: RepoType;
  readonly days: number;
  readonly limit: number;
}

/** What was downloaded in a period, by score. */
export interface Trending {
  readonly period: Period;
  readonly repos: readonly TrendingRepo[];
}

/** Downloads of a repository, day by day. */
export interface RecentStats {
  readonly period: Period;
  readonly days: readonly DayStats[];
}

/**
 * How often repositories are downloaded. One download is everything that one client gets from a repository within a quarter of an hour.
 *
 * The trending score over `n` days before today is Σ downloads(day) × (n + 1 − age) / (n + 1), with the age of a day in days: a download of today
 * counts whole, one of the oldest day 1 / (n + 1).
 */
export class StatsService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /** All downloads and likes. @throws {RepoNotFound} */
  async totals(actor: Actor, ref: RepoRef): Promise<{ readonly downloads: number; readonly likes: number }> {
    const repo = await this.#access.require(actor, ref, 'read');
    return { downloads: repo.downloadsAllTime, likes: repo.likesCount };
  }

  /** Today and so many days before it, each day by itself. @throws {RepoNotFound} */
  async recent(actor: Actor, ref: RepoRef, days: number): Promise<RecentStats> {
    const { id } = await this.#access.require(actor, ref, 'read');
    const [recent] = await this.recentOf([id], days);
    return recent!;
  }

  /**
   * The same of many repositories, in their order. One statement.
   * @param repoIds come from a service that checked the caller's rights.
   */
  async recentOf(repoIds: readonly number[], days: number): Promise<readonly RecentStats[]> {
    const period = lastDays(days);
    const byRepo = Map.groupBy(await readDays(this.deps.sql, repoIds, period), ({ repoId }) => repoId);
    return repoIds.map((id) => ({ period, days: (byRepo.get(id) ?? []).map(toDay) }));
  }

  /** Repositories of a type that the caller may see and that were downloaded lately, by score. */
  async trending(actor: Actor, { type, days, limit }: TrendingAsked): Promise<Trending> {
    const viewerId = actor.kind === 'user' ? actor.id : null;
    const period = lastDays(days);
    return { period, repos: await listTrending(this.deps.sql, { type, viewerId, limit }, period) };
  }

  /** Brings days and counters up to date. Doing it again changes nothing. @param now for the tests. */
  async rollUp(now = new Date()): Promise<void> {
    const downloads = lastDays(DOWNLOADS_DAYS, now);
    await this.countDays(downloads.end);
    await refreshCounters(this.deps.sql, { downloads, trending: lastDays(TRENDING_DAYS, now) });
  }

  /** A repository that is deleted meanwhile takes its sessions along: then the counting begins again without them. */
  private async countDays(today: string, tries = MAX_TRIES): Promise<void> {
    try {
      await this.deps.sql.transaction((tx) => rollUpDays(tx, today));
    } catch (error) {
      if (tries <= 1 || !hasErrorCode(error, FOREIGN_KEY_VIOLATION)) throw error;
      await this.countDays(today, tries - 1);
    }
  }
}

function toDay({ date, downloads, authenticated, anonymous, files }: DayStats): DayStats {
  return { date, downloads, authenticated, anonymous, files };
}
