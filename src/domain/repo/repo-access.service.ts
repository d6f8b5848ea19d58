import { type Actor, requireUser, requireWriter } from '../actor.ts';
import { Forbidden, GatedRepo, RepoMoved, RepoNotFound } from '../errors.ts';
import { Service } from '../service.ts';
import type { RepoAccess, RepoStanding } from './repo-access.ts';
import { isPossibleName, type RepoRef } from './repo-ref.ts';
import { allows, mayReadFiles, type RepoRight } from './repo.policy.ts';
import { findRedirect, findReposOf, type RepoLookup } from './repo.queries.ts';

/** Finds a repository as somebody sees it; null where there is none. */
export type RepoLoad<Found extends RepoStanding> = (lookup: RepoLookup) => Promise<Found | null>;

/** Answers "may this caller do that to this repository". Every other service starts here. */
export class RepoAccessService extends Service {
  /**
   * The repository, if the caller has the right.
   * @throws {Unauthenticated} an anonymous caller wants to change something.
   * @throws {RepoNotFound} it is missing, or the caller may not know that it exists: the same answer for both.
   * @throws {RepoMoved} it has a new name that the caller may know.
   * @throws {Forbidden} the caller may read it, but not do this; or he wants to write, and the repository is disabled.
   */
  async require(actor: Actor, ref: RepoRef, right: RepoRight): Promise<RepoAccess> {
    if (right !== 'read') requireUser(actor);
    const access = await this.find(actor, ref);
    if (!access) throw await this.missing(actor, ref);
    if (right === 'read') return access;
    requireWriter(actor);
    if (!allows(access.role, access.isPrivate, right)) {
      throw new Forbidden(
        `You have no ${right === 'write' ? 'write access' : 'admin rights'} on ${access.fullName}.`,
      );
    }
    if (right === 'write') refuseDisabled(access);
    return access;
  }

  /**
   * The repository, if the caller may read its files and not only its metadata.
   * @throws {GatedRepo} the repository is gated and the caller is none of its people.
   * @throws {Forbidden} the repository is disabled. Also all that `require` throws.
   */
  async requireFiles(actor: Actor, ref: RepoRef): Promise<RepoAccess> {
    return this.requireFilesBy(actor, ref, (lookup) => this.deps.repoLoader.load(lookup));
  }

  /** The same over a look-up of the caller's own, which reads less of the repository, or more. @throws as `requireFiles`. */
  async requireFilesBy<Found extends RepoStanding>(
    actor: Actor,
    ref: RepoRef,
    load: RepoLoad<Found>,
  ): Promise<Found> {
    const repo = await this.findBy(actor, ref, load);
    if (!repo) throw await this.missing(actor, ref);
    const refusal = refusalOfFiles(repo);
    if (refusal) throw refusal;
    return repo;
  }

  /** The repository, or null when it is missing or hidden from the caller. */
  async find(actor: Actor, ref: RepoRef): Promise<RepoAccess | null> {
    return this.findBy(actor, ref, (lookup) => this.deps.repoLoader.load(lookup));
  }

  private async findBy<Found extends RepoStanding>(
    actor: Actor,
    ref: RepoRef,
    load: RepoLoad<Found>,
  ): Promise<Found | null> {
    if (!isPossibleName(ref.namespace) || !isPossibleName(ref.name)) return null;
    const userId = actor.kind === 'user' ? actor.id : null;
    const repo = await load({ ref, userId });
    if (!repo || !allows(repo.role, repo.isPrivate, 'read')) return null;
    const isElsewhere =
      actor.kind === 'user' && actor.credential.kind === 'lfs' && actor.credential.repoId !== repo.id;
    return isElsewhere ? null : repo;
  }

  /** Repositories by id, in the order of the ids; null for those that are missing or hidden from the caller. One statement. */
  async findByIds(actor: Actor, repoIds: readonly number[]): Promise<readonly (RepoAccess | null)[]> {
    const userId = actor.kind === 'user' ? actor.id : null;
    const repos = await findReposOf(this.deps.sql, { repoIds: [...new Set(repoIds)], userId });
    const visible = repos.filter(({ role, isPrivate }) => allows(role, isPrivate, 'read'));
    const byId = new Map(visible.map((repo) => [repo.id, repo]));
    return repoIds.map((id) => byId.get(id) ?? null);
  }

  private async missing(actor: Actor, ref: RepoRef): Promise<RepoNotFound | RepoMoved> {
    if (!isPossibleName(ref.namespace) || !isPossibleName(ref.name)) return new RepoNotFound();
    const target = await findRedirect(this.deps.sql, ref);
    return target && (await this.find(actor, target)) ? new RepoMoved(target) : new RepoNotFound();
  }
}

/** Why a caller who may see a repository may not read its files, or null. */
export function refusalOfFiles(repo: RepoStanding): GatedRepo | Forbidden | null {
  if (!mayReadFiles(repo.role, repo.gated)) return new GatedRepo(repo.type, repo.fullName);
  return repo.isDisabled ? disabled() : null;
}

/** Nobody gets at the files of a disabled repository, or writes to it. The sentence is what huggingface_hub looks for. @throws {Forbidden} */
export function refuseDisabled({ isDisabled }: RepoStanding): void {
  if (isDisabled) throw disabled();
}

function disabled(): Forbidden {
  return new Forbidden('Access to this resource is disabled.');
}
