import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { PayloadTooLarge } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { findXetHashes } from '../xet/xet-file.queries.ts';
import type { HistoryQuery, HistoryService } from '../version/history.service.ts';
import type { RevisionService } from '../version/revision.service.ts';
import { type ListQuery, MAX_PATHS, type PathsQuery, type TreeService } from '../version/tree.service.ts';
import type { CommitInfo, Page, TreeItem } from '../version/values.ts';

/** Which revision of which repository a caller looks at. */
export interface RevisionRef {
  readonly repo: RepoRef;
  readonly revision: string;
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

  private async withXetHashes(access: RepoAccess, items: readonly TreeItem[]): Promise<readonly TreeItem[]> {
    const sha256s = items.flatMap((item) => (item.kind === 'file' && item.lfs ? [item.lfs.sha256] : []));
    const hashes = await findXetHashes(this.deps.sql, access.id, [...new Set(sha256s)]);
    return items.map((item) => {
      const xetHash = item.kind === 'file' && item.lfs ? hashes.get(item.lfs.sha256) : undefined;
      return xetHash ? { ...item, xetHash } : item;
    });
  }
}
