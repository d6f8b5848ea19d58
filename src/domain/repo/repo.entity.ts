import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

export const REPO_TYPES = ['model', 'dataset', 'space'] as const;
export type RepoType = (typeof REPO_TYPES)[number];

export const GATED_MODES = ['auto', 'manual'] as const;
export type GatedMode = (typeof GATED_MODES)[number];

const RepoSchema = defineEntity({
  name: 'Repo',
  tableName: 'repo',
  uniques: [{ properties: ['type', 'owner', 'normalizedName'] }],
  indexes: [
    { properties: ['type', 'createdAt', 'id'] },
    { properties: ['type', 'lastModifiedAt', 'id'] },
    { properties: ['type', 'downloads', 'id'] },
    { properties: ['type', 'likesCount', 'id'] },
    { properties: ['type', 'trendingScore', 'id'] },
    { properties: ['tags'], type: 'gin' },
  ],
  properties: {
    id: p.bigint('number').primary(),
    type: p.enum(REPO_TYPES),
    /** The namespace; rights come from here, never from the creator. */
    owner: () => p.manyToOne(Account).ref().deleteRule('restrict').index(),
    creator: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    name: p.string().length(96),
    normalizedName: p.string().length(96),
    isPrivate: p.boolean().default(false),
    gated: p.enum(GATED_MODES).nullable(),
    isDisabled: p.boolean().default(false),
    /** Null inherits the namespace's limit. */
    quotaBytes: p.bigint('number').nullable(),
    usedBytes: p.bigint('number').default(0),
    /** The three LFS settings: null means the server's default. */
    lfsThresholdBytes: p.bigint('number').nullable(),
    lfsKeepVersions: p.integer().nullable(),
    lfsSuffixRules: p.array().nullable(),
    /** Downloads of the last 30 days; `downloadsAllTime` never falls. */
    downloads: p.bigint('number').default(0),
    downloadsAllTime: p.bigint('number').default(0),
    likesCount: p.bigint('number').default(0),
    trendingScore: p.double().default(0),
    /** Number of the newest discussion or pull request. */
    discussionCount: p.integer().default(0),
    sdk: p.string().length(40).nullable(),
    /** Card metadata of `main`, indexed at commit: the parsed front matter and what lists filter on. */
    card: p.json<Record<string, unknown>>().columnType('json').nullable(),
    tags: p.array().defaultRaw(`'{}'`),
    pipelineTag: p.string().length(100).nullable().index(),
    libraryName: p.string().length(100).nullable().index(),
    safetensors: p.json<{ parameters: Record<string, number>; total: number }>().nullable(),
    /** Commit of `main`, kept here so that lists need no join; the truth is `git_ref`. */
    headOid: p.blob().nullable(),
    lastModifiedAt: p.datetime().defaultRaw('now()'),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class Repo extends RepoSchema.class {}
RepoSchema.setClass(Repo);
