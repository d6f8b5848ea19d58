import type { FoundCommit } from '../../../src/domain/history/diff.service.ts';
import type { CommitResult } from '../../../src/domain/version/commit-request.ts';
import type { CommitInfo } from '../../../src/domain/version/values.ts';

/** A commit as histories show it. */
export function commitDto(commit: CommitInfo) {
  return {
    oid: commit.oid as string,
    parents: commit.parents as readonly string[],
    title: commit.title,
    body: commit.body,
    authorName: commit.authorName,
    authorEmail: commit.authorEmail,
    userName: commit.userName,
    committedAt: commit.committedAt.toISOString(),
  };
}

/** With what only the page of a commit shows. */
export function commitDetailDto({ commit }: FoundCommit) {
  return {
    ...commitDto(commit),
    message: commit.message,
    authoredAt: commit.authoredAt.toISOString(),
    committerName: commit.committerName,
    committerEmail: commit.committerEmail,
  };
}

/** What a new commit leads to; the old head when nothing changed. */
export function commitResultDto({ commitOid, refName, pullRequestNumber }: CommitResult) {
  return { commitOid: commitOid as string, refName, pullRequestNumber };
}
