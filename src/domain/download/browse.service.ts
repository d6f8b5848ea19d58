import type { Oid } from '../../git/oid.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { PayloadTooLarge } from '../errors.ts';
import type { RepoAccess, Revision } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { findXetHashes } from '../xet/xet-file.queries.ts';
import type { CommitOfRepo, HistoryQuery, HistoryService } from '../version/history.service.ts';
import type { RevisionService } from '../version/revision.service.ts';
import { type ListQuery, MAX_PATHS, type PathsQuery, type TreeService } from '../version/tree.service.ts';
import type { CommitInfo, LastCommit, Page, TreeItem } from '../version/values.ts';

/** Which revision of which repository a caller looks at. */
export interface RevisionRef {
  readonly repo: RepoRef;
  readonly revision: string;
}

/** A revision that was found, with its repository. */
export interface RevisionOfRepo extends Revision {
  readonly repo: RepoAccess;
}

/** A path at a commit. */
export interface PathRef {
  readonly repo: RepoRef;
  readonly commitOid: Oid;
  readonly path: string;
}

/** A commit by its id. */
export interface CommitRef {
  readonly repo: RepoRef;
  readonly oid: Oid;
}

/** What everybody who may see a repository can list: names, sizes and history, not the contents of files. */
export class BrowseService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;
  readonly #trees: TreeService;
  readonly #history: HistoryService;

  constructor(
    deps: Deps,
    services: {
      access: RepoAccessService;
      revisions: RevisionService;
      trees: TreeService;
      history: HistoryService;
    },
  ) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
    this.#trees = services.trees;
    this.#history = services.history;
  }

  /** @throws {RevisionNotFound} */
  async revision(actor: Actor, { repo, revision }: RevisionRef): Promise<RevisionOfRepo> {
    const access = await this.#access.require(actor, repo, 'read');
    return { repo: access, ...(await this.#revisions.resolve(access, revision)) };
  }

  /** A page of a folder. @throws {EntryNotFound} also for a file. @throws {RevisionNotFound} */
  async folder(actor: Actor, { repo, revision }: RevisionRef, query: ListQuery): Promise<Page<TreeItem>> {
    const access = await this.#access.require(actor, repo, 'read');
    const { commitOid } = await this.#revisions.resolve(access, revision);
    const page = await this.#trees.list(access, commitOid, query);
    return { ...page, items: await this.withXetHashes(access, page.items) };
  }

  /** What is at these paths; missing ones are left out. @throws {PayloadTooLarge} for more than 1000. */
  async paths(
    actor: Actor,
    { repo, revision }: RevisionRef,
    { paths, withLastCommit }: PathsQuery & { readonly paths: readonly string[] },
  ): Promise<readonly TreeItem[]> {
    const access = await this.#access.require(actor, repo, 'read');
    if (paths.length > MAX_PATHS) throw new PayloadTooLarge(`Ask for at most ${MAX_PATHS} paths at once.`);
    const { commitOid } = await this.#revisions.resolve(access, revision);
    const items = await this.#trees.paths(access, commitOid, paths, { withLastCommit });
    return this.withXetHashes(access, items);
  }

  /** A page of the history, newest first. @throws {RevisionNotFound} */
  async commits(
    actor: Actor,
    { repo, revision }: RevisionRef,
    query: HistoryQuery,
  ): Promise<Page<CommitInfo>> {
    const access = await this.#access.require(actor, repo, 'read');
    const { commitOid } = await this.#revisions.resolve(access, revision);
    return this.#history.list(access, commitOid, query);
  }

  /** How many commits a revision has; null when there are too many to count. @throws {RevisionNotFound} */
  async commitCount(actor: Actor, { repo, revision }: RevisionRef): Promise<number | null> {
    const access = await this.#access.require(actor, repo, 'read');
    const { commitOid } = await this.#revisions.resolve(access, revision);
    return this.#history.count(access, commitOid);
  }

  /** Commits of any repositories, in the order of the references; null for one that is missing or hidden. Two statements. */
  async commitsAt(actor: Actor, wanted: readonly CommitRef[]): Promise<readonly (CommitOfRepo | null)[]> {
    const repos = await Promise.all(wanted.map(({ repo }) => this.#access.find(actor, repo)));
    return this.#history.commitsOf(repos.map((repo, i) => repo && { repo, oid: wanted[i]!.oid }));
  }

  /** The same for repositories by id. */
  async commitsByRepoId(
    actor: Actor,
    wanted: readonly { readonly repoId: number; readonly oid: Oid }[],
  ): Promise<readonly (CommitOfRepo | null)[]> {
    const repos = await this.#access.findByIds(
      actor,
      wanted.map(({ repoId }) => repoId),
    );
    return this.#history.commitsOf(repos.map((repo, i) => repo && { repo, oid: wanted[i]!.oid }));
  }

  /**
   * The newest change of each path as seen from its commit, in the order of the paths; null where it is not found, or the repository
   * is hidden. One or two statements for each commit among them.
   */
  async lastCommits(actor: Actor, places: readonly PathRef[]): Promise<readonly (LastCommit | null)[]> {
    const found = new Map<PathRef, LastCommit>();
    const byCommit = Map.groupBy(
      places,
      ({ repo, commitOid }) => `${repo.type}:${repo.namespace}/${repo.name}:${commitOid}`,
    );
    await Promise.all(
      [...byCommit.values()].map(async (group) => {
        const { repo, commitOid } = group[0]!;
        const access = await this.#access.find(actor, repo);
        if (!access) return;
        const paths = group.map(({ path }) => path);
        const commits = await this.#trees.lastCommits(access, commitOid, paths);
        for (const place of group) {
          const commit = commits.get(place.path);
          if (commit) found.set(place, commit);
        }
      }),
    );
    return places.map((place) => found.get(place) ?? null);
  }

  private async withXetHashes(access: RepoAccess, items: readonly TreeItem[]): Promise<readonly TreeItem[]> {
    const sha256s = items.flatMap((item) => (item.kind === 'file' && item.lfs ? [item.lfs.sha256] : []));
    const hashes = await findXetHashes(this.deps.sql, access.id, [...new Set(sha256s)]);
    return items.map((item) => {
      const xetHash = item.kind === 'file' && item.lfs ? hashes.get(item.lfs.sha256) : undefined;
      return xetHash ? { ...item, xetHash } : item;
    });
  }
}
