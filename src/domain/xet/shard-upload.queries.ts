import type { SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { type Sha256, sha256FromBytes, sha256ToBytes } from '../../lib/sha256.ts';
import type { TermEntries } from '../../xet/file-check.ts';
import type { ShardTerm } from '../../xet/shard.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../xet/xet-hash.ts';
import { type XorbId, xorbIdBytes } from '../../xet/xorb-id.ts';
import { ENTRY_BYTES } from '../../xet/xorb-index.ts';
import { readableLinks } from '../lfs/lfs.queries.ts';
import { FILE_OF_LINK, fileOfLink } from './file-of-link.ts';
import { toXorb, type Xorb, XORB_COLUMNS, type XorbRow } from './xorb.queries.ts';
import { numberAt, VISIBLE_PARTS } from './xorb-visibility.ts';

/** Who uploads, and through which repository. */
export interface FileUser extends TermNamer {
  /** May commit what others brought to the repository. */
  readonly isWriter: boolean;
}

/**
 * The contents of Xet files that somebody may commit without uploading them: held like this by the repository, offered to it by him, or
 * held like this where he may read. Files that are hidden and files that are unknown are the same to this one statement.
 */
export async function findUsableXetFiles(
  sql: SqlExecutor,
  { repoId, userId, isWriter }: FileUser,
  hashes: readonly XetHash[],
): Promise<ReadonlyMap<XetHash, Sha256>> {
  const rows = await sql.query<{ hash: Buffer; sha256: Buffer }>({
    name: 'find-usable-xet-files',
    text: `
      select distinct f.hash, f.sha256
      from xet_file f join lfs_object o on o.sha256 = f.sha256 and o.state = 'present'
      where f.hash = any($3::bytea[]) and (
        exists (
          select from lfs_link l
          where l.repo_id = $1 and l.sha256 = f.sha256 and ${FILE_OF_LINK} = f.id and (l.committed_at is not null or $4)
        )
        or exists (
          select from lfs_offer e
          where e.repo_id = $1 and e.sha256 = f.sha256 and e.user_id = $2 and e.xet_file_id = f.id
        )
        or exists (select ${readableLinks('f.sha256')} and ${fileOfLink('k')} = f.id)
      )`,
    values: [repoId, userId, hashes.map(xetHashBytes), isWriter],
  });
  return new Map(rows.map((row) => [xetHashText(row.hash), sha256FromBytes(row.sha256)]));
}

/**
 * Notes that somebody brought objects for a pull request. Lock them first. A deleted repository gets no offer.
 * @returns bytes of all objects that he offers now, everywhere.
 */
export async function offerObjects(
  tx: SqlTransaction,
  offer: {
    readonly repoId: number;
    readonly userId: number;
    readonly files: readonly { readonly sha256: Sha256; readonly xetFileId: number }[];
  },
): Promise<number> {
  await tx.execute({
    name: 'offer-objects',
    text: `
      with home as (
        -- Waits for a deletion that is under way.
        select id from repo where id = $1 for key share
      )
      insert into lfs_offer (repo_id, sha256, user_id, xet_file_id)
      select home.id, q.sha256, $2, q.xet_file_id from home, unnest($3::bytea[], $4::bigint[]) as q (sha256, xet_file_id)
      on conflict do nothing`,
    values: [
      offer.repoId,
      offer.userId,
      offer.files.map((file) => sha256ToBytes(file.sha256)),
      offer.files.map((file) => file.xetFileId),
    ],
  });
  const [row] = await tx.query<{ bytes: number }>({
    name: 'sum-offers',
    text: `
      select coalesce(sum(o.size_bytes), 0)::bigint as bytes
      from lfs_offer f join lfs_object o on o.sha256 = f.sha256 where f.user_id = $1`,
    values: [offer.userId],
  });
  return row?.bytes ?? 0;
}

/** Who names chunks, and through which repository. */
export interface TermNamer {
  readonly repoId: number;
  readonly userId: number;
}

/** A xorb in one form, and which of the asked terms somebody names in this form. */
export interface NamedXorb {
  readonly xorb: Xorb;
  /** Positions in the list of terms. */
  readonly terms: readonly number[];
}

/** Where an entry says the end of its chunk, counted from 1: see `encodeXorbIndex`. */
const END_FIELD_AT = 33;
const END_FIELD_BYTES = 4;
/** Where the chunk ends before the first one, and its length. */
const LEAD_BYTES = 8;

/**
 * Which of these terms somebody may name: those of xorbs that he may know (`VISIBLE_PARTS`), if all their chunks lie in what he may
 * know. A term of a hidden xorb, of one that is not here and of chunks that a xorb does not have is missing in the answer. Of indexes,
 * this reads only the ends of terms of xorbs that the caller knows in part. Of several forms he gets the one that he sent himself, of several
 * of these the latest; when others came, which he cannot know of, does not matter.
 */
export async function findNamedXorbs(
  sql: SqlExecutor,
  { repoId, userId }: TermNamer,
  terms: readonly ShardTerm[],
): Promise<readonly NamedXorb[]> {
  const rows = await sql.query<XorbRow & { terms: number[] }>({
    name: 'find-named-xorbs',
    text: `
      with asked as materialized (
        select * from unnest($3::bytea[], $4::int[], $5::int[]) with ordinality as t (hash, chunk_start, chunk_end, at)
      ), visible as materialized (
        select x.id, x.hash, x.chunk_count, seen.is_whole, seen.used, seen.sent_at
        from (select distinct hash from asked) named
        join xet_xorb x on x.hash = named.hash
        cross join lateral (${VISIBLE_PARTS}) seen
        where seen.is_whole or seen.used is not null
      ), allowed as (
        select v.id, v.sent_at, a.at from visible v join asked a on a.hash = v.hash
        where v.is_whole and a.chunk_end <= v.chunk_count
        union all
        select v.id, v.sent_at, a.at
        from visible v
        join asked a on a.hash = v.hash and a.chunk_end <= v.chunk_count
        join xet_xorb x on x.id = v.id
        cross join lateral (
          -- Once for each term: the offset keeps the planner from writing it out wherever it is used.
          select case when a.chunk_start = 0 then '\\x00000000' else ${endOf('a.chunk_start - 1')} end as first,
            ${endOf('a.chunk_end - 1')} as past
          offset 0
        ) edge
        where not v.is_whole
          and v.used @> int4range(${numberAt('edge.first', '0')}, ${numberAt('edge.past', '0')})
      ), chosen as (
        select distinct on (at) at, id from allowed order by at, sent_at desc nulls last, id
      )
      select ${XORB_COLUMNS}, named.terms
      from (select id, array_agg(at::int - 1) as terms from chosen group by id) named
      join xet_xorb x on x.id = named.id
      left join lfs_object o on o.sha256 = x.blob_sha256`,
    values: [repoId, userId, terms.map((term) => xetHashBytes(term.xorb)), ...chunkColumns(terms)],
  });
  return rows.map((row) => ({ xorb: toXorb(row), terms: row.terms }));
}

/**
 * What the indexes say of the chunks of these terms, which their xorbs have. 40 bytes a chunk: ask for few at once.
 * @param xorbs of each term, its xorb in the form that it names.
 * @returns null when a xorb has gone.
 */
export async function readTermEntries(
  sql: SqlExecutor,
  terms: readonly ShardTerm[],
  xorbs: readonly XorbId[],
): Promise<TermEntries | null> {
  const rows = await sql.query<{ entries: Buffer }>({
    name: 'read-term-entries',
    text: `
      select substring(
        x.chunk_index
        from t.chunk_start * ${ENTRY_BYTES} + 1 - ${LEAD_BYTES}
        for (t.chunk_end - t.chunk_start) * ${ENTRY_BYTES} + ${LEAD_BYTES}
      ) as entries
      from unnest($1::bytea[], $2::int[], $3::int[]) with ordinality as t (id, chunk_start, chunk_end, at)
      join xet_xorb x on x.id = t.id
      order by t.at`,
    values: [xorbs.map(xorbIdBytes), ...chunkColumns(terms)],
  });
  if (rows.length < terms.length) return null;
  const starts = new Uint32Array(terms.length);
  const parts = rows.map(({ entries }, i) => {
    // Nothing stands before the first entry.
    if (terms[i]!.chunkStart === 0) return entries;
    starts[i] = entries.readUInt32LE();
    return entries.subarray(LEAD_BYTES);
  });
  return { bytes: joined(parts), starts, xorbs };
}

/** The bytes that say where a chunk of the xorb `x` ends. */
function endOf(chunk: string): string {
  return `substring(x.chunk_index from (${chunk}) * ${ENTRY_BYTES} + ${END_FIELD_AT} for ${END_FIELD_BYTES})`;
}

function chunkColumns(terms: readonly ShardTerm[]): [number[], number[]] {
  return [terms.map((term) => term.chunkStart), terms.map((term) => term.chunkEnd)];
}

/** In memory of their own, which can be moved to a thread. */
function joined(parts: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
