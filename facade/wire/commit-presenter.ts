import { type RepoRef, repoUrl } from '../../src/domain/repo/repo-ref.ts';
import type { CommitResult } from '../../src/domain/version/commit-request.ts';
import type { CommitInfo, RefInfo } from '../../src/domain/version/values.ts';
import { wireDate } from './dates.ts';

/** What huggingface_hub's `CommitInfo` is made of; it parses both URLs. */
export function presentCommitResult(baseUrl: string, repo: RepoRef, result: CommitResult) {
  const url = repoUrl(baseUrl, repo);
  const { commitOid, pullRequestNumber } = result;
  return {
    success: true,
    commitOid,
    commitUrl: `${url}/commit/${commitOid}`,
    hookOutput: '',
    ...(pullRequestNumber !== null && { pullRequestUrl: `${url}/discussions/${pullRequestNumber}` }),
  };
}

/** An entry of `list_repo_commits`. */
export function presentCommit(commit: CommitInfo) {
  return {
    id: commit.oid,
    title: commit.title,
    message: commit.body,
    date: wireDate(commit.committedAt),
    authors: [{ user: commit.userName ?? commit.authorName }],
  };
}

/** The same with title and message as HTML, for `expand[]=formatted`. */
export function presentFormattedCommit(commit: CommitInfo) {
  const formatted = { title: escapeHtml(commit.title), message: escapeHtml(commit.body) };
  return { ...presentCommit(commit), formatted };
}

/** An entry of `list_repo_refs`. */
export function presentRef({ name, refName, commitOid }: RefInfo) {
  return { name, ref: refName, targetCommit: commitOid };
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char]!);
}
