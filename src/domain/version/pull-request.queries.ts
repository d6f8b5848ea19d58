import type { Oid } from '../../git/oid.ts';
import type { SqlTransaction } from '../../db/sql.ts';

export interface NewPullRequest {
  readonly repoId: number;
  readonly authorId: number;
  readonly title: string;
  readonly description: string;
  /** Full name of the branch it wants to change. */
  readonly baseRef: string;
  /** A draft is one that its author still works on. */
  readonly status: 'draft' | 'open';
}

/** Takes the repository's next number and stores the pull request with its first comment. */
export async function insertPullRequest(tx: SqlTransaction, input: NewPullRequest): Promise<number> {
  const [row] = await tx.query<{ number: number; id: number }>({
    name: 'insert-pull-request',
    text: `
      with numbered as (
        update repo set discussion_count = discussion_count + 1 where id = $1 returning discussion_count
      )
      insert into discussion (repo_id, number, title, author_id, is_pull_request, status, base_ref)
      select $1, discussion_count, $3, $2, true, $5, $4 from numbered
      returning number, id`,
    values: [input.repoId, input.authorId, input.title, input.baseRef, input.status],
  });
  await insertEvent(tx, row!.id, input.authorId, 'comment', { text: input.description });
  return row!.number;
}

/** Notes a commit in the pull request's story. */
export async function insertCommitEvent(
  tx: SqlTransaction,
  pullRequest: { readonly repoId: number; readonly number: number; readonly authorId: number },
  commit: { readonly oid: Oid; readonly subject: string },
): Promise<void> {
  const [row] = await tx.query<{ id: number }>({
    name: 'find-discussion',
    text: 'select id from discussion where repo_id = $1 and number = $2',
    values: [pullRequest.repoId, pullRequest.number],
  });
  if (row) await insertEvent(tx, row.id, pullRequest.authorId, 'commit', commit);
}

async function insertEvent(
  tx: SqlTransaction,
  discussionId: number,
  authorId: number,
  type: 'comment' | 'commit',
  data: object,
): Promise<void> {
  await tx.execute({
    name: 'insert-discussion-event',
    text: 'insert into discussion_event (discussion_id, author_id, type, data) values ($1, $2, $3, $4)',
    values: [discussionId, authorId, type, JSON.stringify(data)],
  });
}

/** Who opened a pull request and whether it still takes commits; null when there is none of that number. */
export async function readPullRequest(
  tx: { query: SqlTransaction['query'] },
  repoId: number,
  number: number,
): Promise<{ authorId: number | null; isOpen: boolean } | null> {
  const [row] = await tx.query<{ author_id: number | null; status: string }>({
    name: 'read-pull-request',
    text: 'select author_id, status from discussion where repo_id = $1 and number = $2 and is_pull_request',
    values: [repoId, number],
  });
  return row ? { authorId: row.author_id, isOpen: row.status === 'open' || row.status === 'draft' } : null;
}
