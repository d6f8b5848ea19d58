import { type Email, parseEmail } from '../account/email.ts';
import { insertAct } from '../admin/audit.ts';
import { invitationAct } from '../admin/invitation-act.ts';
import { type Actor, requireAdmin, requireUser, requireWriter, type UserActor } from '../actor.ts';
import type { MailMessage } from '../auth/mailer.ts';
import { hashSecret, newSecret } from '../auth/secrets.ts';
import { BadRequest, Forbidden, NotFound } from '../errors.ts';
import { Membership, type OrgRole } from '../org/membership.entity.ts';
import {
  lockOrg,
  lockOrgById,
  nameKey,
  type OrgKey,
  orgNotFound,
  requireOrg,
  roleIn,
} from '../org/org-lock.ts';
import { findOrg } from '../org/org.queries.ts';
import { requireKnownRole } from '../org/org.service.ts';
import { mayInvite, mayManageMembers } from '../org/org.policy.ts';
import { insertedId, Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import { Invitation } from './invitation.entity.ts';
import { type InvitationInfo, readInvitations } from './invitation-info.ts';
import { orgInvitationMail, registrationInvitationMail } from './invitation-mail.ts';

/** How often and how long an invitation can be used, and by whom. */
export interface InvitationTerms {
  /** Only the owner of this address can use it, and gets a mail; null is anybody with the link. */
  readonly email: string | null;
  /** Null is unlimited; 1 with an address. */
  readonly maxUsage: number | null;
  readonly expiresInDays: number;
}

export interface NewOrgInvitation extends InvitationTerms {
  readonly role: OrgRole;
}

export interface NewRegistrationInvitation extends InvitationTerms {
  /** The organisation that the new account joins, if any. */
  readonly org: { readonly name: string; readonly role: OrgRole } | null;
}

/** An invitation that was just made. */
export interface CreatedInvitation {
  /** The secret of the link, shown now and never again; null when it is only in the mail. */
  readonly token: string | null;
  readonly link: string | null;
  readonly expiresAt: Date;
  readonly maxUsage: number | null;
}

export interface InvitationPageQuery {
  readonly limit: number;
  /** Id of the last invitation of the page before. */
  readonly cursor?: number | undefined;
}

export const MAX_INVITATION_PAGE = 1000;
const MAX_USES = 10_000;
const MAX_DAYS = 365;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Makes, shows and cancels invitations. They are stored as hashes: nobody can read a link out of the hub. */
export class InvitationService extends Service {
  /**
   * Invites into an organisation, with a mail when it is for one address.
   * @throws {Forbidden} the caller is no admin, or the role is above his own. @throws {NotFound} @throws {BadRequest}
   * @throws {TooManyRequests}
   */
  async createForOrg(actor: Actor, orgName: string, input: NewOrgInvitation): Promise<CreatedInvitation> {
    const caller = requireWriter(actor);
    const { role } = input;
    requireKnownRole(role);
    const org = await this.requireInviter(caller, orgName, role);
    const terms = parseTerms(input);
    await this.deps.auth.throttle.takeInvitation(caller.id, terms.email);
    const token = newSecret();
    const link = `${this.deps.config.baseUrl}/invite/${token}`;
    await this.insert({ ...terms, token, action: 'join_org', createdBy: caller.id, org, role });
    if (terms.email) {
      const { siteName } = this.deps.config;
      const { expiresAt, email: to } = terms;
      const mail = { siteName, to, inviterName: caller.name, link, expiresAt, orgName: org.name, role };
      this.post(orgInvitationMail(mail));
    }
    return { token, link, expiresAt: terms.expiresAt, maxUsage: terms.maxUsage };
  }

  /**
   * Invites people to make an account, also where the hub is for invited people only. The link of an invitation for one
   * address is only in the mail: whoever registers with it has proven that the address is his.
   * @throws {Forbidden} the caller is no administrator of the site, or may not invite into the organisation.
   * @throws {NotFound} @throws {BadRequest} @throws {TooManyRequests}
   */
  async createForRegistration(actor: Actor, input: NewRegistrationInvitation): Promise<CreatedInvitation> {
    const caller = requireAdmin(requireWriter(actor));
    const { role = null } = input.org ?? {};
    if (role !== null) requireKnownRole(role);
    const org = input.org && (await this.requireInviter(caller, input.org.name, input.org.role));
    const terms = parseTerms(input);
    await this.deps.auth.throttle.takeInvitation(caller.id, terms.email);
    const token = newSecret();
    const link = `${this.deps.config.baseUrl}/register?invitation=${token}`;
    const row = { ...terms, action: 'register_account', org, role } as const;
    await this.atomically(async () => {
      const id = await this.insert({ ...row, token, createdBy: caller.id });
      await insertAct(this.deps.em, caller, invitationAct('invitation.create', { ...row, id }));
    });
    const { email: to, expiresAt, maxUsage } = terms;
    if (to === null) return { token, link, expiresAt, maxUsage };
    const { siteName } = this.deps.config;
    this.post(registrationInvitationMail({ siteName, to, inviterName: caller.name, link, expiresAt }));
    return { token: null, link: null, expiresAt, maxUsage };
  }

  /** What whoever has the link may know. @throws {NotFound} */
  async details(token: string): Promise<InvitationInfo> {
    const [info] = await readInvitations(this.deps.em, { tokenHash: hashSecret(token) });
    if (!info) throw invitationNotFound();
    return info;
  }

  /** Invitations into an organisation, newest first. @throws {Forbidden} the caller is no admin. @throws {NotFound} */
  async listForOrg(actor: Actor, orgName: string, query: InvitationPageQuery): Promise<Page<InvitationInfo>> {
    const caller = requireUser(actor);
    const org = await findOrg(this.deps.sql, nameKey(orgName));
    if (!org) throw orgNotFound(orgName);
    if (!mayManageMembers(await roleIn(this.deps.em, org.id, caller.id))) throw notInviter();
    return this.page({ org: org.id, action: 'join_org' }, query);
  }

  /** Invitations to make an account, newest first. @throws {Forbidden} the caller is no administrator of the site. */
  async listForRegistration(actor: Actor, query: InvitationPageQuery): Promise<Page<InvitationInfo>> {
    requireAdmin(requireUser(actor));
    return this.page({ action: 'register_account' }, query);
  }

  /** Of many, by id, in the order of the ids; null for those that neither of the lists shows to the caller. */
  async listedById(actor: Actor, ids: readonly number[]): Promise<readonly (InvitationInfo | null)[]> {
    const { id: user, isAdmin } = requireUser(actor);
    const { em } = this.deps;
    const found = await readInvitations(em, { id: [...new Set(ids)] });
    const orgs = found.flatMap(({ org }) => org?.id ?? []);
    const memberships = await em.find(Membership, { user, org: orgs }, { refresh: true });
    const roles = new Map(memberships.map(({ org, role }) => [org.id, role]));
    const isListed = ({ action, org }: InvitationInfo): boolean =>
      action === 'register_account' ? isAdmin : mayManageMembers(roles.get(org!.id) ?? null);
    const byId = new Map(found.filter(isListed).map((each) => [each.id, each]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  /** Ends an invitation. @returns its id. @throws {Forbidden} the caller could not make it himself. @throws {NotFound} */
  async cancel(actor: Actor, token: string): Promise<number> {
    const caller = requireWriter(actor);
    return this.atomically(async () => {
      const invitation = await this.deps.em.findOne(Invitation, { tokenHash: hashSecret(token) });
      return this.end(caller, invitation);
    });
  }

  /** Ends one of those that `listForOrg` shows. @throws {Forbidden} @throws {NotFound} */
  async cancelForOrg(actor: Actor, orgName: string, id: number): Promise<void> {
    const caller = requireWriter(actor);
    await this.atomically(async () => {
      const org = await lockOrg(this.deps.em, orgName);
      if (!mayManageMembers(await roleIn(this.deps.em, org.id, caller.id))) throw notInviter();
      await this.end(caller, await this.deps.em.findOne(Invitation, { id, org: org.id, action: 'join_org' }));
    });
  }

  /** Ends one of those that `listForRegistration` shows. @throws {Forbidden} @throws {NotFound} */
  async cancelForRegistration(actor: Actor, id: number): Promise<void> {
    const caller = requireAdmin(requireWriter(actor));
    await this.atomically(async () => {
      await this.end(caller, await this.deps.em.findOne(Invitation, { id, action: 'register_account' }));
    });
  }

  /** Takes the same locks in the same order as using does: it is used before it ends, or not at all. */
  private async end(caller: UserActor, invitation: Invitation | null): Promise<number> {
    if (!invitation) throw invitationNotFound();
    const { em } = this.deps;
    const { id, action, org, role } = invitation;
    const lockedOrg = org ? await lockOrgById(em, org.id) : null;
    if (action === 'register_account') requireAdmin(caller);
    else if (!org || !role || !mayInvite(await roleIn(em, org.id, caller.id), role)) throw notInviter();
    if ((await em.nativeDelete(Invitation, { id })) === 0) throw invitationNotFound();
    if (action !== 'register_account') return id;
    const ended = {
      id,
      action,
      org: lockedOrg,
      role: role ?? null,
      email: invitation.normalizedEmail ?? null,
    };
    await insertAct(em, caller, invitationAct('invitation.cancel', ended));
    return id;
  }

  private async requireInviter(caller: UserActor, orgName: string, role: OrgRole): Promise<OrgKey> {
    const org = await requireOrg(this.deps.em, orgName);
    const own = await roleIn(this.deps.em, org.id, caller.id);
    if (!mayManageMembers(own)) throw notInviter();
    if (!mayInvite(own, role))
      throw new Forbidden('Your own role in the organization is too low to give this one.');
    return org;
  }

  private async insert({
    token,
    org,
    email,
    ...row
  }: Omit<StoredTerms, 'email'> & {
    readonly email: Email | null;
    readonly token: string;
    readonly action: Invitation['action'];
    readonly createdBy: number;
    readonly org: OrgKey | null;
    readonly role: OrgRole | null;
  }): Promise<number> {
    const { em } = this.deps;
    return this.atomically(async () => {
      if (org && !(await lockOrgById(em, org.id))) throw orgNotFound(org.name);
      const tokenHash = hashSecret(token);
      const values = { ...row, org: org?.id ?? null, tokenHash, normalizedEmail: email };
      return insertedId(await em.insert(Invitation, values));
    });
  }

  private async page(
    where: { readonly action: Invitation['action']; readonly org?: number },
    { limit, cursor }: InvitationPageQuery,
  ): Promise<Page<InvitationInfo>> {
    const size = Math.min(limit, MAX_INVITATION_PAGE);
    const after = cursor === undefined ? {} : { id: { $lt: cursor } };
    const found = await readInvitations(
      this.deps.em,
      { ...where, ...after },
      { orderBy: { id: 'desc' }, limit: size + 1 },
    );
    const items = found.slice(0, size);
    return { items, nextCursor: found.length > size ? String(items.at(-1)!.id) : null };
  }

  private post(mail: MailMessage): void {
    this.deps.auth.mail.post(mail);
  }
}

interface StoredTerms {
  readonly email: Email | null;
  readonly maxUsage: number | null;
  readonly expiresAt: Date;
}

function parseTerms({ email: address, maxUsage, expiresInDays }: InvitationTerms): StoredTerms {
  const email = address === null ? null : parseEmail(address);
  if (email !== null && maxUsage !== 1)
    throw new BadRequest('An invitation for one address works once. Leave out how often it may be used.');
  if (maxUsage !== null && !isWithin(maxUsage, MAX_USES))
    throw new BadRequest(`An invitation may be used 1 to ${MAX_USES} times, or without a limit.`);
  if (!isWithin(expiresInDays, MAX_DAYS))
    throw new BadRequest(`An invitation is good for 1 to ${MAX_DAYS} days.`);
  return { email, maxUsage, expiresAt: new Date(Date.now() + expiresInDays * DAY_MS) };
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

export function invitationNotFound(): NotFound {
  return new NotFound('There is no such invitation. It may have been cancelled.');
}

function notInviter(): Forbidden {
  return new Forbidden('Only admins of the organization may see and change its invitations.');
}
