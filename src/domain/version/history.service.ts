import type { Oid } from '../../git/oid.ts';
import { RevisionNotFound } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { Service } from '../service.ts';
import { countAncestors, findAncestors, findCommits, findCommitsOf } from './history.queries.ts';
import { readCommitsAhead, walkHistory } from './history-walk.ts';
import { decodeHistoryCursor, encodeHistoryCursor, invalidCursor } from './read-cursor.ts';
import type { CommitInfo, Page } from './values.ts';

export interface HistoryQuery {
  /** 1 to 1000. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** A commit with the repository in which it was found. */
export interface CommitOfRepo extends CommitInfo {
  readonly repo: RepoAccess;
}

const MAX_PAGE = 1000;

/** Reads the history of a revision. */
export class HistoryService extends Service {
  /**
   * All ancestors of a commit and itself, newest first as `git log` lists them. A page after the first stays in the history
   * of the first page, even when the branch has moved on and `commitOid` is another one by now.
   *
   * @throws {RevisionNotFound} @throws {BadRequest} for a cursor of something else.
   */
  async list(access: RepoAccess, commitOid: Oid, { limit, cursor }: HistoryQuery): Promise<Page<CommitInfo>> {
    const position = cursor ? decodeHistoryCursor(cursor) : { start: commitOid, skip: 0 };
    const pageSize = Math.min(Math.max(limit, 1), MAX_PAGE);
    const { sql } = this.deps;
    const { storeId } = access;
    const readCommit = readCommitsAhead(
      (oid, count) => findAncestors(sql, storeId, { oid, limit: count }),
      pageSize + 1,
    );
    const { commits, next } = await walkHistory(readCommit, position, pageSize);
    if (commits.length === 0) throw cursor ? invalidCursor() : new RevisionNotFound(commitOid);
    const infos = await findCommits(
      sql,
      storeId,
      commits.map((commit) => commit.oid),
    );
    return {
      items: commits.flatMap(({ oid }) => infos.get(oid) ?? []),
      nextCursor: next && encodeHistoryCursor(next),
    };
  }

  /** How many commits the history of a commit has; null when it is too long to be counted. */
  async count({ storeId }: RepoAccess, commitOid: Oid): Promise<number | null> {
    const { commitCounts } = this.deps.versionCaches;
    const key = `${storeId}:${commitOid}`;
    const known = commitCounts.get(key);
    if (known !== undefined) return known.count;
    const count = await countAncestors(this.deps.sql, storeId, commitOid);
    commitCounts.set(key, { count });
    return count;
  }

  /** What `main` of each repository is at, in their order; null for one without commits. One statement. The caller may read them. */
  async heads(repos: readonly RepoAccess[]): Promise<readonly (CommitOfRepo | null)[]> {
    return this.commitsOf(repos.map((repo) => repo.headOid && { repo, oid: repo.headOid }));
  }

  /** Commits of any repositories, in this order; null for one that is not there. One statement. The caller may read the repositories. */
  async commitsOf(
    wanted: readonly ({ readonly repo: RepoAccess; readonly oid: Oid } | null)[],
  ): Promise<readonly (CommitOfRepo | null)[]> {
    const asked = wanted.filter((each) => each !== null);
    const keys = asked.map(({ repo, oid }) => ({ storeId: repo.storeId, oid }));
    const commits = keys.length === 0 ? [] : await findCommitsOf(this.deps.sql, keys);
    const found = new Map(asked.map((each, i) => [each, commits[i] ?? null]));
    return wanted.map((each) => {
      const commit = each && found.get(each);
      return commit ? { ...commit, repo: each.repo } : null;
    });
  }

  /** One commit of this repository. @throws {RevisionNotFound} */
  async commit(access: RepoAccess, oid: Oid): Promise<CommitInfo> {
    const commit = (await findCommits(this.deps.sql, access.storeId, [oid])).get(oid);
    if (!commit) throw new RevisionNotFound(oid);
    return commit;
  }
}
