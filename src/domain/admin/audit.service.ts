import { type Actor, requireAdmin, requireUser } from '../actor.ts';
import { BadRequest } from '../errors.ts';
import { idPage, type IdPageQuery } from '../id-page.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import { MAX_ADMIN_PAGE } from './admin-page.ts';
import { type AuditFilter, type AuditRecord, listAudit } from './audit.queries.ts';

/** The log of what administrators of the site did. Nothing in the hub changes or removes an entry. */
export class AuditService extends Service {
  /** Entries, newest first. @throws {Unauthenticated} @throws {Forbidden} @throws {BadRequest} */
  async list(
    actor: Actor,
    { limit, cursor, ...filter }: AuditFilter & IdPageQuery,
  ): Promise<Page<AuditRecord>> {
    requireAdmin(requireUser(actor));
    for (const name of [filter.actorName, filter.subjectName]) {
      if (name?.includes('\0')) throw new BadRequest('actor and subject: no name has a NUL in it.');
    }
    const options = { maxLimit: MAX_ADMIN_PAGE, idOf: ({ id }: AuditRecord) => id };
    return idPage({ limit, cursor }, options, (page) => listAudit(this.deps.sql, filter, page));
  }
}
