import type { PullRequest } from '../../src/domain/discussion/pull-request.service.ts';
import type {
  ListedPullRequest,
  PullRequestEvent,
} from '../../src/domain/discussion/pull-request.queries.ts';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import { wireDate } from './dates.ts';

/** A pull request as `get_repo_discussions` of huggingface_hub parses it. */
export function presentListedPullRequest(repo: RepoAccess, item: ListedPullRequest) {
  return {
    num: item.number,
    title: item.title,
    status: item.status,
    isPullRequest: true,
    createdAt: wireDate(item.createdAt),
    ...presentAuthor(item),
    repo: { name: repo.fullName, type: repo.type },
  };
}

/** A pull request as `get_discussion_details` of huggingface_hub parses it. */
export function presentPullRequest(found: PullRequest) {
  const { repo, baseRef, mergeCommitOid, conflicts, patch } = found;
  return {
    ...presentListedPullRequest(repo, found),
    changes: { base: baseRef, ...(mergeCommitOid !== null && { mergeCommitId: mergeCommitOid }) },
    filesWithConflicts: conflicts,
    events: found.events.map(presentEvent),
    ...(patch !== null && { diff: patch }),
  };
}

function presentEvent(event: PullRequestEvent) {
  const { id, type, createdAt, data } = event;
  const author = presentAuthor(event);
  const common = { id, type, createdAt: wireDate(createdAt), ...author };
  if (type !== 'comment') return { ...common, data };
  const latest = { raw: data['text'], updatedAt: wireDate(createdAt), ...author };
  return { ...common, data: { edited: false, hidden: false, latest } };
}

/** Left out when the account is gone; clients say "deleted" then. */
function presentAuthor({ authorName }: { readonly authorName: string | null }) {
  return authorName === null ? null : { author: { name: authorName } };
}
