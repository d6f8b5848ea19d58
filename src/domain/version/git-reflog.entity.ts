import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

/** The door a change of a ref came through. */
export const REFLOG_DOORS = ['api', 'git-http', 'git-ssh', 'job'] as const;
export type RefDoor = (typeof REFLOG_DOORS)[number];

const GitReflogSchema = defineEntity({
  name: 'GitReflog',
  tableName: 'git_reflog',
  indexes: [{ properties: ['storeId', 'name', 'id'] }, { properties: ['storeId', 'createdAt'] }],
  properties: {
    id: p.bigint('number').primary(),
    storeId: p.bigint('number'),
    name: p.text(),
    oldOid: p.blob().nullable(),
    newOid: p.blob().nullable(),
    user: () => p.manyToOne(Account).ref().nullable().deleteRule('set null'),
    via: p.enum(REFLOG_DOORS),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class GitReflog extends GitReflogSchema.class {}
GitReflogSchema.setClass(GitReflog);
