import type { SqlTransaction } from '../../db/sql.ts';
import { type Actor, requireWriter } from '../actor.ts';
import { hasErrorCode } from '../../lib/error-code.ts';
import type { PasswordService } from '../auth/password.service.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, NotFound } from '../errors.ts';
import { Service } from '../service.ts';
import {
  deleteAccount,
  findOrphans,
  isLastAdmin,
  lockForDeletion,
  type Orphans,
} from './account-deletion.queries.ts';
import type { ProfileService } from './profile.service.ts';

const FOREIGN_KEY_VIOLATION = '23503';

export interface DeletionRequest {
  readonly password: string;
  /** Gives up former names of repositories that were moved elsewhere. */
  readonly endsRedirects: boolean;
  /** Where the request came from: wrong passwords are counted by it. */
  readonly address: string | undefined;
}

/** How users end their accounts. Repositories and organisations are never left without an owner. */
export class AccountDeletionService extends Service {
  readonly #profiles: ProfileService;
  readonly #passwords: PasswordService;

  constructor(deps: Deps, { profiles, passwords }: { profiles: ProfileService; passwords: PasswordService }) {
    super(deps);
    this.#profiles = profiles;
    this.#passwords = passwords;
  }

  /** What would lose its owner. @throws {Unauthenticated} @throws {Forbidden} it is somebody else's account. @throws {NotFound} */
  async preview(actor: Actor, username: string): Promise<Orphans> {
    const { id } = await this.#profiles.requireSelf(actor, username);
    return findOrphans(this.deps.sql, id);
  }

  /**
   * Deletes the caller's account; his logins, tokens and keys stop working at once. The name becomes free. @returns its id.
   * @throws {Conflict} names what would lose its owner, or the caller is the hub's last administrator.
   * @throws {BadRequest} a wrong password. @throws {Forbidden} somebody else's account. @throws {Unauthenticated} @throws {TooManyRequests}
   */
  async delete(actor: Actor, username: string, request: DeletionRequest): Promise<number> {
    requireWriter(actor);
    const { id, name } = await this.#profiles.requireSelf(actor, username);
    const { password, address, endsRedirects } = request;
    const isHe = await this.#passwords.check({ username: name, password, address });
    if (!isHe) throw new BadRequest('password: this is not your password.');
    await this.removeAccount(id, { endsRedirects });
    return id;
  }

  /**
   * The same for services that have checked the caller.
   * @param options `alongside` runs in the transaction, under the lock of the account. @throws {Conflict} @throws {NotFound}
   */
  async removeAccount(
    id: number,
    options: {
      readonly endsRedirects: boolean;
      readonly alongside?: (tx: SqlTransaction) => Promise<void>;
    },
  ): Promise<void> {
    try {
      await this.deps.sql.transaction(async (tx) => {
        if (!(await lockForDeletion(tx, id))) throw new NotFound('This account was deleted.');
        if (await isLastAdmin(tx, id)) {
          throw new Conflict('This is the last administrator of the hub. Name another one first.');
        }
        refuseOrphans(await findOrphans(tx, id), options);
        await options.alongside?.(tx);
        await deleteAccount(tx, id);
      });
    } catch (error) {
      // A repository that was made at the same moment.
      if (hasErrorCode(error, FOREIGN_KEY_VIOLATION)) {
        throw new Conflict('The account has got a repository just now. Move or delete it first.');
      }
      throw error;
    }
  }
}

/** @throws {Conflict} */
function refuseOrphans(
  { repos, orgs, redirects }: Orphans,
  { endsRedirects }: { readonly endsRedirects: boolean },
): void {
  if (repos.length > 0) {
    throw new Conflict(`The account still has repositories. Move or delete them first: ${listed(repos)}.`);
  }
  if (orgs.length > 0) {
    throw new Conflict(
      `The account is the last super-admin of organizations. Name another one first, or delete them: ${listed(orgs)}.`,
    );
  }
  if (redirects.length > 0 && !endsRedirects) {
    throw new Conflict(
      `Former names of moved repositories would lead nowhere, and others could take them: ${listed(redirects)}. ` +
        'Ask again with end_redirects=true to give them up.',
    );
  }
}

const MAX_NAMED = 10;

function listed(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ' and more' : '';
  return names.slice(0, MAX_NAMED).join(', ') + more;
}
