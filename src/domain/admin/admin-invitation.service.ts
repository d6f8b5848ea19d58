import { type Actor, requireAdmin, requireUser, requireWriter } from '../actor.ts';
import { idPage, type IdPageQuery } from '../id-page.ts';
import { Invitation, type InvitationAction } from '../invitation/invitation.entity.ts';
import { type InvitationInfo, readInvitations } from '../invitation/invitation-info.ts';
import { invitationNotFound } from '../invitation/invitation.service.ts';
import { lockOrgById } from '../org/org-lock.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import { MAX_ADMIN_PAGE } from './admin-page.ts';
import { insertAct } from './audit.ts';
import { invitationAct } from './invitation-act.ts';

/** All invitations, for administrators of the site. Nobody can read a link out of the hub. */
export class AdminInvitationService extends Service {
  /** Newest first. @throws {Unauthenticated} @throws {Forbidden} @throws {BadRequest} */
  async list(
    actor: Actor,
    query: IdPageQuery & { readonly action: InvitationAction | null },
  ): Promise<Page<InvitationInfo>> {
    requireAdmin(requireUser(actor));
    const { action } = query;
    const options = { maxLimit: MAX_ADMIN_PAGE, idOf: ({ id }: InvitationInfo) => id };
    return idPage(query, options, ({ beforeId, limit }) =>
      readInvitations(
        this.deps.em,
        { ...(action && { action }), ...(beforeId !== null && { id: { $lt: beforeId } }) },
        { orderBy: { id: 'desc' }, limit },
      ),
    );
  }

  /** Ends an invitation of anybody. @throws {NotFound} @throws {Forbidden} @throws {Unauthenticated} */
  async cancel(actor: Actor, id: number): Promise<void> {
    const admin = requireAdmin(requireWriter(actor));
    const { em } = this.deps;
    await this.atomically(async () => {
      const [invitation] = await readInvitations(em, { id });
      if (!invitation) throw invitationNotFound();
      // The locks of those who use it, in their order: it is used before it ends, or not at all.
      if (invitation.org) await lockOrgById(em, invitation.org.id);
      if ((await em.nativeDelete(Invitation, { id })) === 0) throw invitationNotFound();
      await insertAct(em, admin, invitationAct('invitation.cancel', invitation));
    });
  }
}
