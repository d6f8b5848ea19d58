import { type Oid, oidToBytes } from '../../git/oid.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import { INDEX_REPO } from '../version/commit.queries.ts';
import type { Card } from './card.ts';
import type { TensorCounts } from './safetensors.ts';

/** What was read at a commit of `main`. */
export interface RepoIndex {
  readonly card: Card;
  readonly safetensors: TensorCounts | null;
}

/** Outbox rows that promise to index the repository. */
export async function findPromises(sql: SqlExecutor, repoId: number): Promise<readonly number[]> {
  const rows = await sql.query<{ id: number }>({
    name: 'find-index-promises',
    text: `select id from outbox where kind = '${INDEX_REPO}' and payload -> 'repoId' = to_jsonb($1::bigint)`,
    values: [repoId],
  });
  return rows.map((row) => row.id);
}

export async function dropPromises(sql: SqlExecutor, ids: readonly number[]): Promise<void> {
  await sql.execute({
    name: 'drop-promises',
    text: 'delete from outbox where id = any($1::bigint[])',
    values: [ids],
  });
}

/**
 * Stores what was read and keeps the promises, if `main` is still where it was read.
 * @returns false, with nothing changed, when it moved.
 */
export async function storeIndex(
  sql: SqlExecutor,
  at: { readonly repoId: number; readonly headOid: Oid | null; readonly promises: readonly number[] },
  { card, safetensors }: RepoIndex,
): Promise<boolean> {
  const stored = await sql.query({
    name: 'store-index',
    text: `
      with stored as (
        update repo set card = $4, tags = $5, pipeline_tag = $6, library_name = $7, sdk = coalesce($8, sdk),
          safetensors = $9
        where id = $1 and head_oid is not distinct from $2
        returning id
      ), kept as (
        delete from outbox where id = any($3::bigint[]) and exists (select from stored)
      )
      select id from stored`,
    values: [
      at.repoId,
      at.headOid && oidToBytes(at.headOid),
      at.promises,
      card.card,
      card.tags,
      card.pipelineTag,
      card.libraryName,
      card.sdk,
      safetensors,
    ],
  });
  return stored.length > 0;
}

/** A promise that nobody kept yet. */
export interface DuePromise {
  readonly id: number;
  readonly repoId: number;
  /** How often it was tried, this time included. */
  readonly attempts: number;
}

/**
 * Takes the oldest promises that are due and puts their next attempt off, so that a failure waits longer each time:
 * 30 seconds, doubling up to about four hours.
 */
export async function takeDuePromises(sql: SqlExecutor, limit: number): Promise<readonly DuePromise[]> {
  return sql.query<DuePromise>({
    text: `
      update outbox set attempts = attempts + 1,
        next_attempt_at = now() + interval '30 seconds' * power(2, least(attempts, 9))
      where id in (
        select id from outbox where kind = '${INDEX_REPO}' and next_attempt_at <= now()
        order by next_attempt_at limit $1 for update skip locked
      )
      returning id, (payload ->> 'repoId')::bigint as "repoId", attempts`,
    values: [limit],
  });
}
