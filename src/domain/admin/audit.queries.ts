import type { SqlExecutor } from '../../db/sql.ts';
import type { IdPage } from '../id-page.ts';
import type { AuditAction } from './audit-action.ts';
import type { AuditSubjectKind } from './audit-entry.entity.ts';

/** An entry of the log; names are those of that moment. */
export interface AuditRecord {
  readonly id: number;
  readonly at: Date;
  readonly actorId: number;
  readonly actorName: string;
  readonly action: AuditAction;
  readonly subjectKind: AuditSubjectKind;
  readonly subjectId: number | null;
  readonly subjectName: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly address: string | null;
}

/** All conditions hold together; null is any. Names are as they were then, in the same spelling. */
export interface AuditFilter {
  readonly action: AuditAction | null;
  readonly actorName: string | null;
  readonly subjectKind: AuditSubjectKind | null;
  readonly subjectName: string | null;
  readonly since: Date | null;
  /** Not this moment itself. */
  readonly until: Date | null;
}

/** Entries, newest first. */
export function listAudit(
  sql: SqlExecutor,
  { action, actorName, subjectKind, subjectName, since, until }: AuditFilter,
  { beforeId, limit }: IdPage,
): Promise<readonly AuditRecord[]> {
  return sql.query({
    name: 'admin-list-audit',
    text: `
      select id, at, actor_id as "actorId", actor_name as "actorName", action, subject_kind as "subjectKind",
        subject_id as "subjectId", subject_name as "subjectName", details, address
      from audit_entry
      where ($1::text is null or action = $1) and ($2::text is null or actor_name = $2)
        and ($3::text is null or subject_kind = $3) and ($4::text is null or subject_name = $4)
        and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6)
        and ($7::bigint is null or id < $7)
      order by id desc limit $8`,
    values: [action, actorName, subjectKind, subjectName, since, until, beforeId, limit],
  });
}
