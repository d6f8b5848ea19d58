import type { Oid } from '../../git/oid.ts';
import { type BlobFacts, findBlobFacts } from './blob.queries.ts';
import type { ReadDeps } from './commit-root.ts';

/** Blobs read with one statement. */
const BATCH = 2000;

/** Sizes and LFS targets of blobs of one store, remembered for ever: both follow from the content. Missing ids are left out. */
export async function readBlobFacts(
  { sql, versionCaches: { blobs } }: ReadDeps,
  storeId: number,
  oids: ReadonlySet<Oid>,
): Promise<ReadonlyMap<Oid, BlobFacts>> {
  const facts = new Map<Oid, BlobFacts>();
  const missing: Oid[] = [];
  for (const oid of oids) {
    const known = blobs.get(`${storeId}:${oid}`);
    if (known) facts.set(oid, known);
    else missing.push(oid);
  }
  for (let start = 0; start < missing.length; start += BATCH) {
    for (const [oid, fact] of await findBlobFacts(sql, storeId, missing.slice(start, start + BATCH))) {
      facts.set(oid, fact);
      blobs.set(`${storeId}:${oid}`, fact);
    }
  }
  return facts;
}
