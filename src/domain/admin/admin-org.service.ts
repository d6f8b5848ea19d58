import { type Actor, requireAdmin, requireUser, requireWriter } from '../actor.ts';
import { Conflict } from '../errors.ts';
import { idPage, type IdPageQuery } from '../id-page.ts';
import { nameKey, orgNotFound } from '../org/org-lock.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import {
  type AdminOrg,
  findActiveSuperAdmin,
  listOrgs,
  lockOrgAndUser,
  type OrgFilter,
  setSuperAdmin,
} from './admin-org.queries.ts';
import { MAX_ADMIN_PAGE } from './admin-page.ts';
import { requireStillAdmin, userNotFound } from './admin-user.queries.ts';
import { recordAct } from './audit.ts';
import { parseSearch } from './search-text.ts';

export interface OrgListQuery extends IdPageQuery, Omit<OrgFilter, 'search'> {
  readonly search?: string | undefined;
}

/** Organisations, and help for those whose super-admins are gone or suspended. */
export class AdminOrgService extends Service {
  /** Newest first. @throws {Unauthenticated} @throws {Forbidden} @throws {BadRequest} */
  async list(actor: Actor, query: OrgListQuery): Promise<Page<AdminOrg>> {
    requireAdmin(requireUser(actor));
    const filter = { search: parseSearch(query.search), isAbandoned: query.isAbandoned };
    const options = { maxLimit: MAX_ADMIN_PAGE, idOf: ({ id }: AdminOrg) => id };
    return idPage(query, options, (page) => listOrgs(this.deps.sql, filter, page));
  }

  /**
   * Gives an organisation that nobody leads a super-admin, who may have been a member or not.
   * @throws {Conflict} it has one who is not suspended: that is his to decide; or the user is suspended.
   * @throws {NotFound} @throws {Forbidden} @throws {Unauthenticated}
   */
  async appoint(actor: Actor, orgName: string, username: string): Promise<void> {
    const admin = requireAdmin(requireWriter(actor));
    const names = { org: nameKey(orgName), user: nameKey(username) };
    await this.deps.sql.transaction(async (tx) => {
      const { org, user } = await lockOrgAndUser(tx, names);
      await requireStillAdmin(tx, admin.id);
      if (!org) throw orgNotFound(orgName);
      if (!user) throw userNotFound(username);
      if (!user.isActive) throw new Conflict(`${user.name} is suspended. Reinstate the account first.`);
      const leader = await findActiveSuperAdmin(tx, org.id);
      if (leader !== null) throw new Conflict(`${leader} is super-admin of ${org.name} and can name others.`);
      await setSuperAdmin(tx, org.id, user.id);
      const subject = { kind: 'org', id: org.id, name: org.name } as const;
      await recordAct(tx, admin, {
        action: 'org.appoint-super-admin',
        subject,
        details: { user: user.name },
      });
    });
  }
}
