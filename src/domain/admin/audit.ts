import type { EntityManager } from '@mikro-orm/postgresql';
import type { SqlExecutor } from '../../db/sql.ts';
import type { UserActor } from '../actor.ts';
import type { AuditAction } from './audit-action.ts';
import { AuditEntry, type AuditSubjectKind } from './audit-entry.entity.ts';

/** Whom or what an act is about, as it is called at that moment. */
export interface AuditSubject {
  readonly kind: AuditSubjectKind;
  readonly id: number;
  /** A repository is `model alice/bert`. */
  readonly name: string;
}

/** What an administrator did. */
export interface Act {
  readonly action: AuditAction;
  readonly subject: AuditSubject;
  /** What else is worth knowing later, in names as the API has them; no secrets. Undefined values are left out. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Writes an entry in the transaction of the act. */
export async function recordAct(tx: SqlExecutor, actor: UserActor, act: Act): Promise<void> {
  const { actorId, actorName, action, subjectKind, subjectId, subjectName, details, address } = rowOf(
    actor,
    act,
  );
  await tx.execute({
    name: 'record-act',
    text: `
      insert into audit_entry (actor_id, actor_name, action, subject_kind, subject_id, subject_name, details, address)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    values: [
      actorId,
      actorName,
      action,
      subjectKind,
      subjectId,
      subjectName,
      JSON.stringify(details),
      address,
    ],
  });
}

/** The same in a transaction of the EntityManager. */
export async function insertAct(em: EntityManager, actor: UserActor, act: Act): Promise<void> {
  await em.insert(AuditEntry, rowOf(actor, act));
}

const MAX_ADDRESS_CHARS = 64;

function rowOf(actor: UserActor, { action, subject, details = {} }: Act) {
  return {
    actorId: actor.id,
    actorName: actor.name,
    action,
    subjectKind: subject.kind,
    subjectId: subject.id,
    subjectName: subject.name,
    details: { ...details },
    address: actor.address?.slice(0, MAX_ADDRESS_CHARS) ?? null,
  };
}
