import { type Oid, oidFromBytes } from '../../git/oid.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import { normalizeName } from '../names.ts';
import type { DiscussionStatus } from './discussion.entity.ts';
import type { DISCUSSION_EVENT_TYPES } from './discussion-event.entity.ts';

export interface PullRequestRow {
  readonly id: number;
  readonly title: string;
  readonly status: DiscussionStatus;
  readonly authorName: string | null;
  readonly createdAt: Date;
  readonly baseRef: string;
  readonly mergeCommitOid: Oid | null;
}

/** A pull request in a list. */
export interface ListedPullRequest extends Pick<
  PullRequestRow,
  'title' | 'status' | 'authorName' | 'createdAt'
> {
  readonly number: number;
}

export interface PullRequestFilter {
  readonly repoId: number;
  /** Null is any. */
  readonly statuses: readonly DiscussionStatus[] | null;
  readonly authorName: string | null;
}

/** Newest first, with how many there are in all. */
export async function listPullRequests(
  sql: SqlExecutor,
  { repoId, statuses, authorName }: PullRequestFilter,
  page: { readonly offset: number; readonly limit: number },
): Promise<{ readonly items: readonly ListedPullRequest[]; readonly total: number }> {
  const filter = `
    from discussion d left join account a on a.id = d.author_id
    where d.repo_id = $1 and d.is_pull_request and ($2::text[] is null or d.status = any($2))
      and ($3::text is null or a.normalized_name = $3)`;
  const values = [repoId, statuses, authorName === null ? null : normalizeName(authorName)];
  const [count] = await sql.query<{ total: number }>({
    name: 'count-pull-requests',
    text: `select count(*) as total ${filter}`,
    values,
  });
  const items = await sql.query<ListedPullRequest>({
    name: 'list-pull-requests',
    text: `
      select d.number, d.title, d.status, a.name as "authorName", d.created_at as "createdAt" ${filter}
      order by d.number desc offset $4 limit $5`,
    values: [...values, page.offset, page.limit],
  });
  return { items, total: count!.total };
}

/** One thing that happened to a pull request; what `data` holds depends on the type. */
export interface PullRequestEvent {
  readonly id: string;
  readonly type: (typeof DISCUSSION_EVENT_TYPES)[number];
  readonly data: Readonly<Record<string, unknown>>;
  readonly authorName: string | null;
  readonly createdAt: Date;
}

export async function findPullRequest(
  sql: SqlExecutor,
  repoId: number,
  number: number,
): Promise<PullRequestRow | null> {
  const [row] = await sql.query<Omit<PullRequestRow, 'mergeCommitOid'> & { merge: Buffer | null }>({
    name: 'find-pull-request',
    text: `
      select d.id, d.title, d.status, a.name as "authorName", d.created_at as "createdAt", d.base_ref as "baseRef",
        d.merge_commit_oid as merge
      from discussion d left join account a on a.id = d.author_id
      where d.repo_id = $1 and d.number = $2 and d.is_pull_request`,
    values: [repoId, number],
  });
  if (!row) return null;
  const { merge, ...rest } = row;
  return { ...rest, mergeCommitOid: merge && oidFromBytes(merge) };
}

/** Oldest first: their ids are made in order of time. */
export function listEvents(sql: SqlExecutor, discussionId: number): Promise<readonly PullRequestEvent[]> {
  return sql.query<PullRequestEvent>({
    name: 'list-discussion-events',
    text: `
      select e.id, e.type, e.data, a.name as "authorName", e.created_at as "createdAt"
      from discussion_event e left join account a on a.id = e.author_id
      where e.discussion_id = $1 order by e.id`,
    values: [discussionId],
  });
}
