import { Account } from '../account/account.entity.ts';
import { parseNewAccountName } from '../account/account-name.ts';
import type { AccountService } from '../account/account.service.ts';
import { parseProfile, type ProfileChange } from '../account/profile.ts';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, Forbidden, NotFound } from '../errors.ts';
import { RepoRedirect } from '../repo/repo-redirect.entity.ts';
import { Repo } from '../repo/repo.entity.ts';
import { normalizeName } from '../names.ts';
import { Service } from '../service.ts';
import { Membership, ORG_ROLES, type OrgRole } from './membership.entity.ts';
import { insertMember, lockOrg, nameKey, type OrgKey, roleIn } from './org-lock.ts';
import { mayChangeMember, mayEditProfile, mayEndOrg, mayManageMembers } from './org.policy.ts';

export interface NewOrg {
  readonly name: string;
  readonly description?: string | null | undefined;
}

const MAX_NAMED_REPOS = 10;

/** Organisations and the roles of their members. */
export class OrgService extends Service {
  readonly #accounts: AccountService;

  constructor(deps: Deps, accounts: AccountService) {
    super(deps);
    this.#accounts = accounts;
  }

  /**
   * Makes an organisation whose super-admin is the caller.
   * @throws {Unauthenticated} @throws {Forbidden} for read tokens. @throws {BadRequest} @throws {Conflict} the name is taken.
   */
  async create(actor: Actor, input: NewOrg): Promise<{ id: number; name: string }> {
    const user = requireWriter(actor);
    const name = parseNewAccountName(input.name, 'organization name');
    const profile = parseProfile({ description: input.description });
    return this.atomically(async () => {
      const id = await this.#accounts.insert({
        kind: 'org',
        name,
        email: null,
        emailVerifiedAt: null,
        passwordHash: null,
        isAdmin: false,
      });
      if (profile.description != null) await this.deps.em.nativeUpdate(Account, { id }, profile);
      await insertMember(this.deps.em, { org: id, user: user.id, role: 'super-admin' });
      return { id, name };
    });
  }

  /**
   * Changes what the organisation tells of itself.
   * @throws {Forbidden} the caller is no admin. @throws {NotFound} @throws {BadRequest}
   */
  async updateProfile(actor: Actor, orgName: string, change: ProfileChange): Promise<void> {
    const caller = requireWriter(actor);
    const columns = parseProfile(change);
    await this.atomically(async () => {
      const org = await this.lock(caller, orgName, mayEditProfile);
      if (Object.keys(columns).length > 0) await this.deps.em.nativeUpdate(Account, { id: org.id }, columns);
    });
  }

  /**
   * Gives the organisation another name. Its old name and the old names of its repositories lead to the new ones, and
   * nobody else can take the old name while the organisation exists.
   * @throws {Forbidden} the caller is no super-admin. @throws {Conflict} the name is or was another account's.
   * @throws {NotFound} @throws {BadRequest}
   */
  async rename(actor: Actor, orgName: string, newName: string): Promise<{ name: string }> {
    const caller = requireWriter(actor);
    const name = parseNewAccountName(newName, 'organization name');
    await this.atomically(async () => {
      const org = await this.lock(caller, orgName, mayEndOrg);
      await this.#accounts.rename(org, name);
    });
    return { name };
  }

  /**
   * Ends an organisation that has no repositories, with its memberships and invitations. Its names become free.
   * @param options `endsRedirects` also gives up former names of repositories that were moved elsewhere.
   * @returns its id. @throws {Forbidden} the caller is no super-admin. @throws {NotFound}
   * @throws {Conflict} names the repositories it has, or whose former names would lead nowhere.
   */
  async delete(actor: Actor, orgName: string, options: { readonly endsRedirects: boolean }): Promise<number> {
    const caller = requireWriter(actor);
    return this.atomically(async () => {
      const org = await this.lock(caller, orgName, mayEndOrg);
      await this.refuseWhileItOwns(org);
      if (!options.endsRedirects) await this.refuseWhileItLeads(org);
      await this.deps.em.nativeDelete(Account, { id: org.id });
      return org.id;
    });
  }

  /**
   * @throws {Forbidden} the caller is no admin, or the role is above his own.
   * @throws {Conflict} he is a member already. @throws {NotFound} @throws {BadRequest} an unknown role.
   */
  async addMember(actor: Actor, orgName: string, username: string, role: OrgRole): Promise<void> {
    const caller = requireWriter(actor);
    requireKnownRole(role);
    await this.atomically(async () => {
      const change = await this.beginChange(caller, orgName, username);
      this.allowChange(change, role);
      if (change.currentRole !== null) throw new Conflict(`${username} is already a member of ${orgName}.`);
      await insertMember(this.deps.em, { org: change.orgId, user: change.userId, role });
    });
  }

  /**
   * @throws {Forbidden} the caller is no admin, or the member or the new role is above him.
   * @throws {Conflict} the last super-admin must stay one. @throws {NotFound} also for strangers. @throws {BadRequest}
   */
  async changeRole(actor: Actor, orgName: string, username: string, role: OrgRole): Promise<void> {
    const caller = requireWriter(actor);
    requireKnownRole(role);
    await this.atomically(async () => {
      const change = await this.beginChange(caller, orgName, username);
      this.allowChange(change, role);
      if (change.currentRole === null) throw new NotFound(`${username} is not a member of ${orgName}.`);
      await this.deps.em.nativeUpdate(Membership, { org: change.orgId, user: change.userId }, { role });
    });
  }

  /**
   * Removes a member. Everybody may leave by himself.
   * @throws {Forbidden} @throws {Conflict} the last super-admin must stay. @throws {NotFound}
   */
  async removeMember(actor: Actor, orgName: string, username: string): Promise<void> {
    const caller = requireWriter(actor);
    await this.atomically(async () => {
      const change = await this.beginChange(caller, orgName, username);
      if (change.userId !== caller.id) this.allowChange(change, null);
      else this.keepLastSuperAdmin(change, null);
      const removed = await this.deps.em.nativeDelete(Membership, { org: change.orgId, user: change.userId });
      if (removed === 0) throw new NotFound(`${username} is not a member of ${orgName}.`);
    });
  }

  /** The organisation under its lock, for a caller whose role in it allows what he wants. */
  private async lock(
    caller: UserActor,
    orgName: string,
    allows: (role: OrgRole | null) => boolean,
  ): Promise<OrgKey> {
    const org = await lockOrg(this.deps.em, orgName);
    if (!allows(await roleIn(this.deps.em, org.id, caller.id))) {
      throw new Forbidden(`Your role in the organization ${org.name} does not allow this.`);
    }
    return org;
  }

  private async refuseWhileItOwns(org: OrgKey): Promise<void> {
    const [repos, count] = await this.deps.em.findAndCount(
      Repo,
      { owner: org.id },
      { fields: ['type', 'name'], orderBy: { id: 'asc' }, limit: MAX_NAMED_REPOS },
    );
    if (count === 0) return;
    const names = repos.map(({ type, name }) => `${type} ${org.name}/${name}`);
    throw new Conflict(
      `${org.name} still has ${count} repositories. Move or delete them first: ${listed(names, count)}.`,
    );
  }

  private async refuseWhileItLeads(org: OrgKey): Promise<void> {
    const [redirects, count] = await this.deps.em.findAndCount(
      RepoRedirect,
      { owner: org.id },
      { orderBy: { id: 'asc' }, limit: MAX_NAMED_REPOS },
    );
    if (count === 0) return;
    const names = redirects.map(({ type, normalizedName }) => `${type} ${org.name}/${normalizedName}`);
    throw new Conflict(
      `${count} former names of moved repositories would lead nowhere, and others could take them: ${listed(names, count)}. ` +
        'Ask again with end_redirects=true to give them up.',
    );
  }

  /** Locks the organisation, so that changes of its members happen one after the other, and reads who is who. */
  private async beginChange(caller: UserActor, orgName: string, username: string): Promise<MemberChange> {
    const { em } = this.deps;
    const org = await lockOrg(em, orgName);
    const isOneself = nameKey(username) === normalizeName(caller.name);
    if (!isOneself) requireManager(await roleIn(em, org.id, caller.id));
    const user = await em.findOne(Account, { normalizedName: nameKey(username), kind: 'user' });
    if (!user) throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    const roles = await em.find(
      Membership,
      { org: org.id, $or: [{ user: [caller.id, user.id] }, { role: 'super-admin' }] },
      { refresh: true },
    );
    const roleOf = (id: number): OrgRole | null => roles.find((row) => row.user.id === id)?.role ?? null;
    return {
      orgId: org.id,
      userId: user.id,
      callerRole: roleOf(caller.id),
      currentRole: roleOf(user.id),
      superAdmins: roles.filter((row) => row.role === 'super-admin').length,
    };
  }

  private allowChange(change: MemberChange, to: OrgRole | null): void {
    const { callerRole, currentRole } = change;
    requireManager(callerRole);
    if (!mayChangeMember(callerRole, currentRole, to)) {
      throw new Forbidden('Your own role in the organization is too low for this change.');
    }
    this.keepLastSuperAdmin(change, to);
  }

  private keepLastSuperAdmin({ currentRole, superAdmins }: MemberChange, to: OrgRole | null): void {
    if (currentRole === 'super-admin' && to !== 'super-admin' && superAdmins === 1) {
      throw new Conflict('This is the last super-admin of the organization. Name another one first.');
    }
  }
}

/** Who wants to change whom, as it stands under the lock. */
interface MemberChange {
  readonly orgId: number;
  readonly userId: number;
  readonly callerRole: OrgRole | null;
  readonly currentRole: OrgRole | null;
  readonly superAdmins: number;
}

/** @throws {BadRequest} */
export function requireKnownRole(role: OrgRole): void {
  if (!ORG_ROLES.includes(role)) throw new BadRequest(`role: must be one of ${ORG_ROLES.join(', ')}.`);
}

/** @throws {Forbidden} */
function requireManager(role: OrgRole | null): asserts role is OrgRole {
  if (!mayManageMembers(role)) throw new Forbidden('Only admins of the organization may change its members.');
}

function listed(names: readonly string[], count: number): string {
  return names.length < count ? `${names.join(', ')} and ${count - names.length} more` : names.join(', ');
}
