import { z } from 'zod';
import type { RepoSort } from '../../src/domain/repo/repo-list.queries.ts';

/** The Hugging Face Hub's names, in both spellings that clients used, and the specification's. */
const SORTS = {
  lastModified: 'lastModified',
  last_modified: 'lastModified',
  updated: 'lastModified',
  createdAt: 'createdAt',
  created_at: 'createdAt',
  recent: 'createdAt',
  trendingScore: 'trendingScore',
  trending_score: 'trendingScore',
  trending: 'trendingScore',
  downloads: 'downloads',
  likes: 'likes',
} as const satisfies Record<string, RepoSort>;

const NAMES = Object.keys(SORTS) as (keyof typeof SORTS)[];

/** Newest first unless asked otherwise. */
export const RepoSortParam = z
  .enum(NAMES)
  .default('recent')
  .transform((name): RepoSort => SORTS[name]);
