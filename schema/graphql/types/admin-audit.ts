import { AUDIT_ACTIONS } from '../../../src/domain/admin/audit-action.ts';
import { AUDIT_SUBJECTS } from '../../../src/domain/admin/audit-entry.entity.ts';
import type { AuditFilter, AuditRecord } from '../../../src/domain/admin/audit.queries.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf } from '../connection.ts';
import { enumOf } from '../enum.ts';
import { AdminObject } from './admin.ts';

const AuditActionEnum = enumOf('AuditAction', AUDIT_ACTIONS);
const AuditSubjectKindEnum = enumOf('AuditSubjectKind', AUDIT_SUBJECTS);

const AuditEntryObject = builder.objectRef<AuditRecord>('AuditEntry').implement({
  description: 'What an administrator did. Names are those of that moment.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime' }),
    actorName: t.exposeString('actorName'),
    action: t.expose('action', { type: AuditActionEnum }),
    subjectKind: t.expose('subjectKind', { type: AuditSubjectKindEnum }),
    subjectName: t.exposeString('subjectName', { description: 'Repositories: `model ada/bert`' }),
    details: t.field({ type: 'JSON', resolve: ({ details }) => details }),
    address: t.exposeString('address', { nullable: true, description: 'Where the request came from' }),
  }),
});

const AuditConnection = builder.connectionObject({ type: AuditEntryObject, name: 'AuditConnection' });

const AuditFilterInput = builder.inputType('AuditFilter', {
  description: 'Names are as they were then, in the same spelling.',
  fields: (t) => ({
    action: t.field({ type: AuditActionEnum }),
    actorName: t.string(),
    subjectKind: t.field({ type: AuditSubjectKindEnum }),
    subjectName: t.string(),
    since: t.field({ type: 'DateTime' }),
    until: t.field({ type: 'DateTime', description: 'Before this moment' }),
  }),
});

builder.objectField(AdminObject, 'auditLog', (t) =>
  t.field({
    type: AuditConnection,
    description: 'Newest first',
    args: { ...pageArgs, filter: t.arg({ type: AuditFilterInput }) },
    complexity: connectionComplexity,
    resolve: (_admin, { filter, ...args }, { services, actor }) =>
      connectionOf(args, (page) => services.audit.list(actor, { ...filterOf(filter), ...page })),
  }),
);

function filterOf(filter: typeof AuditFilterInput.$inferInput | null | undefined): AuditFilter {
  return {
    action: filter?.action ?? null,
    actorName: filter?.actorName ?? null,
    subjectKind: filter?.subjectKind ?? null,
    subjectName: filter?.subjectName ?? null,
    since: filter?.since ?? null,
    until: filter?.until ?? null,
  };
}
