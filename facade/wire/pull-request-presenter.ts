import type { PullRequest } from '../../src/domain/discussion/pull-request.service.ts';
import type { PullRequestEvent } from '../../src/domain/discussion/pull-request.queries.ts';
import { wireDate } from './dates.ts';

/** A pull request as `get_discussion_details` of huggingface_hub parses it. */
export function presentPullRequest(found: PullRequest) {
  const { repo, number, title, status, createdAt, baseRef, mergeCommitOid, conflicts, patch } = found;
  return {
    num: number,
    title,
    status,
    isPullRequest: true,
    createdAt: wireDate(createdAt),
    ...presentAuthor(found),
    repo: { name: repo.fullName, type: repo.type },
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
