import type { SqlExecutor } from '../../db/sql.ts';
import { type XetHash, xetHashBytes } from '../../xet/xet-hash.ts';
import { type XorbId, xorbIdBytes } from '../../xet/xorb-id.ts';

/** A xorb that somebody brings to a repository. */
export interface BroughtXorb {
  readonly repoId: number;
  readonly uploaderId: number;
  readonly hash: XetHash;
  /** Null before its form is known: then any will do. */
  readonly id: XorbId | null;
}

/** Whether this user brought the xorb to the repository before, or a commit named it there: it costs nothing more then. */
export async function hasXorb(
  sql: SqlExecutor,
  { repoId, uploaderId, hash, id }: BroughtXorb,
): Promise<boolean> {
  const rows = await sql.query({
    name: 'has-xorb',
    text: `
      select from xet_repo_xorb l join xet_xorb x on x.id = l.xorb_id
      where l.repo_id = $1 and x.hash = $3 and ($4::bytea is null or x.id = $4) and (l.uploader_id = $2 or l.used is not null)`,
    values: [repoId, uploaderId, xetHashBytes(hash), id && xorbIdBytes(id)],
  });
  return rows.length > 0;
}

/** Bytes of xorbs that somebody brought and no commit has named yet. */
export async function readPendingXorbBytes(
  sql: SqlExecutor,
  { uploaderId, ownerId }: { readonly uploaderId: number; readonly ownerId: number },
): Promise<{ readonly ofNamespace: number; readonly ofAll: number }> {
  const [row] = await sql.query<{ of_namespace: number; of_all: number }>({
    name: 'read-pending-xorb-bytes',
    text: `
      select coalesce(sum(x.serialized_bytes) filter (where r.owner_id = $2), 0)::bigint as of_namespace,
        coalesce(sum(x.serialized_bytes), 0)::bigint as of_all
      from xet_repo_xorb l join xet_xorb x on x.id = l.xorb_id join repo r on r.id = l.repo_id
      where l.uploader_id = $1 and l.used is null`,
    values: [uploaderId, ownerId],
  });
  return { ofNamespace: row?.of_namespace ?? 0, ofAll: row?.of_all ?? 0 };
}
