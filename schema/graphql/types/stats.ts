import { BadRequest } from '../../../src/domain/errors.ts';
import type { TagGroup } from '../../../src/domain/repo/repo-list.service.ts';
import type { DayStats, TrendingRepo } from '../../../src/domain/stats/daily-stats.queries.ts';
import type { RecentStats, Trending } from '../../../src/domain/stats/stats.service.ts';
import { COST } from '../../costs.ts';
import { builder } from '../builder.ts';
import { batched } from '../nested.ts';
import { RepoTypeEnum } from '../repo-ref.ts';
import { RepoNode } from './repo.ts';

const MAX_DAYS = 365;
const MAX_TRENDING_DAYS = 90;
const MAX_TRENDING = 100;
/** What is asked for each day counts once for so many days. */
const DAYS_PER_POINT = 30;

const DayStatsObject = builder.objectRef<DayStats>('DayStats').implement({
  description:
    'Downloads of one day in UTC. One download is all that one client gets within a quarter of an hour.',
  fields: (t) => ({
    date: t.exposeString('date', { description: '`YYYY-MM-DD`' }),
    downloads: t.exposeInt('downloads'),
    authenticated: t.exposeInt('authenticated'),
    anonymous: t.exposeInt('anonymous'),
    files: t.exposeInt('files'),
  }),
});

const RepoStatsObject = builder.objectRef<RecentStats>('RepoStats').implement({
  fields: (t) => ({
    start: t.string({ resolve: ({ period }) => period.start }),
    end: t.string({ resolve: ({ period }) => period.end }),
    days: t.expose('days', {
      type: [DayStatsObject],
      description: 'Every day, oldest first',
    }),
  }),
});

/** Series of one length are read together. */
const statsOf = batched<{ readonly id: number; readonly days: number }, RecentStats>(
  async (wanted, { services }) => {
    const groups = Map.groupBy(wanted, ({ days }) => days);
    const found = new Map<number, ReadonlyMap<number, RecentStats>>();
    await Promise.all(
      [...groups].map(async ([days, group]) => {
        const ids = [...new Set(group.map(({ id }) => id))];
        const stats = await services.stats.recentOf(ids, days);
        found.set(days, new Map(ids.map((id, index) => [id, stats[index]!])));
      }),
    );
    return wanted.map(({ id, days }) => found.get(days)!.get(id)!);
  },
);

builder.objectField(RepoNode, 'stats', (t) =>
  t.field({
    type: RepoStatsObject,
    description: 'Downloads day by day',
    args: {
      days: t.arg.int({
        required: true,
        defaultValue: 30,
        description: `Days before today: 1 to ${MAX_DAYS}`,
      }),
    },
    complexity: ({ days }) => ({ field: 1, multiplier: Math.max(1, Math.ceil(days / DAYS_PER_POINT)) }),
    resolve: (repo, { days }, context) =>
      statsOf({ id: repo.id, days: inRange('days', days, MAX_DAYS) }, context),
  }),
);

const TrendingRepoObject = builder.objectRef<TrendingRepo>('TrendingRepo').implement({
  fields: (t) => ({
    recentDownloads: t.exposeInt('recentDownloads', { description: 'Of the period' }),
    repo: t.loadable({
      type: RepoNode,
      nullable: true,
      load: (ids: number[], { services, actor }) => services.access.findByIds(actor, ids),
      resolve: ({ id }) => id,
    }),
  }),
});

const TrendingObject = builder.objectRef<Trending>('Trending').implement({
  fields: (t) => ({
    start: t.string({ resolve: ({ period }) => period.start }),
    end: t.string({ resolve: ({ period }) => period.end }),
    repos: t.expose('repos', {
      type: [TrendingRepoObject],
      description: 'By score, highest first',
      // `trending` has multiplied by its limit already.
      complexity: { field: 1, multiplier: 1 },
    }),
  }),
});

const TagGroupObject = builder.objectRef<TagGroup>('TagGroup').implement({
  description: 'Tags that stand for the same, such as licenses. `other` holds the rest.',
  fields: (t) => ({
    type: t.exposeString('type'),
    tags: t.field({ type: [TagObject], resolve: ({ tags }) => tags }),
  }),
});

const TagObject = builder.objectRef<TagGroup['tags'][number]>('Tag').implement({
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Such as `license:mit`' }),
    label: t.exposeString('label', { description: 'Such as `mit`' }),
  }),
});

builder.queryFields((t) => ({
  trending: t.field({
    type: TrendingObject,
    description: 'What was downloaded lately and the caller may see',
    args: {
      type: t.arg({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
      days: t.arg.int({
        required: true,
        defaultValue: 7,
        description: `Days before today: 1 to ${MAX_TRENDING_DAYS}`,
      }),
      limit: t.arg.int({ required: true, defaultValue: 20, description: `1 to ${MAX_TRENDING}` }),
    },
    complexity: ({ limit }) => ({ field: 10, multiplier: Math.max(1, limit) }),
    resolve: (_root, { type, days, limit }, { services, actor }) =>
      services.stats.trending(actor, {
        type,
        days: inRange('days', days, MAX_TRENDING_DAYS),
        limit: inRange('limit', limit, MAX_TRENDING),
      }),
  }),
  tagsByType: t.field({
    type: [TagGroupObject],
    description: 'The most used tags of public repositories, by what they stand for',
    args: { type: t.arg({ type: RepoTypeEnum, required: true, defaultValue: 'model' }) },
    complexity: { field: 2 * COST.overview },
    resolve: (_root, { type }, { services }) => services.repoLists.tagsByType(type),
  }),
}));

/** @throws {BadRequest} */
function inRange(name: string, value: number, max: number): number {
  if (value < 1 || value > max) throw new BadRequest(`${name}: must be 1 to ${max}.`);
  return value;
}
