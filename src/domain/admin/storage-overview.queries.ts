import type { SqlExecutor } from '../../db/sql.ts';
import type { AccountKind } from '../account/account.entity.ts';

/** How many things of a kind are stored, and their bytes. */
export interface Stored {
  readonly count: number;
  readonly bytes: number;
}

/** What is in the object store and, where segments are small, in the database. */
export interface StoredByKind {
  readonly storedSegments: Stored;
  readonly inlineSegments: Stored;
  readonly lfsObjects: Stored;
  readonly xorbs: Stored;
}

type StoredRow = Record<`${keyof StoredByKind}${'Count' | 'Bytes'}`, number>;

/** Sums over indexes and small tables; packs themselves are not read. */
export async function readStoredByKind(sql: SqlExecutor): Promise<StoredByKind> {
  const [row] = await sql.query<StoredRow>({
    name: 'admin-stored-by-kind',
    text: `
      select s.*, l.*, x.* from (
        select count(storage_key) as "storedSegmentsCount", count(*) - count(storage_key) as "inlineSegmentsCount",
          coalesce(sum(pack_bytes) filter (where storage_key is not null), 0)::bigint as "storedSegmentsBytes",
          coalesce(sum(pack_bytes) filter (where storage_key is null), 0)::bigint as "inlineSegmentsBytes"
        from git_segment where state = 'live'
      ) s, (
        select count(*) as "lfsObjectsCount", coalesce(sum(size_bytes), 0)::bigint as "lfsObjectsBytes"
        from (
          select size_bytes from lfs_object where state = 'present' and storage_key is not null
          union all select o.size_bytes from lfs_copy c join lfs_object o on o.sha256 = c.sha256
        ) blob
      ) l, (
        select count(*) as "xorbsCount", coalesce(sum(serialized_bytes), 0)::bigint as "xorbsBytes"
        from xet_xorb where storage_key is not null
      ) x`,
  });
  const of = (kind: keyof StoredByKind): Stored => ({
    count: row?.[`${kind}Count`] ?? 0,
    bytes: row?.[`${kind}Bytes`] ?? 0,
  });
  return {
    storedSegments: of('storedSegments'),
    inlineSegments: of('inlineSegments'),
    lfsObjects: of('lfsObjects'),
    xorbs: of('xorbs'),
  };
}

/** Of all namespaces together. What two repositories share counts for both. */
export interface ChargedBytes {
  readonly privateBytes: number;
  readonly publicBytes: number;
}

export async function readChargedBytes(sql: SqlExecutor): Promise<ChargedBytes> {
  const [row] = await sql.query<ChargedBytes>({
    name: 'admin-charged-bytes',
    text: `
      select coalesce(sum(private_used_bytes), 0)::bigint as "privateBytes",
        coalesce(sum(public_used_bytes), 0)::bigint as "publicBytes"
      from account`,
  });
  return row ?? { privateBytes: 0, publicBytes: 0 };
}

/** One half of a namespace that has nearly, or more than, what it may hold. */
export interface FullNamespace {
  readonly name: string;
  readonly kind: AccountKind;
  readonly visibility: 'private' | 'public';
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

/** The fullest first. @param share of the limit, such as 0.9. */
export function listFullNamespaces(
  sql: SqlExecutor,
  share: number,
  limit: number,
): Promise<readonly FullNamespace[]> {
  return sql.query({
    name: 'admin-full-namespaces',
    text: `
      select a.name, a.kind, h.visibility, h.used as "usedBytes", h.quota as "quotaBytes"
      from account a, lateral (values
        ('private', a.private_used_bytes, a.private_quota_bytes), ('public', a.public_used_bytes, a.public_quota_bytes)
      ) h (visibility, used, quota)
      where h.quota is not null and h.used > 0 and h.used >= h.quota * $1::float8
      order by h.used / greatest(h.quota, 1)::float8 desc, a.id limit $2`,
    values: [share, limit],
  });
}

export interface Consumer {
  readonly name: string;
  readonly kind: AccountKind;
  readonly privateUsedBytes: number;
  readonly publicUsedBytes: number;
}

/** The namespaces that hold most. */
export function listTopConsumers(sql: SqlExecutor, limit: number): Promise<readonly Consumer[]> {
  return sql.query({
    name: 'admin-top-consumers',
    text: `
      select name, kind, private_used_bytes as "privateUsedBytes", public_used_bytes as "publicUsedBytes"
      from account where private_used_bytes + public_used_bytes > 0
      order by private_used_bytes + public_used_bytes desc, id limit $1`,
    values: [limit],
  });
}
