import type { SqlExecutor } from '../../db/sql.ts';
import type { RowOfList } from '../nested-page.ts';
import type { RequestStatus } from './access-request.entity.ts';
import type { GateAnswers } from './gate-fields.ts';

/** A user and the repository that he wants to read. */
export interface GatePair {
  readonly repoId: number;
  readonly userId: number;
}

/** A request as its maker sees it. */
export interface OwnRequest {
  readonly status: RequestStatus;
  readonly rejectionReason: string | null;
  readonly createdAt: Date;
}

/** A request as the people of the repository see it. */
export interface ListedRequest extends OwnRequest, RowOfList {
  /** Newer ones are greater. */
  readonly id: number;
  readonly userId: number;
  readonly name: string;
  readonly fullName: string | null;
  /** Null of somebody who never asked: he did not agree to be named with it. */
  readonly email: string | null;
  readonly fields: GateAnswers | null;
}

export async function readRequest(
  sql: SqlExecutor,
  { repoId, userId }: GatePair,
): Promise<OwnRequest | null> {
  const [row] = await sql.query<OwnRequest>({
    name: 'read-access-request',
    text: `
      select status, rejection_reason as "rejectionReason", created_at as "createdAt"
      from access_request where repo_id = $1 and user_id = $2`,
    values: [repoId, userId],
  });
  return row ?? null;
}

/** The requests of a user to these repositories; those without one are left out. */
export function readRequests(
  sql: SqlExecutor,
  { repoIds, userId }: { readonly repoIds: readonly number[]; readonly userId: number },
): Promise<(OwnRequest & { readonly repoId: number })[]> {
  return sql.query({
    name: 'read-access-requests',
    text: `
      select repo_id as "repoId", status, rejection_reason as "rejectionReason", created_at as "createdAt"
      from access_request where repo_id = any($1) and user_id = $2`,
    values: [repoIds, userId],
  });
}

/** Who made a request of a repository, or null when it has no such request. */
export async function findRequester(
  sql: SqlExecutor,
  { repoId, requestId }: { readonly repoId: number; readonly requestId: number },
): Promise<{ readonly userId: number; readonly username: string } | null> {
  const [row] = await sql.query<{ userId: number; username: string }>({
    name: 'find-access-requester',
    text: `
      select u.id as "userId", u.name as username
      from access_request q join account u on u.id = q.user_id
      where q.repo_id = $1 and q.id = $2`,
    values: [repoId, requestId],
  });
  return row ?? null;
}

/**
 * Notes that somebody asked. A decision that was made stays; who still waits is let in when the gate has become automatic.
 * @returns what the request is now.
 */
export async function noteRequest(
  sql: SqlExecutor,
  { repoId, userId }: GatePair,
  { status, fields }: { readonly status: RequestStatus; readonly fields: GateAnswers },
): Promise<OwnRequest> {
  const [row] = await sql.query<OwnRequest>({
    name: 'note-access-request',
    text: `
      insert into access_request as a (repo_id, user_id, status, fields, handled_at)
      values ($1, $2, $3, $4, case when $3 = 'accepted' then now() end)
      on conflict (repo_id, user_id) do update set
        status = case when a.status = 'pending' then excluded.status else a.status end,
        fields = case when a.status = 'pending' then excluded.fields else a.fields end,
        handled_at = case when a.status = 'pending' then excluded.handled_at else a.handled_at end
      returning status, rejection_reason as "rejectionReason", created_at as "createdAt"`,
    values: [repoId, userId, status, JSON.stringify(fields)],
  });
  return row!;
}

/** Takes a request back that nobody has decided on. @returns whether there was one. */
export async function withdrawRequest(sql: SqlExecutor, { repoId, userId }: GatePair): Promise<boolean> {
  const count = await sql.execute({
    name: 'withdraw-access-request',
    text: `delete from access_request where repo_id = $1 and user_id = $2 and status = 'pending'`,
    values: [repoId, userId],
  });
  return count > 0;
}

/** A decision of somebody of the repository. */
export interface Decision {
  readonly status: RequestStatus;
  readonly rejectionReason: string | null;
  readonly byUserId: number;
}

/** Moves a request to another list. @returns false when it is in that list already, or there is none. */
export async function decideRequest(
  sql: SqlExecutor,
  { repoId, userId }: GatePair,
  { status, rejectionReason, byUserId }: Decision,
): Promise<boolean> {
  const count = await sql.execute({
    name: 'decide-access-request',
    text: `
      update access_request
      set status = $3, rejection_reason = $4, handled_by_id = $5, handled_at = now()
      where repo_id = $1 and user_id = $2 and status <> $3`,
    values: [repoId, userId, status, rejectionReason, byUserId],
  });
  return count > 0;
}

/** Lets somebody in, whether he asked or not. @returns false when he was in already. */
export async function grantAccess(
  sql: SqlExecutor,
  { repoId, userId }: GatePair,
  byUserId: number,
): Promise<boolean> {
  const count = await sql.execute({
    name: 'grant-access',
    text: `
      insert into access_request as a (repo_id, user_id, status, handled_by_id, handled_at)
      values ($1, $2, 'accepted', $3, now())
      on conflict (repo_id, user_id) do update set
        status = 'accepted', rejection_reason = null, handled_by_id = excluded.handled_by_id, handled_at = now()
      where a.status <> 'accepted'`,
    values: [repoId, userId, byUserId],
  });
  return count > 0;
}

/** One list of each repository, newest first: at most `limit` requests before the one with the id `beforeId`. */
export function listRequests(
  sql: SqlExecutor,
  list: { readonly repoIds: readonly number[]; readonly status: RequestStatus },
  page: { readonly beforeId: number | null; readonly limit: number },
): Promise<ListedRequest[]> {
  return sql.query({
    name: 'list-access-requests',
    text: `
      select r.id as "listId", p.*
      from unnest($1::bigint[]) as r (id), lateral (
        select q.id, q.status, q.rejection_reason as "rejectionReason", q.created_at as "createdAt", q.fields,
          u.id as "userId", u.name, u.full_name as "fullName", case when q.fields is not null then u.email end as email
        from access_request q join account u on u.id = q.user_id
        where q.repo_id = r.id and q.status = $2 and ($3::bigint is null or q.id < $3)
        order by q.id desc limit $4
      ) p
      order by r.id, p.id desc`,
    values: [list.repoIds, list.status, page.beforeId, page.limit],
  });
}
