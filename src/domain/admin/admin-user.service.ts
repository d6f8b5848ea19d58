import type { SqlTransaction } from '../../db/sql.ts';
import type { AccountDeletionService } from '../account/account-deletion.service.ts';
import { parseNewAccountName } from '../account/account-name.ts';
import type { AccountService } from '../account/account.service.ts';
import { parseEmail } from '../account/email.ts';
import { type Actor, requireAdmin, requireUser, requireWriter } from '../actor.ts';
import { parseNewPassword } from '../auth/password.ts';
import type { Deps } from '../deps.ts';
import { Conflict } from '../errors.ts';
import { idPage, type IdPageQuery } from '../id-page.ts';
import { nameKey } from '../org/org-lock.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import {
  type AccountHoldings,
  type AdminUser,
  type AdminUserDetails,
  countUsers,
  listUsers,
  type LockedUser,
  lockUser,
  readHoldings,
  readUser,
  requireStillAdmin,
  requireUserId,
  setActive,
  setAdmin,
  setEmailVerified,
  type UserFilter,
  userNotFound,
} from './admin-user.queries.ts';
import { MAX_ADMIN_PAGE } from './admin-page.ts';
import type { AuditAction } from './audit-action.ts';
import { insertAct, recordAct } from './audit.ts';
import { deleteLogins } from './login.queries.ts';
import { parseReason } from './reason.ts';
import { parseSearch } from './search-text.ts';

export interface UserListQuery extends IdPageQuery, Omit<UserFilter, 'search'> {
  readonly search?: string | undefined;
}

export interface NewUserByAdmin {
  readonly name: string;
  /** Null: none. An address counts as verified. */
  readonly email: string | null;
  readonly password: string;
  readonly isAdmin: boolean;
}

/** What an act did to a user; null when there was nothing to do, and nothing is written. */
type Change = { readonly action: AuditAction; readonly details?: Readonly<Record<string, unknown>> } | null;

/** People as administrators of the site keep them. Acts take effect with the next request, on every node. */
export class AdminUserService extends Service {
  readonly #accounts: AccountService;
  readonly #deletions: AccountDeletionService;

  constructor(
    deps: Deps,
    { accounts, deletions }: { accounts: AccountService; deletions: AccountDeletionService },
  ) {
    super(deps);
    this.#accounts = accounts;
    this.#deletions = deletions;
  }

  /** Users, newest first, and how many there are in all. @throws {Unauthenticated} @throws {Forbidden} @throws {BadRequest} */
  async list(actor: Actor, query: UserListQuery): Promise<Page<AdminUser> & { readonly total: number }> {
    requireAdmin(requireUser(actor));
    const { isActive, isAdmin, isEmailVerified } = query;
    const filter = { search: parseSearch(query.search), isActive, isAdmin, isEmailVerified };
    const options = { maxLimit: MAX_ADMIN_PAGE, idOf: ({ id }: AdminUser) => id };
    const [page, total] = await Promise.all([
      idPage(query, options, (part) => listUsers(this.deps.sql, filter, part)),
      countUsers(this.deps.sql, filter),
    ]);
    return { ...page, total };
  }

  /** @throws {Unauthenticated} @throws {Forbidden} @throws {NotFound} */
  async get(actor: Actor, username: string): Promise<AdminUserDetails> {
    requireAdmin(requireUser(actor));
    return this.find(username);
  }

  /** What hangs on accounts, in the order of the ids; null for those that are gone. One statement. @throws as `get`. */
  async holdingsOf(actor: Actor, userIds: readonly number[]): Promise<readonly (AccountHoldings | null)[]> {
    requireAdmin(requireUser(actor));
    const found = await readHoldings(this.deps.sql, userIds);
    const byId = new Map(found.map((each) => [each.id, each]));
    return userIds.map((id) => byId.get(id) ?? null);
  }

  /** @throws {Forbidden} @throws {BadRequest} @throws {Conflict} the name or the address is taken. */
  async create(actor: Actor, input: NewUserByAdmin): Promise<AdminUserDetails> {
    const admin = requireAdmin(requireWriter(actor));
    const name = parseNewAccountName(input.name, 'username');
    const email = input.email === null ? null : parseEmail(input.email);
    const passwordHash = await this.deps.auth.passwords.hash(parseNewPassword(input.password));
    const { isAdmin } = input;
    await this.atomically(async () => {
      const emailVerifiedAt = email && new Date();
      const id = await this.#accounts.insert({
        kind: 'user',
        name,
        email,
        emailVerifiedAt,
        passwordHash,
        isAdmin,
      });
      const subject = { kind: 'user', id, name } as const;
      await insertAct(this.deps.em, admin, {
        action: 'user.create',
        subject,
        details: { email, is_admin: isAdmin },
      });
    });
    return this.find(name);
  }

  /**
   * Shuts somebody out: his sessions end; his tokens and SSH keys stop working until he is reinstated.
   * @throws {Conflict} the last administrator. @throws {Forbidden} @throws {NotFound} @throws {BadRequest}
   */
  async suspend(actor: Actor, username: string, reason?: string | null): Promise<AdminUserDetails> {
    return this.change(actor, username, async (tx, user) => {
      if (!user.isActive) return null;
      keepLastAdmin(user);
      await setActive(tx, user.id, false);
      await deleteLogins(tx, 'sessions', { userId: user.id });
      return { action: 'user.suspend', details: { reason: parseReason(reason) } };
    });
  }

  /** @throws {Forbidden} @throws {NotFound} @throws {BadRequest} */
  async reinstate(actor: Actor, username: string, reason?: string | null): Promise<AdminUserDetails> {
    return this.change(actor, username, async (tx, user) => {
      if (user.isActive) return null;
      await setActive(tx, user.id, true);
      return { action: 'user.reinstate', details: { reason: parseReason(reason) } };
    });
  }

  /** Takes the administrator's word for an address. @throws {Conflict} there is none. @throws {Forbidden} @throws {NotFound} */
  async verifyEmail(actor: Actor, username: string): Promise<AdminUserDetails> {
    return this.change(actor, username, async (tx, user) => {
      if (user.email === null) throw new Conflict(`${user.name} has no e-mail address.`);
      if (user.isEmailVerified) return null;
      await setEmailVerified(tx, user.id);
      return { action: 'user.verify-email', details: { email: user.email } };
    });
  }

  /** @throws {Conflict} the account is suspended. @throws {Forbidden} @throws {NotFound} */
  async makeAdmin(actor: Actor, username: string): Promise<AdminUserDetails> {
    return this.change(actor, username, async (tx, user) => {
      if (user.isAdmin) return null;
      if (!user.isActive) throw new Conflict(`${user.name} is suspended. Reinstate the account first.`);
      await setAdmin(tx, user.id, true);
      return { action: 'user.make-admin' };
    });
  }

  /** @throws {Conflict} the last administrator. @throws {Forbidden} @throws {NotFound} */
  async unmakeAdmin(actor: Actor, username: string): Promise<AdminUserDetails> {
    return this.change(actor, username, async (tx, user) => {
      if (!user.isAdmin) return null;
      keepLastAdmin(user);
      await setAdmin(tx, user.id, false);
      return { action: 'user.unmake-admin' };
    });
  }

  /**
   * Deletes an account that leaves nothing without an owner. @returns its id.
   * @throws {Conflict} names what it would leave, or it is the last administrator. @throws {Forbidden} @throws {NotFound}
   */
  async delete(
    actor: Actor,
    username: string,
    options: { readonly endsRedirects: boolean },
  ): Promise<number> {
    const admin = requireAdmin(requireWriter(actor));
    const { id, name, email } = await this.find(username);
    const { endsRedirects } = options;
    await this.#deletions.removeAccount(id, {
      endsRedirects,
      alongside: async (tx) => {
        await requireStillAdmin(tx, admin.id);
        const subject = { kind: 'user', id, name } as const;
        await recordAct(tx, admin, {
          action: 'user.delete',
          subject,
          details: { email, end_redirects: endsRedirects },
        });
      },
    });
    return id;
  }

  private async change(
    actor: Actor,
    username: string,
    apply: (tx: SqlTransaction, user: LockedUser) => Promise<Change>,
  ): Promise<AdminUserDetails> {
    const admin = requireAdmin(requireWriter(actor));
    const id = await requireUserId(this.deps.sql, username);
    const name = await this.deps.sql.transaction(async (tx) => {
      const user = await lockUser(tx, id, admin.id);
      const change = await apply(tx, user);
      const subject = { kind: 'user', id, name: user.name } as const;
      if (change) await recordAct(tx, admin, { ...change, subject });
      return user.name;
    });
    return this.find(name);
  }

  private async find(username: string): Promise<AdminUserDetails> {
    const user = await readUser(this.deps.sql, nameKey(username));
    if (!user) throw userNotFound(username);
    return user;
  }
}

/** @throws {Conflict} */
function keepLastAdmin({ isLastAdmin }: LockedUser): void {
  if (isLastAdmin) throw new Conflict('This is the last administrator of the hub. Name another one first.');
}
