import type { Actor } from '../actor.ts';
import { DomainError } from '../errors.ts';
import { normalizeName, parseNewName } from '../names.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import type { Deps } from '../deps.ts';
import { Service } from '../service.ts';
import { findNameHolder } from './account.queries.ts';
import { parseNewAccountName } from './account-name.ts';

/** Whether a name is free, in the specification's words. */
export interface NameCheck {
  readonly isAvailable: boolean;
  readonly normalizedName: string;
  /** The name that stands in the way, or null. */
  readonly conflictWith: string | null;
  readonly message: string;
}

/** Tells people who fill in a form whether a name will do. Creating decides; this only foretells. */
export class NameCheckService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /** Checks the name of a new user or organisation. */
  async checkAccountName(name: string): Promise<NameCheck> {
    const problem = problemOf(() => parseNewAccountName(name, 'name'));
    if (problem) return refused(name, problem);
    const holder = await findNameHolder(this.deps.sql, name);
    return holder === null
      ? free(name, 'Name is available')
      : taken(name, holder, 'user or organization', holder);
  }

  /**
   * Checks the name of a new repository against the repositories that the caller may see. Those who may create one in
   * the namespace see all of it; to others a private repository must not be betrayed.
   */
  async checkRepoName(actor: Actor, ref: RepoRef): Promise<NameCheck> {
    const problem =
      problemOf(() => parseNewName(ref.name, 'repository name')) ??
      problemOf(() => parseNewName(ref.namespace, 'namespace'));
    if (problem) return refused(ref.name, problem);
    const repo = await this.#access.find(actor, ref);
    return repo
      ? taken(ref.name, repo.name, 'repository', repo.fullName)
      : free(ref.name, 'Repository name is available');
  }
}

function free(name: string, message: string): NameCheck {
  return { isAvailable: true, normalizedName: normalizeName(name), conflictWith: null, message };
}

function refused(name: string, message: string): NameCheck {
  return { isAvailable: false, normalizedName: normalizeName(name), conflictWith: null, message };
}

function taken(name: string, holder: string, what: string, conflictWith: string): NameCheck {
  const subject = what === 'repository' ? 'Repository name' : 'Name';
  const message =
    name === holder
      ? `${subject} is taken by existing ${what}: ${holder}`
      : `${subject} conflicts with existing ${what}: ${holder} (case-insensitive)`;
  return { isAvailable: false, normalizedName: normalizeName(name), conflictWith, message };
}

function problemOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}
