import { type Actor, requireUser, type UserActor } from '../actor.ts';
import { parseNewPassword } from '../auth/password.ts';
import { AccessToken, type TokenRole } from '../auth/access-token.entity.ts';
import { Conflict, NotFound } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { insertedId, orOnDuplicate, Service } from '../service.ts';
import { Account, type AccountKind } from './account.entity.ts';
import { findMemberships, type OrgMembership } from './account.queries.ts';
import { type NewAccountName, parseNewAccountName } from './account-name.ts';
import { type Email, parseEmail } from './email.ts';
import { FormerName } from './former-name.entity.ts';

/** An account to be stored: everything is checked already. */
export interface NewAccount {
  readonly kind: AccountKind;
  readonly name: NewAccountName;
  readonly email: Email | null;
  readonly emailVerifiedAt: Date | null;
  readonly passwordHash: string | null;
  readonly isAdmin: boolean;
}

export interface NewUserAsOperator {
  readonly name: string;
  readonly email: string | null;
  readonly password: string;
  readonly isAdmin: boolean;
}

/** A user as he sees himself. */
export interface OwnAccount {
  readonly id: number;
  readonly name: string;
  readonly fullName: string | null;
  readonly email: string | null;
  readonly isEmailVerified: boolean;
  readonly createdAt: Date;
}

/** Who the caller is, his organisations, and the token he used, if he used one. */
export interface WhoAmI {
  readonly account: OwnAccount;
  readonly orgs: readonly OrgMembership[];
  readonly token: { readonly name: string; readonly role: TokenRole; readonly createdAt: Date } | null;
}

const MAIL_TAKEN = 'account_normalized_email_unique';

function nameTaken(name: string): Conflict {
  return new Conflict(`The name "${name}" is taken, or too like a name that is taken. Choose another one.`, {
    field: 'name',
  });
}

/** Users and organisations as holders of names. */
export class AccountService extends Service {
  /** The caller's own account. @throws {Unauthenticated} */
  async own(actor: Actor): Promise<OwnAccount> {
    const user = requireUser(actor);
    const account = await this.deps.em.findOne(Account, { id: user.id });
    if (!account) throw new NotFound('This account was deleted.');
    return {
      id: account.id,
      name: account.name,
      fullName: account.fullName ?? null,
      email: account.email ?? null,
      isEmailVerified: account.emailVerifiedAt != null,
      createdAt: account.createdAt,
    };
  }

  /** What `whoami` tells. @throws {Unauthenticated} */
  async whoami(actor: Actor): Promise<WhoAmI> {
    const user = requireUser(actor);
    const account = await this.own(actor);
    const orgs = await findMemberships(this.deps.sql, user.id);
    return { account, orgs, token: await this.usedToken(user) };
  }

  /**
   * Makes a user at the word of whoever runs the hub; the address counts as verified.
   * @throws {BadRequest} @throws {Conflict}
   */
  async createUserAsOperator(input: NewUserAsOperator): Promise<{ id: number; name: string }> {
    const name = parseNewAccountName(input.name, 'username');
    const email = input.email === null ? null : parseEmail(input.email);
    const passwordHash = await this.deps.auth.passwords.hash(parseNewPassword(input.password));
    const id = await this.insert({
      kind: 'user',
      name,
      email,
      emailVerifiedAt: email && new Date(),
      passwordHash,
      isAdmin: input.isAdmin,
    });
    return { id, name };
  }

  /**
   * Stores an account for services that have checked the caller. The unique indexes decide who gets a name or an address.
   * @returns its id. @throws {Conflict} `details.field` is `name` or `email`.
   */
  async insert({ kind, name, email, emailVerifiedAt, passwordHash, isAdmin }: NewAccount): Promise<number> {
    const { user, organization } = this.deps.config.quotas;
    const quota = kind === 'user' ? user : organization;
    return this.atomically(async () => {
      const inserted = this.deps.em.insert(Account, {
        kind,
        name,
        normalizedName: normalizeName(name),
        email,
        normalizedEmail: email,
        emailVerifiedAt,
        passwordHash,
        isAdmin,
        privateQuotaBytes: quota.privateBytes,
        publicQuotaBytes: quota.publicBytes,
      });
      const id = await orOnDuplicate(inserted, (constraint) =>
        constraint === MAIL_TAKEN
          ? new Conflict('An account with this e-mail address already exists.', { field: 'email' })
          : nameTaken(name),
      );
      // The index made this wait for whoever is giving the name up, so the row that keeps it is here by now.
      if ((await this.deps.em.count(FormerName, { normalizedName: normalizeName(name) })) > 0)
        throw nameTaken(name);
      return insertedId(id);
    });
  }

  /**
   * Gives an account another name, for services that have checked the caller. The old name leads to the account from now
   * on, and only this account can have it again.
   * @throws {Conflict} the name is or was another account's.
   */
  async rename(account: { readonly id: number; readonly name: string }, name: NewAccountName): Promise<void> {
    const { em } = this.deps;
    const [from, to] = [normalizeName(account.name), normalizeName(name)];
    await this.atomically(async () => {
      // One after the other: two accounts that want each other's name would wait for each other.
      await em.execute(`select pg_advisory_xact_lock(hashtextextended('account-names', 0))`);
      const renamed = em.nativeUpdate(Account, { id: account.id }, { name, normalizedName: to });
      await orOnDuplicate(renamed, () => nameTaken(name));
      if (from === to) return;
      await em.nativeDelete(FormerName, { normalizedName: to, account: account.id });
      if ((await em.count(FormerName, { normalizedName: to })) > 0) throw nameTaken(name);
      await em.insert(FormerName, { normalizedName: from, account: account.id });
    });
  }

  private async usedToken({ credential }: UserActor): Promise<WhoAmI['token']> {
    if (credential.kind !== 'token') return null;
    const token = await this.deps.em.findOne(AccessToken, { id: credential.tokenId });
    return token && { name: token.name, role: token.role, createdAt: token.createdAt };
  }
}
