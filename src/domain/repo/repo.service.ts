import { hasErrorCode } from '../../lib/error-code.ts';
import type { SqlTransaction } from '../../db/sql.ts';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Conflict, Forbidden, RepoExists, RepoMoved, RepoNotFound } from '../errors.ts';
import { normalizeName } from '../names.ts';
import { Service } from '../service.ts';
import { createStore } from '../version/initial-commit.ts';
import { type Card, EMPTY_CARD } from './card.ts';
import { type InitialFile, initialFiles, SPACE_SDKS, type SpaceSdk } from './initial-files.ts';
import { findNamespace, type Namespace } from './namespace.queries.ts';
import type { RepoAccess } from './repo-access.ts';
import type { RepoAccessService } from './repo-access.service.ts';
import { parseNewRepoName } from './repo-name.ts';
import { type RepoRef, repoUrl } from './repo-ref.ts';
import { checkSettings, type RepoSettings, type Visibility } from './repo-settings.ts';
import {
  deleteRedirect,
  deleteRepo,
  insertRedirect,
  insertRepo,
  lockAccounts,
  type LockedRepo,
  lockRepo,
  releaseUsage,
  renameRepo,
  takeUsage,
  updateRepo,
} from './repo-write.queries.ts';
import type { RepoType } from './repo.entity.ts';
import { mayCreateIn, type RepoRight } from './repo.policy.ts';

export interface NewRepo {
  readonly type: RepoType;
  readonly name: string;
  /** Null is the caller's own namespace. */
  readonly namespace: string | null;
  /** Null is public. */
  readonly visibility: Visibility | null;
  /** Of a space; null is `static`. */
  readonly sdk: string | null;
  readonly license?: string | null;
  /** A few small files beside the default ones, or in their place. */
  readonly files?: readonly InitialFile[];
}

/** Makes, moves, changes and removes repositories. */
export class RepoService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /**
   * A repository whose `main` holds the default files.
   * @throws {BadRequest} for its name. @throws {Forbidden} for its namespace, missing or not the caller's.
   * @throws {RepoExists} also for a name of the same normal form. @throws {QuotaExceeded}
   */
  async create(actor: Actor, request: NewRepo): Promise<RepoAccess> {
    const user = requireWriter(actor);
    const name = parseNewRepoName(request.name);
    const sdk = request.type === 'space' ? parseSdk(request.sdk) : null;
    const namespace = await this.requireHome(user, request.namespace ?? user.name);
    const ref = { type: request.type, namespace: namespace.name, name };
    const files = initialFiles({ ...ref, sdk, license: request.license ?? null }, request.files ?? []);
    const readme = files.find((file) => file.path === 'README.md');
    const card = readme ? await this.deps.metadata.card(ref.type, readme.bytes.toString()) : EMPTY_CARD;
    const repo = { ...ref, ownerId: namespace.id, isPrivate: request.visibility === 'private', files, card };
    const inserting = this.deps.sql.transaction((tx) => this.insert(tx, user, repo));
    const isNew = await orOnHomeGone(inserting, namespace.name);
    if (!isNew) throw await this.exists(user, ref);
    return this.#access.require(actor, ref, 'read');
  }

  /** @returns its id. @throws {RepoNotFound} also for a former name. @throws {Forbidden} */
  async delete(actor: Actor, ref: RepoRef): Promise<number> {
    const access = await this.requireHere(actor, ref, 'admin');
    await this.remove(access);
    return access.id;
  }

  /**
   * The same for services that have checked the caller.
   * @param alongside runs in the transaction, under the lock of the repository. @throws {RepoNotFound} @throws {Conflict}
   */
  async remove(access: RepoAccess, alongside?: (tx: SqlTransaction) => Promise<void>): Promise<void> {
    await this.deps.sql.transaction(async (tx) => {
      const repo = await this.lock(tx, access, [access.ownerId]);
      await alongside?.(tx);
      await deleteRepo(tx, repo.id);
      await releaseUsage(tx, counterOf(repo), repo.usedBytes);
    });
  }

  /**
   * Gives a repository another name, another namespace, or both. Everything stays, and the old name leads to the new.
   * @param to the new place; its type is that of the repository.
   * @throws {RepoNotFound} @throws {Forbidden} on either side. @throws {RepoExists} @throws {QuotaExceeded}
   */
  async move(actor: Actor, from: RepoRef, to: Omit<RepoRef, 'type'>): Promise<RepoAccess> {
    const access = await this.requireHere(actor, from, 'admin');
    const user = requireWriter(actor);
    const name = parseNewRepoName(to.name);
    const home = await this.requireHome(user, to.namespace);
    const target = { type: access.type, namespace: home.name, name };
    if (home.id === access.ownerId && name === access.name) throw await this.exists(user, target);
    try {
      const moving = this.deps.sql.transaction((tx) => this.moveTo(tx, access, { ownerId: home.id, name }));
      await orOnHomeGone(moving, home.name);
    } catch (error) {
      if (hasErrorCode(error, UNIQUE_VIOLATION)) throw await this.exists(user, target);
      throw error;
    }
    return this.#access.require(actor, target, 'read');
  }

  /**
   * Changes the settings that are given; null resets one to the server's default.
   * @throws {BadRequest} for a value out of its range. @throws {QuotaExceeded} when the other visibility has no room.
   */
  async updateSettings(actor: Actor, ref: RepoRef, settings: RepoSettings): Promise<void> {
    const access = await this.#access.require(actor, ref, 'admin');
    const columns = checkSettings(settings, this.deps.config.limits.regularFileBytes);
    await this.deps.sql.transaction(async (tx) => {
      const repo = await this.lock(tx, access, [access.ownerId]);
      await updateRepo(tx, repo.id, columns);
      const isPrivate = columns.is_private ?? repo.isPrivate;
      if (isPrivate === repo.isPrivate) return;
      await releaseUsage(tx, counterOf(repo), repo.usedBytes);
      await takeUsage(tx, { accountId: repo.ownerId, isPrivate }, repo.usedBytes);
    });
  }

  /** @throws what keeps the caller from reading the repository's files, or from writing them. */
  async authCheck(actor: Actor, ref: RepoRef, right: 'read' | 'write'): Promise<void> {
    if (right === 'write') await this.#access.require(actor, ref, 'write');
    else await this.#access.requireFiles(actor, ref);
  }

  private async insert(
    tx: SqlTransaction,
    user: UserActor,
    repo: RepoRef & {
      readonly ownerId: number;
      readonly isPrivate: boolean;
      readonly files: readonly InitialFile[];
      readonly card: Card;
    },
  ): Promise<boolean> {
    // Before the name is taken, as a move does: each would wait for what the other holds.
    await lockAccounts(tx, [repo.ownerId]);
    const repoId = await insertRepo(tx, { ...repo, creatorId: user.id });
    if (repoId === null) return false;
    const { hostname } = new URL(this.deps.config.baseUrl);
    const author = { userId: user.id, name: user.name, email: `${user.name}@users.noreply.${hostname}` };
    await createStore(tx, { repoId, author, title: 'initial commit', files: repo.files });
    return true;
  }

  private async moveTo(
    tx: SqlTransaction,
    access: RepoAccess,
    to: { readonly ownerId: number; readonly name: string },
  ): Promise<void> {
    const repo = await this.lock(tx, access, [access.ownerId, to.ownerId]);
    const former = { ownerId: repo.ownerId, normalizedName: normalizeName(repo.name) };
    const target = { ownerId: to.ownerId, normalizedName: normalizeName(to.name) };
    await renameRepo(tx, repo.id, to);
    if (target.ownerId !== former.ownerId) {
      await releaseUsage(tx, counterOf(repo), repo.usedBytes);
      await takeUsage(tx, { accountId: to.ownerId, isPrivate: repo.isPrivate }, repo.usedBytes);
    }
    await deleteRedirect(tx, access.type, target);
    const isSameName = former.ownerId === target.ownerId && former.normalizedName === target.normalizedName;
    if (!isSameName) await insertRedirect(tx, access.type, { ...former, repoId: repo.id });
  }

  /** A namespace that the caller may put repositories into; a missing one gets the same answer as a foreign one. */
  private async requireHome(user: UserActor, name: string): Promise<Namespace> {
    const namespace = await findNamespace(this.deps.sql, name, user.id);
    if (!namespace || !mayCreateIn(namespace.role)) throw homeRefused(name);
    return namespace;
  }

  /** Requests that name a repository in their body cannot be redirected: a former name is a missing one. */
  private async requireHere(actor: Actor, ref: RepoRef, right: RepoRight): Promise<RepoAccess> {
    try {
      return await this.#access.require(actor, ref, right);
    } catch (error) {
      throw error instanceof RepoMoved ? new RepoNotFound() : error;
    }
  }

  private async lock(
    tx: SqlTransaction,
    access: RepoAccess,
    accountIds: readonly number[],
  ): Promise<LockedRepo> {
    const repo = await lockRepo(tx, access, accountIds);
    if (!repo) throw new RepoNotFound();
    if (repo.ownerId !== access.ownerId || repo.name !== access.name)
      throw new Conflict('The repository was moved in this moment. Look where it is and try again.');
    return repo;
  }

  private async exists(user: UserActor, wanted: RepoRef): Promise<RepoExists> {
    const existing = (await this.#access.find(user, wanted)) ?? wanted;
    return new RepoExists(
      `A ${wanted.type} repository called ${existing.namespace}/${existing.name} already exists`,
      { url: repoUrl(this.deps.config.baseUrl, existing) },
    );
  }
}

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

function homeRefused(name: string): Forbidden {
  return new Forbidden(`You don't have the rights to create a repository under the namespace "${name}".`);
}

/** A namespace that was deleted meanwhile gets the answer of a missing one. */
async function orOnHomeGone<T>(work: Promise<T>, name: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw hasErrorCode(error, FOREIGN_KEY_VIOLATION) ? homeRefused(name) : error;
  }
}

function counterOf({ ownerId, isPrivate }: LockedRepo) {
  return { accountId: ownerId, isPrivate };
}

function parseSdk(value: string | null): SpaceSdk {
  const sdk = SPACE_SDKS.find((known) => known === (value ?? 'static'));
  if (!sdk) throw new BadRequest(`sdk must be one of: ${SPACE_SDKS.join(', ')}.`);
  return sdk;
}
