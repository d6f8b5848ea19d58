import type { Oid } from '../../git/oid.ts';
import type { Actor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { RevisionNotFound } from '../errors.ts';
import { Service } from '../service.ts';
import type { RevisionService } from '../version/revision.service.ts';
import type { TreeService } from '../version/tree.service.ts';
import type { LfsTarget } from '../version/values.ts';
import type { RepoAccess } from './repo-access.ts';
import type { RepoAccessService } from './repo-access.service.ts';
import type { RepoRef } from './repo-ref.ts';

/** `paths` come from the cache of trees; `details` (size, blob id, LFS) cost a statement. */
export type FilesWanted = 'none' | 'paths' | 'details';

/** A file of a revision; everything but the path only when details were asked for. */
export interface RepoFile {
  readonly path: string;
  readonly oid?: Oid;
  readonly sizeBytes?: number;
  readonly lfs?: LfsTarget | null;
}

export interface RepoInfo {
  readonly repo: RepoAccess;
  /** The revision that was asked for; null when `main` has no commit. */
  readonly commitOid: Oid | null;
  /** Null when they were not asked for, or when there are too many to list them here. */
  readonly files: readonly RepoFile[] | null;
}

export interface InfoQuery {
  /** Null is `main`. */
  readonly revision: string | null;
  readonly files: FilesWanted;
}

/**
 * One more than huggingface_hub takes for granted: when it is given more than 50,000 files it lists the tree page by
 * page instead (`VERY_LARGE_REPO_THRESHOLD`).
 */
const MAX_FILES = 50_001;
/** Lists of repositories leave the files of larger ones out. */
const MAX_LISTED_FILES = 1000;

interface Readers {
  readonly access: RepoAccessService;
  readonly revisions: RevisionService;
  readonly trees: TreeService;
}

/** What everybody who may see a repository can know about it, also when its files are behind a gate. */
export class RepoInfoService extends Service {
  readonly #readers: Readers;

  constructor(deps: Deps, readers: Readers) {
    super(deps);
    this.#readers = readers;
  }

  /** @throws {RepoNotFound} @throws {RepoMoved} @throws {RevisionNotFound} */
  async info(actor: Actor, ref: RepoRef, { revision, files }: InfoQuery): Promise<RepoInfo> {
    const repo = await this.#readers.access.require(actor, ref, 'read');
    // The row of the repository holds the head of `main`.
    const commitOid =
      revision === null ? repo.headOid : (await this.#readers.revisions.resolve(repo, revision)).commitOid;
    if (files === 'none' || !commitOid) return { repo, commitOid, files: files === 'none' ? null : [] };
    return { repo, commitOid, files: await this.files(repo, commitOid, files) };
  }

  /** The same for repositories of a list, at `main`. The caller may read them. */
  async infos(repos: readonly RepoAccess[], files: FilesWanted): Promise<readonly RepoInfo[]> {
    if (files === 'none') return repos.map((repo) => ({ repo, commitOid: repo.headOid, files: null }));
    const infos: RepoInfo[] = [];
    for (const repo of repos) {
      infos.push({ repo, commitOid: repo.headOid, files: await this.listedFiles(repo, files) });
    }
    return infos;
  }

  private async files(repo: RepoAccess, commitOid: Oid, files: 'paths' | 'details') {
    const { trees } = this.#readers;
    if (files === 'paths') return (await trees.siblings(repo, commitOid, MAX_FILES)).files;
    return (await trees.siblingFiles(repo, commitOid, MAX_FILES)).files;
  }

  private async listedFiles(
    repo: RepoAccess,
    files: 'paths' | 'details',
  ): Promise<readonly RepoFile[] | null> {
    if (!repo.headOid) return [];
    try {
      const { trees } = this.#readers;
      const paths = await trees.siblings(repo, repo.headOid, MAX_LISTED_FILES);
      if (paths.isTruncated) return null;
      return files === 'paths'
        ? paths.files
        : (await trees.siblingFiles(repo, repo.headOid, MAX_LISTED_FILES)).files;
    } catch (error) {
      // Deleted while the list was read.
      if (error instanceof RevisionNotFound) return null;
      throw error;
    }
  }
}
