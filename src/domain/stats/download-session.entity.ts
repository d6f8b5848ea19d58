import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';

const DownloadSessionSchema = defineEntity({
  name: 'DownloadSession',
  tableName: 'download_session',
  uniques: [{ properties: ['repo', 'timeBucket', 'clientKey'] }],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    user: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    /** Stays true when the account is deleted. */
    isAuthenticated: p.boolean(),
    /** Keyed hash of token, session or address, the repository and the bucket: tells clients apart without naming them. */
    clientKey: p.blob(),
    /** Unix time divided by the bucket length of 900 seconds. */
    timeBucket: p.integer().index(),
    fileCount: p.integer().default(1),
    /** Null where the protocol names none: Git, LFS and Xet. */
    firstFile: p.text().nullable(),
    firstDownloadAt: p.datetime().defaultRaw('now()'),
    lastDownloadAt: p.datetime().defaultRaw('now()'),
  },
});

/** Downloads of one client from one repository within a quarter of an hour: one download. */
export class DownloadSession extends DownloadSessionSchema.class {}
DownloadSessionSchema.setClass(DownloadSession);
