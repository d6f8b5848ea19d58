import { recordAct } from '../admin/audit.ts';
import { type Actor, requireAdmin, requireUser, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, Forbidden, NotFound } from '../errors.ts';
import { findNamespace, type Namespace } from '../repo/namespace.queries.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import {
  listNamespaceUsage,
  listNamespaceUsageFor,
  listRepoUsage,
  type NamespaceUsage,
  type NewLimits,
  readNamespaceUsage,
  recountUsage,
  type RepoUsage,
  setNamespaceLimits,
  setRepoLimit,
} from './quota.queries.ts';

export const MAX_LISTED = 1000;

/** What somebody may know of a namespace's storage. */
export interface NamespaceView {
  readonly usage: NamespaceUsage;
  /** Whether the private half is for his eyes. */
  readonly seesPrivate: boolean;
}

/** A repository's storage, and that of the half of its namespace which it counts in. */
export interface RepoQuota {
  readonly access: RepoAccess;
  readonly namespaceUsedBytes: number;
  readonly namespaceQuotaBytes: number | null;
}

/**
 * Limits of storage. They are enforced where bytes are committed (`chargeStorage`). Administrators of the hub set those of
 * namespaces; admins of a repository may give it one of its own, within that of its namespace.
 */
export class QuotaService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /** For everybody; strangers see the public half only. @throws {NotFound} */
  async publicView(actor: Actor, namespace: string): Promise<NamespaceView> {
    const home = await this.home(actor, namespace);
    return { usage: await this.usage(home), seesPrivate: isInsider(actor, home) };
  }

  /** The same of many namespaces by id, in their order; null for those that are gone. One statement. */
  async publicViewsOf(
    actor: Actor,
    accountIds: readonly number[],
  ): Promise<readonly (NamespaceView | null)[]> {
    const userId = actor.kind === 'user' ? actor.id : null;
    const isAdmin = actor.kind === 'user' && actor.isAdmin;
    const found = await listNamespaceUsageFor(this.deps.sql, { accountIds, userId });
    const byId = new Map(found.map((usage) => [usage.id, usage]));
    return accountIds.map((id) => {
      const usage = byId.get(id);
      return usage ? { usage, seesPrivate: usage.isInsider || isAdmin } : null;
    });
  }

  /** For the people of a namespace. @throws {Unauthenticated} @throws {Forbidden} @throws {NotFound} */
  async view(actor: Actor, namespace: string): Promise<NamespaceUsage> {
    return this.usage(await this.requireInsider(actor, namespace));
  }

  /** The largest repositories of a namespace, at most 1,000. @throws as `view`. */
  async repos(
    actor: Actor,
    namespace: string,
  ): Promise<{
    readonly usage: NamespaceUsage;
    readonly repos: readonly RepoUsage[];
    readonly total: number;
  }> {
    const home = await this.requireInsider(actor, namespace);
    const [usage, list] = await Promise.all([
      this.usage(home),
      listRepoUsage(this.deps.sql, home.id, MAX_LISTED),
    ]);
    return { usage, ...list };
  }

  /** @throws {Forbidden} the caller does not administer the hub. @throws {NotFound} @throws {BadRequest} */
  async setLimits(actor: Actor, namespace: string, limits: NewLimits): Promise<NamespaceUsage> {
    const admin = requireAdmin(requireWriter(actor));
    checkLimit('The private quota', limits.privateQuotaBytes);
    checkLimit('The public quota', limits.publicQuotaBytes);
    const home = await this.home(actor, namespace);
    await this.deps.sql.transaction(async (tx) => {
      await setNamespaceLimits(tx, home.id, limits);
      await recordAct(tx, admin, { action: 'quota.set', subject: home, details: limitDetails(limits) });
    });
    return this.usage(home);
  }

  /** Counts anew what a namespace holds. @throws {Forbidden} the caller is no admin of it. @throws {NotFound} */
  async recount(actor: Actor, namespace: string): Promise<NamespaceUsage> {
    const user = requireWriter(actor);
    const home = await this.home(actor, namespace);
    if (!user.isAdmin && !allows(home.role, true, 'admin')) {
      throw new Forbidden(`You have no admin rights on ${home.name}.`);
    }
    await this.deps.sql.transaction(async (tx) => {
      await recountUsage(tx, home.id, null);
      const isOwn = allows(home.role, true, 'admin');
      if (!isOwn) await recordAct(tx, user, { action: 'quota.recount', subject: home });
    });
    return this.usage(home);
  }

  /** @throws {RepoNotFound} */
  async repo(actor: Actor, ref: RepoRef): Promise<RepoQuota> {
    return this.repoQuota(await this.#access.require(actor, ref, 'read'));
  }

  /** The same for many that the caller may read, in their order; null where the namespace is gone. One statement. */
  async ofRepos(repos: readonly RepoAccess[]): Promise<readonly (RepoQuota | null)[]> {
    const ids = [...new Set(repos.map(({ ownerId }) => ownerId))];
    const usages = new Map((await listNamespaceUsage(this.deps.sql, ids)).map((usage) => [usage.id, usage]));
    return repos.map((access) => {
      const usage = usages.get(access.ownerId);
      return usage ? repoQuota(access, usage) : null;
    });
  }

  /**
   * Gives a repository a limit of its own; null takes it back.
   * @throws {BadRequest} it is above that of the namespace. @throws {Forbidden} @throws {RepoNotFound}
   */
  async setRepoLimit(actor: Actor, ref: RepoRef, quotaBytes: number | null): Promise<RepoQuota> {
    const access = await this.requireRepoAdmin(actor, ref);
    checkLimit('The quota of a repository', quotaBytes);
    const { namespaceQuotaBytes } = await this.repoQuota(access);
    if (quotaBytes !== null && namespaceQuotaBytes !== null && quotaBytes > namespaceQuotaBytes) {
      throw new BadRequest(
        `${access.namespace} may hold ${namespaceQuotaBytes} bytes, its repositories cannot be given more.`,
      );
    }
    await setRepoLimit(this.deps.sql, access.id, quotaBytes);
    return this.repoQuota({ ...access, quotaBytes });
  }

  /** Counts anew what a repository holds. @throws {Forbidden} @throws {RepoNotFound} */
  async recountRepo(actor: Actor, ref: RepoRef): Promise<RepoQuota> {
    const access = await this.requireRepoAdmin(actor, ref);
    await this.deps.sql.transaction((tx) => recountUsage(tx, access.ownerId, access.id));
    return this.repoQuota(await this.#access.require(actor, ref, 'read'));
  }

  private async requireRepoAdmin(actor: Actor, ref: RepoRef): Promise<RepoAccess> {
    return this.#access.require(actor, ref, 'admin');
  }

  private async repoQuota(access: RepoAccess): Promise<RepoQuota> {
    const usage = await readNamespaceUsage(this.deps.sql, access.ownerId);
    if (!usage) throw new NotFound('The namespace of this repository is gone.');
    return repoQuota(access, usage);
  }

  private async home(actor: Actor, namespace: string): Promise<Namespace> {
    const userId = actor.kind === 'user' ? actor.id : null;
    const home = await findNamespace(this.deps.sql, namespace, userId);
    if (!home) throw new NotFound(`There is no namespace "${namespace.slice(0, 100)}".`);
    return home;
  }

  private async requireInsider(actor: Actor, namespace: string): Promise<Namespace> {
    requireUser(actor);
    const home = await this.home(actor, namespace);
    if (!isInsider(actor, home)) {
      throw new Forbidden(
        `Only people of ${home.name} see this. Everybody sees /api/quota/${home.name}/public.`,
      );
    }
    return home;
  }

  private async usage({ id, name }: Namespace): Promise<NamespaceUsage> {
    const usage = await readNamespaceUsage(this.deps.sql, id);
    if (!usage) throw new NotFound(`There is no namespace "${name}".`);
    return usage;
  }
}

/** A repository counts in the half of its namespace that has its visibility. */
function repoQuota(access: RepoAccess, usage: NamespaceUsage): RepoQuota {
  return access.isPrivate
    ? { access, namespaceUsedBytes: usage.privateUsedBytes, namespaceQuotaBytes: usage.privateQuotaBytes }
    : { access, namespaceUsedBytes: usage.publicUsedBytes, namespaceQuotaBytes: usage.publicQuotaBytes };
}

function isInsider(actor: Actor, home: Namespace): boolean {
  return home.role !== 'none' || (actor.kind === 'user' && actor.isAdmin);
}

function limitDetails({ privateQuotaBytes, publicQuotaBytes }: NewLimits) {
  return { private_quota_bytes: privateQuotaBytes, public_quota_bytes: publicQuotaBytes };
}

/** @throws {BadRequest} */
function checkLimit(what: string, bytes: number | null | undefined): void {
  if (bytes === null || bytes === undefined) return;
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new BadRequest(`${what} must be a whole number of bytes, or null for no limit.`);
  }
}
