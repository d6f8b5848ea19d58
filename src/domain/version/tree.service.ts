import type { Oid } from '../../git/oid.ts';
import { MAX_PATH_BYTES } from '../../git/path.ts';
import { FOLDER_MODE } from '../../git/tree.ts';
import type { ReadTree } from '../../git/tree-edit.ts';
import { BadRequest, EntryNotFound, RevisionNotFound } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { Service } from '../service.ts';
import { readBlobFacts } from './blob-facts.ts';
import type { BlobFacts } from './blob.queries.ts';
import { rootOfCommit } from './commit-root.ts';
import { findLastCommits } from './last-commits.ts';
import { decodeTreeCursor, encodeTreeCursor, invalidCursor } from './read-cursor.ts';
import { collectSiblings, type SiblingFiles, type Siblings } from './siblings.ts';
import { treeSource } from './tree-source.ts';
import {
  findPath,
  sharingReads,
  UnknownPosition,
  type WalkedEntry,
  walkFolder,
  type WalkOptions,
} from './tree-walk.ts';
import type { LastCommit, Page, TreeItem } from './values.ts';

export interface ListQuery {
  /** The folder, '' for the root. */
  readonly path: string;
  readonly recursive: boolean;
  readonly withLastCommit: boolean;
  /** 1 to 1000. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface PathsQuery {
  readonly withLastCommit: boolean;
}

const MAX_PAGE = 1000;
export const MAX_PATHS = 1000;
const PATHS_AT_ONCE = 50;

/** Reads the files and folders of a commit. Submodules are left out: their content is in another repository. */
export class TreeService extends Service {
  /** What is at a path; null when there is nothing. '' is the root folder. */
  async entry(access: RepoAccess, commitOid: Oid, path: string): Promise<TreeItem | null> {
    const cached = this.deps.versionCaches.entries.get(entryKey(access, commitOid, path));
    if (cached) return cached.item;
    const [item] = await this.findEntries(access, commitOid, [path]);
    return item ?? null;
  }

  /**
   * A page of a folder: folders first, then files, both in byte order; with `recursive` the contents of a folder follow it at
   * once. A cursor holds the commit of the first page, and that commit counts: a listing never changes while it is read.
   *
   * @throws {EntryNotFound} when the path is missing or a file. @throws {BadRequest} for a cursor of another list.
   * @throws {RevisionNotFound}
   */
  async list(access: RepoAccess, commitOid: Oid, query: ListQuery): Promise<Page<TreeItem>> {
    const { path, recursive, withLastCommit, cursor } = query;
    const position = cursor ? decodeTreeCursor(cursor) : { commitOid, path: null };
    const headOid = position.commitOid;
    if (!(await rootOfCommit(this.deps, access.storeId, headOid))) {
      throw cursor ? invalidCursor() : new RevisionNotFound(headOid);
    }
    const readTree = this.treeReader(access);
    const folder = await this.findFolder(access, { commitOid: headOid, path, readTree });
    const limit = Math.min(Math.max(query.limit, 1), MAX_PAGE);
    const options = { isRecursive: recursive, after: position.path, limit: limit + 1 };
    const entries = await walk(readTree, folder, options);
    const page = entries.slice(0, limit);
    const items = await this.toItems(access, page);
    const hasMore = entries.length > limit;
    return {
      items: withLastCommit ? await this.withLastCommits(access, headOid, items) : items,
      nextCursor: hasMore ? encodeTreeCursor({ commitOid: headOid, path: page.at(-1)!.path }) : null,
    };
  }

  /** What is at these paths, in their order; missing ones are left out. @throws {BadRequest} for more than 1000. */
  async paths(
    access: RepoAccess,
    commitOid: Oid,
    paths: readonly string[],
    { withLastCommit }: PathsQuery,
  ): Promise<readonly TreeItem[]> {
    if (paths.length > MAX_PATHS)
      throw new BadRequest(`At most ${MAX_PATHS} paths can be asked for at once.`);
    const found = await this.findEntries(access, commitOid, paths);
    const items = found.filter((item) => item !== null);
    return withLastCommit ? this.withLastCommits(access, commitOid, items) : items;
  }

  /** The newest change of each path as seen from a commit; a path without one that is near enough to be found is left out. */
  async lastCommits(
    access: RepoAccess,
    commitOid: Oid,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, LastCommit>> {
    const at = { storeId: access.storeId, headOid: commitOid, readTree: this.treeReader(access) };
    return findLastCommits(this.deps, at, [...new Set(paths)]);
  }

  /** Paths of all files, in byte order; `limit` at most, then those of upper folders. @throws {RevisionNotFound} */
  async siblings(access: RepoAccess, commitOid: Oid, limit: number): Promise<Siblings> {
    const { siblings } = this.deps.versionCaches;
    const key = siblingsKey(access, commitOid, limit);
    const known = siblings.get(key);
    if (known) return known;
    const rootOid = await this.rootOf(access, commitOid);
    const collected = await collectSiblings(this.treeReader(access), rootOid, limit);
    siblings.set(key, collected);
    return collected;
  }

  /** The same files with size and LFS target. @throws {RevisionNotFound} */
  async siblingFiles(access: RepoAccess, commitOid: Oid, limit: number): Promise<SiblingFiles> {
    const { siblingFiles } = this.deps.versionCaches;
    const key = siblingsKey(access, commitOid, limit);
    const known = siblingFiles.get(key);
    if (known) return known;
    const { files, isTruncated } = await this.siblings(access, commitOid, limit);
    const items = await this.toItems(access, files);
    const detailed = { files: items.filter((item) => item.kind === 'file'), isTruncated };
    siblingFiles.set(key, detailed);
    return detailed;
  }

  private async findEntries(
    access: RepoAccess,
    commitOid: Oid,
    paths: readonly string[],
  ): Promise<readonly (TreeItem | null)[]> {
    const { entries } = this.deps.versionCaches;
    const found = new Map<string, TreeItem | null>();
    for (const path of paths) {
      const cached = entries.get(entryKey(access, commitOid, path));
      if (cached) found.set(path, cached.item);
    }
    const missing = [...new Set(paths)].filter((path) => !found.has(path) && path.length <= MAX_PATH_BYTES);
    for (const [path, item] of await this.readEntries(access, commitOid, missing)) {
      found.set(path, item);
      entries.set(entryKey(access, commitOid, path), { item });
    }
    return paths.map((path) => found.get(path) ?? null);
  }

  private async readEntries(
    access: RepoAccess,
    commitOid: Oid,
    paths: readonly string[],
  ): Promise<ReadonlyMap<string, TreeItem | null>> {
    if (paths.length === 0) return new Map();
    const rootOid = await this.rootOf(access, commitOid);
    const walked: (WalkedEntry | null)[] = [];
    // In parts, because each path may lie in another folder and decoded folders are large.
    for (let start = 0; start < paths.length; start += PATHS_AT_ONCE) {
      const readTree = sharingReads(this.treeReader(access));
      const part = paths.slice(start, start + PATHS_AT_ONCE);
      walked.push(...(await Promise.all(part.map((path) => findPath(readTree, rootOid, path)))));
    }
    const items = await this.toItems(
      access,
      walked.filter((entry) => entry !== null),
    );
    const byPath = new Map(items.map((item) => [item.path, item]));
    return new Map(paths.map((path) => [path, byPath.get(path) ?? null]));
  }

  private async findFolder(
    access: RepoAccess,
    { commitOid, path, readTree }: { commitOid: Oid; path: string; readTree: ReadTree },
  ): Promise<WalkedEntry> {
    const rootOid = await this.rootOf(access, commitOid);
    const folder = await findPath(readTree, rootOid, path);
    if (folder?.mode !== FOLDER_MODE) throw new EntryNotFound(path, commitOid);
    return folder;
  }

  private async toItems(access: RepoAccess, entries: readonly WalkedEntry[]): Promise<readonly TreeItem[]> {
    const oids = new Set(entries.filter((entry) => entry.mode !== FOLDER_MODE).map((entry) => entry.oid));
    const facts = await readBlobFacts(this.deps, access.storeId, oids);
    return entries.map((entry) => toItem(entry, facts));
  }

  private async withLastCommits(
    access: RepoAccess,
    headOid: Oid,
    items: readonly TreeItem[],
  ): Promise<readonly TreeItem[]> {
    const paths = items.map((item) => item.path);
    const commits = await this.lastCommits(access, headOid, paths);
    return items.map((item) => {
      const lastCommit = commits.get(item.path);
      return lastCommit ? { ...item, lastCommit } : item;
    });
  }

  private async rootOf({ storeId }: RepoAccess, commitOid: Oid): Promise<Oid> {
    const rootOid = await rootOfCommit(this.deps, storeId, commitOid);
    if (rootOid === null) throw new RevisionNotFound(commitOid);
    return rootOid;
  }

  private treeReader({ storeId }: RepoAccess): ReadTree {
    return treeSource(this.deps.sql, this.deps.versionCaches, storeId);
  }
}

function entryKey({ storeId }: RepoAccess, commitOid: Oid, path: string): string {
  return `${storeId}:${commitOid}:${path}`;
}

function siblingsKey({ storeId }: RepoAccess, commitOid: Oid, limit: number): string {
  return `${storeId}:${commitOid}:${limit}`;
}

async function walk(
  readTree: ReadTree,
  folder: WalkedEntry,
  options: WalkOptions,
): Promise<readonly WalkedEntry[]> {
  try {
    return await walkFolder(readTree, folder, options);
  } catch (error) {
    if (error instanceof UnknownPosition) throw invalidCursor();
    throw error;
  }
}

function toItem({ path, mode, oid }: WalkedEntry, facts: ReadonlyMap<Oid, BlobFacts>): TreeItem {
  if (mode === FOLDER_MODE) return { kind: 'folder', path, oid };
  const blob = facts.get(oid);
  if (!blob) throw new Error(`the store lacks the blob ${oid}`);
  return { kind: 'file', path, mode, oid, sizeBytes: blob.lfs?.sizeBytes ?? blob.sizeBytes, lfs: blob.lfs };
}
