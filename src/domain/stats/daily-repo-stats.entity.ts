import { defineEntity, p } from '@mikro-orm/core';
import { Repo } from '../repo/repo.entity.ts';

const DailyRepoStatsSchema = defineEntity({
  name: 'DailyRepoStats',
  tableName: 'daily_repo_stats',
  uniques: [{ properties: ['repo', 'date'] }],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    /** UTC day. */
    date: p.date().index(),
    downloadSessions: p.integer().default(0),
    authenticatedDownloads: p.integer().default(0),
    anonymousDownloads: p.integer().default(0),
    totalFiles: p.integer().default(0),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class DailyRepoStats extends DailyRepoStatsSchema.class {}
DailyRepoStatsSchema.setClass(DailyRepoStats);
