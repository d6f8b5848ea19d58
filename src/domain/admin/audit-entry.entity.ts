import { defineEntity, p } from '@mikro-orm/core';
import type { AuditAction } from './audit-action.ts';

export const AUDIT_SUBJECTS = ['user', 'org', 'repo', 'invitation'] as const;
export type AuditSubjectKind = (typeof AUDIT_SUBJECTS)[number];

const AuditEntrySchema = defineEntity({
  name: 'AuditEntry',
  tableName: 'audit_entry',
  indexes: [
    { properties: ['action', 'id'] },
    { properties: ['actorName', 'id'] },
    { properties: ['subjectName', 'id'] },
  ],
  properties: {
    id: p.bigint('number').primary(),
    /** Ids and names as they were then, without foreign keys: the entry outlives everybody. */
    actorId: p.bigint('number'),
    actorName: p.string().length(96),
    action: p.string().length(40).$type<AuditAction>(),
    subjectKind: p.enum(AUDIT_SUBJECTS),
    subjectId: p.bigint('number').nullable(),
    subjectName: p.text(),
    details: p.json<Record<string, unknown>>().defaultRaw(`'{}'`),
    /** Where the request came from. */
    address: p.string().length(64).nullable(),
    at: p.datetime().defaultRaw('now()').index(),
  },
});

/** One act of an administrator of the site, written in the transaction of the act. */
export class AuditEntry extends AuditEntrySchema.class {}
AuditEntrySchema.setClass(AuditEntry);
