import { LockMode, raw } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import type { Email } from '../account/email.ts';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import { hashSecret } from '../auth/secrets.ts';
import { BadRequest, Conflict, Forbidden } from '../errors.ts';
import type { OrgRole } from '../org/membership.entity.ts';
import { insertMember, lockOrgById, roleIn } from '../org/org-lock.ts';
import { Service } from '../service.ts';
import { Invitation } from './invitation.entity.ts';
import { type InvitationInfo, readInvitations } from './invitation-info.ts';
import { invitationNotFound } from './invitation.service.ts';

export interface AcceptedInvitation {
  readonly orgName: string;
  readonly role: OrgRole;
}

/**
 * Uses invitations. Each use happens under the lock of the organisation and of the invitation, so that roles do not change
 * meanwhile, a cancelled one is not used, and N uses are N.
 */
export class InvitationUseService extends Service {
  /**
   * Joins the organisation that the invitation is to.
   * @throws {NotFound} @throws {Forbidden} it is for another address, or the caller's is not verified.
   * @throws {Conflict} it does not work any more, the caller is a member already, or it is for new accounts.
   */
  async accept(actor: Actor, token: string): Promise<AcceptedInvitation> {
    const user = requireWriter(actor);
    return this.atomically(async () => {
      const invitation = await this.lock(token);
      if (!invitation) throw invitationNotFound();
      if (invitation.problem) throw new Conflict(invitation.problem);
      const { org, role } = invitation;
      if (invitation.action !== 'join_org' || !org || !role)
        throw new Conflict('This invitation is for people who have no account yet.');
      await this.requireAddress(user, invitation.email);
      if ((await roleIn(this.deps.em, org.id, user.id)) !== null)
        throw new Conflict(`You are already a member of ${org.name}.`);
      await insertMember(this.deps.em, { org: org.id, user: user.id, role });
      await this.countUse(invitation);
      return { orgName: org.name, role };
    });
  }

  /**
   * Whether somebody may register with the invitation, before anything is done for him.
   * @returns whether the link proves that the address is his: it was mailed there, and shown to nobody.
   * @throws {BadRequest}
   */
  async checkRegistration(token: string, email: Email): Promise<{ provesAddress: boolean }> {
    const [invitation] = await readInvitations(this.deps.em, { tokenHash: hashSecret(token) });
    return { provesAddress: requireRegistration(invitation, email).email !== null };
  }

  /**
   * Uses the invitation for a new account, or neither happens. Its locks are taken before the account takes its name, as a
   * renaming does: each would wait for what the other holds.
   * @param insert makes the account and returns its id.
   * @throws {BadRequest}
   */
  async useForRegistration(token: string, email: Email, insert: () => Promise<number>): Promise<number> {
    return this.atomically(async () => {
      const { org, role, ...invitation } = requireRegistration(await this.lock(token), email);
      const user = await insert();
      if (org && role) await insertMember(this.deps.em, { org: org.id, user, role });
      await this.countUse(invitation);
      return user;
    });
  }

  /** The invitation with this secret under the locks, or null. */
  private async lock(token: string): Promise<InvitationInfo | null> {
    const { em } = this.deps;
    const found = await em.findOne(Invitation, { tokenHash: hashSecret(token) });
    if (!found) return null;
    if (found.org) await lockOrgById(em, found.org.id);
    const lockMode = LockMode.PESSIMISTIC_WRITE;
    const locked = await em.findOne(Invitation, { id: found.id }, { lockMode, refresh: true });
    if (!locked) return null;
    const [info] = await readInvitations(em, { id: locked.id });
    return info ?? null;
  }

  private async requireAddress(user: UserActor, email: string | null): Promise<void> {
    if (email === null) return;
    const account = await this.deps.em.findOne(Account, { id: user.id }, { refresh: true });
    if (account?.normalizedEmail !== email)
      throw new Forbidden('This invitation is for somebody with another e-mail address.');
    if (!account.emailVerifiedAt)
      throw new Forbidden(
        'This invitation is for your e-mail address. Verify the address first, then accept it.',
      );
  }

  private async countUse({ id }: Pick<InvitationInfo, 'id'>): Promise<void> {
    await this.deps.em.nativeUpdate(
      Invitation,
      { id },
      { usageCount: raw<number>('usage_count + 1'), lastUsedAt: new Date() },
    );
  }
}

/** @throws {BadRequest} */
function requireRegistration(invitation: InvitationInfo | null | undefined, email: Email): InvitationInfo {
  if (!invitation) throw new BadRequest(invitationNotFound().message);
  const problem = registrationProblem(invitation, email);
  if (problem !== null) throw new BadRequest(problem);
  return invitation;
}

function registrationProblem(invitation: InvitationInfo, email: Email): string | null {
  if (invitation.problem !== null) return invitation.problem;
  if (invitation.action !== 'register_account')
    return 'This invitation is for people who have an account. Register, then accept it.';
  if (invitation.email !== null && invitation.email !== email)
    return 'This invitation is for another e-mail address.';
  return null;
}
