import { LockMode } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { parseNewAccountName } from '../account/account-name.ts';
import type { AccountService } from '../account/account.service.ts';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, Forbidden, NotFound } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { Service } from '../service.ts';
import { Membership, ORG_ROLES, type OrgRole } from './membership.entity.ts';
import { mayChangeMember, mayManageMembers } from './org.policy.ts';

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
  async create(actor: Actor, input: { readonly name: string }): Promise<{ id: number; name: string }> {
    const user = requireWriter(actor);
    const name = parseNewAccountName(input.name, 'organization name');
    return this.atomically(async () => {
      const id = await this.#accounts.insert({
        kind: 'org',
        name,
        email: null,
        emailVerifiedAt: null,
        passwordHash: null,
        isAdmin: false,
      });
      await this.deps.em.insert(Membership, { org: id, user: user.id, role: 'super-admin' });
      return { id, name };
    });
  }

  /**
   * Adds a member, or changes the role of one.
   * @throws {Forbidden} the caller is no admin, or the member or the new role is above him.
   * @throws {Conflict} the last super-admin must stay one. @throws {NotFound} @throws {BadRequest} an unknown role.
   */
  async setMember(actor: Actor, orgName: string, username: string, role: OrgRole): Promise<void> {
    const caller = requireWriter(actor);
    if (!ORG_ROLES.includes(role)) throw new BadRequest(`role: must be one of ${ORG_ROLES.join(', ')}.`);
    await this.atomically(async () => {
      const change = await this.beginChange(caller, orgName, username);
      this.allowChange(change, role);
      await this.deps.em.upsert(
        Membership,
        { org: change.orgId, user: change.userId, role },
        { onConflictFields: ['org', 'user'], onConflictMergeFields: ['role'] },
      );
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

  /** Locks the organisation, so that changes of its members happen one after the other, and reads who is who. */
  private async beginChange(caller: UserActor, orgName: string, username: string): Promise<MemberChange> {
    const { em } = this.deps;
    const org = await em.findOne(
      Account,
      { normalizedName: normalizeName(orgName), kind: 'org' },
      { lockMode: LockMode.PESSIMISTIC_WRITE },
    );
    if (!org) throw new NotFound(`There is no organization "${orgName}".`);
    const user = await em.findOne(Account, { normalizedName: normalizeName(username), kind: 'user' });
    if (!user) throw new NotFound(`There is no user "${username}".`);
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
    if (!mayManageMembers(change.callerRole)) {
      throw new Forbidden('Only admins of the organization may change its members.');
    }
    if (!mayChangeMember(change.callerRole, change.currentRole, to)) {
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
