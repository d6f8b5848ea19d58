import type { TrendingRepo } from '../../../src/domain/stats/daily-stats.queries.ts';

/** A repository that was downloaded in a period. */
export function trendingDto(repo: TrendingRepo) {
  const { id, type, fullName, isPrivate, recentDownloads, downloadsAllTime, likesCount } = repo;
  const visibility = isPrivate ? ('private' as const) : ('public' as const);
  return { id, type, fullName, visibility, recentDownloads, downloadsAllTime, likesCount };
}
