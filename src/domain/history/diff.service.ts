import { parseCommit } from '../../git/commit.ts';
import type { Oid } from '../../git/oid.ts';
import type { TreePair } from '../../git/tree-diff.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import type { RevisionRef } from '../download/browse.service.ts';
import { PayloadTooLarge, RevisionNotFound } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { readBlobFacts } from '../version/blob-facts.ts';
import type { BlobService } from '../version/blob.service.ts';
import { rootOfCommit } from '../version/commit-root.ts';
import { findAncestors, findCommits } from '../version/history.queries.ts';
import { readCommitsAhead } from '../version/history-walk.ts';
import type { HistoryService } from '../version/history.service.ts';
import { readObjectData } from '../version/object.queries.ts';
import {
  decodeDiffCursor,
  decodeSideCursor,
  encodeDiffCursor,
  encodeSideCursor,
  invalidCursor,
} from '../version/read-cursor.ts';
import type { RevisionService } from '../version/revision.service.ts';
import { treeSource } from '../version/tree-source.ts';
import type { CommitInfo, Page } from '../version/values.ts';
import { blobsOf, listChanges, toFileChange } from './change-list.ts';
import { type Divergence, findDivergence } from './divergence.ts';
import { diffFiles, fittingChanges, type LfsText, splitKinds, toPatch } from './file-diffs.ts';
import type { CommitDetail, FileChange, FileDiff } from './values.ts';

/** `names` are metadata, which everybody sees who sees the repository; a gate keeps `contents` from others. */
export type Looking = 'names' | 'contents';

/** `merge-base` shows what the head changed since it left the base, `base` all that differs. */
export const RANGE_STARTS = ['merge-base', 'base'] as const;

/** Two revisions. */
export interface Range {
  readonly base: string;
  readonly head: string;
  readonly from: (typeof RANGE_STARTS)[number];
}

/** Two commits whose trees are compared. */
export interface Compared {
  readonly access: RepoAccess;
  /** Null compares with nothing at all. */
  readonly baseOid: Oid | null;
  readonly headOid: Oid;
  /** The revision that stands for the base in cursors: with `merge-base` not the commit that is compared with. */
  readonly askedBaseOid: Oid | null;
  readonly trees: TreePair;
}

export interface FoundCommit {
  readonly commit: CommitDetail;
  /** With its first parent. */
  readonly compared: Compared;
}

export interface FoundRange {
  readonly compared: Compared;
  readonly baseOid: Oid;
  readonly headOid: Oid;
  /** Null when the two have no common history. */
  readonly mergeBaseOid: Oid | null;
  readonly aheadCount: number;
  readonly behindCount: number;
}

export interface FilesQuery {
  /** 1 to 1000. */
  readonly limit: number;
  /** `nextCursor` of the page before. It also decides which commits are compared. */
  readonly cursor?: string | undefined;
  /** Only this file or folder. */
  readonly path?: string | undefined;
}

/** `ahead`: commits of the head that the base lacks; `behind`: the other way round. */
export const SIDES = ['ahead', 'behind'] as const;
export type Side = (typeof SIDES)[number];

const MAX_PAGE = 1000;
/** A patch is one document: larger ones are for a clone. */
const MAX_PATCH_FILES = 3000;
const MAX_PATCH_TEXT_BYTES = 1_000_000;
const FIRST_COMMITS = 64;

/** Shows what changed: in a commit, and between two revisions. All of it follows from ids, so it never changes. */
export class DiffService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;
  readonly #history: HistoryService;
  readonly #blobs: BlobService;

  constructor(
    deps: Deps,
    services: {
      access: RepoAccessService;
      revisions: RevisionService;
      history: HistoryService;
      blobs: BlobService;
    },
  ) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
    this.#history = services.history;
    this.#blobs = services.blobs;
  }

  /** One commit. @throws {RevisionNotFound} @throws {GatedRepo} for contents. */
  async findCommit(actor: Actor, { repo, revision }: RevisionRef, looking: Looking): Promise<FoundCommit> {
    const access = await this.permit(actor, repo, looking);
    const { commitOid } = await this.#revisions.resolve(access, revision);
    const commit = await this.detail(access, await this.#history.commit(access, commitOid));
    const baseOid = commit.parents[0] ?? null;
    const compared = await this.compare(access, { baseOid, askedBaseOid: baseOid, headOid: commitOid });
    return { commit, compared };
  }

  /**
   * Two revisions of one repository.
   * @param cursor of a later page, which stays with the commits of the first one.
   * @throws {RevisionNotFound} @throws {GatedRepo} for contents. @throws {PayloadTooLarge} for histories too far apart.
   */
  async findRange(
    actor: Actor,
    repo: RepoRef,
    range: Range,
    { looking, cursor }: { readonly looking: Looking; readonly cursor?: string | undefined },
  ): Promise<FoundRange> {
    const access = await this.permit(actor, repo, looking);
    const { base, head } = await this.ends(access, range, cursor);
    const { mergeBases, ahead, behind } = await this.divergence(access, base, head);
    const mergeBaseOid = mergeBases[0]?.oid ?? null;
    const from = range.from === 'base' ? base : mergeBaseOid;
    return {
      compared: await this.compare(access, { baseOid: from, askedBaseOid: base, headOid: head }),
      baseOid: base,
      headOid: head,
      mergeBaseOid,
      aheadCount: ahead.length,
      behindCount: behind.length,
    };
  }

  /** Changed files with their sizes, a page in byte order of the paths. @throws {BadRequest} for a cursor of another list. */
  async files(compared: Compared, query: FilesQuery): Promise<Page<FileChange>> {
    const { changes, hasMore } = await this.changes(compared, query);
    return { items: changes, nextCursor: hasMore ? cursorAfter(compared, changes) : null };
  }

  /** The same with texts. A page may be shorter than asked for, so that it never compares more than some megabytes. */
  async diffs(compared: Compared, query: FilesQuery): Promise<Page<FileDiff>> {
    const { changes, hasMore } = await this.changes(compared, query);
    const fitting = fittingChanges(changes, 'omit');
    const isLast = !hasMore && fitting.length === changes.length;
    const items = await this.withTexts(compared, fitting, 'omit');
    return { items, nextCursor: isLast ? null : cursorAfter(compared, fitting) };
  }

  /**
   * One patch of everything, which `git apply` takes. LFS files are their pointers, and files that are no text are only named.
   * @throws {PayloadTooLarge} for more than 3000 files, before the first byte.
   */
  async patch(compared: Compared): Promise<AsyncIterable<Buffer>> {
    const page = { path: '', position: null, limit: MAX_PATCH_FILES };
    const { changes, hasMore } = await listChanges(this.treeReader(compared), compared.trees, page);
    if (hasMore) {
      throw new PayloadTooLarge(
        `More than ${MAX_PATCH_FILES} files differ. Ask for pages, or compare them in a clone.`,
      );
    }
    const facts = await readBlobFacts(this.deps, compared.access.storeId, blobsOf(changes));
    const files = changes.map((change) => toFileChange(change, facts)).flatMap(splitKinds);
    return this.patchOf(compared, files);
  }

  /** The same patch as one text of at most 1 MB. @throws {PayloadTooLarge} */
  async patchText(compared: Compared): Promise<string> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of await this.patch(compared)) {
      bytes += part.length;
      if (bytes > MAX_PATCH_TEXT_BYTES) {
        throw new PayloadTooLarge('The patch is larger than 1 MB. Ask for pages, or compare in a clone.');
      }
      parts.push(part);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  /** A page of the commits that only one side has, newest first. @throws {BadRequest} for a cursor of another list. */
  async sideCommits(
    actor: Actor,
    repo: RepoRef,
    range: Range,
    {
      side,
      limit,
      cursor,
    }: { readonly side: Side; readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<CommitInfo>> {
    const access = await this.permit(actor, repo, 'names');
    const { base, head, skip } = await this.sideEnds(access, range, cursor);
    const divergence = await this.divergence(access, base, head);
    const end = skip + Math.min(Math.max(limit, 1), MAX_PAGE);
    const oids = divergence[side].slice(skip, end);
    const infos = await findCommits(this.deps.sql, access.storeId, oids);
    const hasMore = divergence[side].length > end;
    return {
      items: oids.flatMap((oid) => infos.get(oid) ?? []),
      nextCursor: hasMore ? encodeSideCursor({ baseOid: base, headOid: head, skip: end }) : null,
    };
  }

  /** How two commits of a repository lie to each other; remembered, because it cannot change. */
  private async divergence({ storeId }: RepoAccess, base: Oid, head: Oid): Promise<Divergence> {
    const { divergences } = this.deps.history;
    const key = `${storeId}:${base}:${head}`;
    const known = divergences.get(key);
    if (known) return known;
    const readCommit = readCommitsAhead(
      (oid, limit) => findAncestors(this.deps.sql, storeId, { oid, limit }),
      FIRST_COMMITS,
    );
    const found = await findDivergence(readCommit, { base, head });
    divergences.set(key, found);
    return found;
  }

  private async permit(actor: Actor, repo: RepoRef, looking: Looking): Promise<RepoAccess> {
    if (looking === 'names') return this.#access.require(actor, repo, 'read');
    return this.#access.requireFiles(actor, repo);
  }

  private async ends(access: RepoAccess, range: Range, cursor: string | undefined) {
    if (!cursor) return this.resolveBoth(access, range);
    const { baseOid, headOid } = decodeDiffCursor(cursor);
    if (baseOid === null) throw invalidCursor();
    return { base: baseOid, head: headOid };
  }

  private async sideEnds(access: RepoAccess, range: Range, cursor: string | undefined) {
    if (!cursor) return { ...(await this.resolveBoth(access, range)), skip: 0 };
    const { baseOid, headOid, skip } = decodeSideCursor(cursor);
    for (const oid of [baseOid, headOid]) {
      if (!(await rootOfCommit(this.deps, access.storeId, oid))) throw invalidCursor();
    }
    return { base: baseOid, head: headOid, skip };
  }

  private async resolveBoth(access: RepoAccess, range: Range): Promise<{ base: Oid; head: Oid }> {
    const base = await this.#revisions.resolve(access, range.base);
    const head = await this.#revisions.resolve(access, range.head);
    return { base: base.commitOid, head: head.commitOid };
  }

  private async compare(
    access: RepoAccess,
    commits: Pick<Compared, 'baseOid' | 'headOid' | 'askedBaseOid'>,
  ): Promise<Compared> {
    const before = commits.baseOid && (await this.rootOf(access, commits.baseOid));
    return { access, ...commits, trees: { before, after: await this.rootOf(access, commits.headOid) } };
  }

  private async rootOf({ storeId }: RepoAccess, commitOid: Oid): Promise<Oid> {
    const rootOid = await rootOfCommit(this.deps, storeId, commitOid);
    if (rootOid === null) throw new RevisionNotFound(commitOid);
    return rootOid;
  }

  private async detail({ storeId }: RepoAccess, commit: CommitInfo): Promise<CommitDetail> {
    const bytes = (await readObjectData(this.deps.sql, storeId, [commit.oid])).get(commit.oid);
    if (!bytes) throw new RevisionNotFound(commit.oid);
    const { message, author, committer } = parseCommit(bytes);
    return {
      ...commit,
      message,
      authoredAt: author.at,
      committerName: committer.name,
      committerEmail: committer.email,
    };
  }

  private async changes(
    compared: Compared,
    { limit, cursor, path = '' }: FilesQuery,
  ): Promise<{ changes: readonly FileChange[]; hasMore: boolean }> {
    const position = cursor ? positionIn(compared, cursor) : null;
    const page = { path, position, limit: Math.min(Math.max(limit, 1), MAX_PAGE) };
    const { changes, hasMore } = await listChanges(this.treeReader(compared), compared.trees, page);
    const facts = await readBlobFacts(this.deps, compared.access.storeId, blobsOf(changes));
    return { changes: changes.map((change) => toFileChange(change, facts)), hasMore };
  }

  private async withTexts(
    { access }: Compared,
    changes: readonly FileChange[],
    lfs: LfsText,
  ): Promise<readonly FileDiff[]> {
    const source = {
      shared: this.deps.history,
      storeId: access.storeId,
      readBlob: (oid: Oid, limitBytes: number) => this.#blobs.read(access, oid, limitBytes),
    };
    return diffFiles(source, changes, lfs);
  }

  private async *patchOf(compared: Compared, files: readonly FileChange[]): AsyncGenerator<Buffer> {
    for (let rest = files; rest.length > 0;) {
      const fitting = fittingChanges(rest, 'pointer');
      rest = rest.slice(fitting.length);
      yield Buffer.concat((await this.withTexts(compared, fitting, 'pointer')).map(toPatch));
    }
  }

  private treeReader({ access }: Compared) {
    return treeSource(this.deps.sql, this.deps.versionCaches, access.storeId);
  }
}

function cursorAfter({ askedBaseOid, headOid }: Compared, changes: readonly FileChange[]): string {
  return encodeDiffCursor({ baseOid: askedBaseOid, headOid, path: changes.at(-1)!.path });
}

function positionIn({ askedBaseOid, headOid }: Compared, cursor: string): string {
  const position = decodeDiffCursor(cursor);
  if (position.baseOid !== askedBaseOid || position.headOid !== headOid) throw invalidCursor();
  return position.path;
}
