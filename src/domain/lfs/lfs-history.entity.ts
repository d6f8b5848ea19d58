import { defineEntity, p } from '@mikro-orm/core';
import { Repo } from '../repo/repo.entity.ts';

const LfsHistorySchema = defineEntity({
  name: 'LfsHistory',
  tableName: 'lfs_history',
  indexes: [
    { properties: ['repo', 'path'] },
    { properties: ['repo', 'sha256'] },
    { properties: ['repo', 'commitOid'] },
  ],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    path: p.text(),
    sha256: p.blob(),
    sizeBytes: p.bigint('number'),
    commitOid: p.blob(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Which path held which object since which commit. */
export class LfsHistory extends LfsHistorySchema.class {}
LfsHistorySchema.setClass(LfsHistory);
