import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';

export const REQUEST_STATUSES = ['pending', 'accepted', 'rejected'] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

const AccessRequestSchema = defineEntity({
  name: 'AccessRequest',
  tableName: 'access_request',
  uniques: [{ properties: ['repo', 'user'] }],
  // Pages of one list.
  indexes: [{ properties: ['repo', 'status', 'id'] }],
  properties: {
    id: p.bigint('number').primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade'),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    status: p.enum(REQUEST_STATUSES),
    /** What the gate asked for. Null when the user was let in without asking. */
    fields: p.json<Record<string, string | boolean>>().columnType('json').nullable(),
    /** What the user is told of a refusal. */
    rejectionReason: p.text().nullable(),
    /** Who decided last; null for the gate itself. */
    handledBy: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    handledAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Somebody before the gate of a repository, or let through it. */
export class AccessRequest extends AccessRequestSchema.class {}
AccessRequestSchema.setClass(AccessRequest);
