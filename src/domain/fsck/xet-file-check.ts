import { LRUCache } from 'lru-cache';
import { fileHash } from '../../xet/merkle.ts';
import { XetFormatError } from '../../xet/xet-errors.ts';
import { XET_HASH_BYTES, xetHashText } from '../../xet/xet-hash.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { MAX_XORB_CHUNKS, rawRangeBytes, serializedRange, type XorbIndex } from '../../xet/xorb-index.ts';
import type { Deps } from '../deps.ts';
import { decodeTerms, type FileTerm } from '../../xet/file-terms.ts';
import { readXorbIndexes } from '../xet/xorb.queries.ts';
import type { Report } from './finding.ts';
import { type FileRow, pageXetFiles } from './xet-fsck.queries.ts';

const FILE_PAGE = 20;
/** Indexes that are kept for the next term and the next file: 320 KiB each at most. */
const CACHED_INDEXES = 64;

type Indexes = LRUCache<XorbId, XorbIndex>;

/**
 * Puts the chunk hashes of every file together again: 36 bytes of memory for each of its chunks. The chunks themselves are
 * proved by the check of the xorbs. @returns the number of files.
 */
export async function checkXetFiles(deps: Deps, report: Report): Promise<number> {
  const indexes: Indexes = new LRUCache({ max: CACHED_INDEXES });
  let count = 0;
  let page: readonly FileRow[] = [];
  do {
    page = await pageXetFiles(deps.sql, page.at(-1)?.id ?? 0, FILE_PAGE);
    for (const file of page) await checkFile(deps, indexes, file, report);
    count += page.length;
  } while (page.length === FILE_PAGE);
  return count;
}

async function checkFile(deps: Deps, indexes: Indexes, file: FileRow, report: Report): Promise<void> {
  const where = `xet/${file.hash}`;
  const terms = decodeTerms(file.terms);
  const damage = await findDamage(deps, indexes, file, terms);
  if (damage !== null) report({ code: 'xet-file-corrupt', where, message: damage });
  if (!isHeld(file, terms))
    report({
      code: 'xet-file-unheld',
      where,
      message: 'the rows that keep its xorbs are not those of its terms',
    });
}

/** What is wrong with how the file is put together, or null. */
async function findDamage(
  deps: Deps,
  indexes: Indexes,
  file: FileRow,
  terms: readonly FileTerm[],
): Promise<string | null> {
  if (file.objectSizeBytes === null) return 'its LFS object is not present';
  if (file.objectSizeBytes !== file.sizeBytes)
    return `it has ${file.sizeBytes} bytes, its LFS object ${file.objectSizeBytes}`;
  const wrong = terms.findIndex(
    (term) => !(term.chunkStart < term.chunkEnd && term.chunkEnd <= MAX_XORB_CHUNKS),
  );
  if (wrong >= 0) return `its term ${wrong} names chunks that no xorb can have`;
  const count = terms.reduce((sum, term) => sum + term.chunkEnd - term.chunkStart, 0);
  const chunks = { hashes: Buffer.alloc(count * XET_HASH_BYTES), lengths: new Uint32Array(count) };
  let at = 0;
  for (const [i, term] of terms.entries()) {
    const index = await readIndex(deps, indexes, term.xorb);
    if (!index) return `its term ${i} names the xorb ${term.xorb}, which is not here or damaged`;
    if (!fits(term, index)) return `its term ${i} does not fit the xorb ${term.xorb}`;
    const { chunkStart, chunkEnd } = term;
    index.hashes.copy(
      chunks.hashes,
      at * XET_HASH_BYTES,
      chunkStart * XET_HASH_BYTES,
      chunkEnd * XET_HASH_BYTES,
    );
    chunks.lengths.set(index.lengths.subarray(chunkStart, chunkEnd), at);
    at += chunkEnd - chunkStart;
  }
  const sizeBytes = terms.reduce((sum, term) => sum + term.rawBytes, 0);
  if (sizeBytes !== file.sizeBytes) return `its terms have ${sizeBytes} bytes instead of ${file.sizeBytes}`;
  return xetHashText(fileHash(chunks)) === file.hash ? null : 'its chunks make a file with another hash';
}

/** Null for a xorb that is not here. One with a damaged index is reported by the check of the xorbs. */
async function readIndex({ sql }: Deps, indexes: Indexes, xorb: XorbId): Promise<XorbIndex | null> {
  const known = indexes.get(xorb);
  if (known) return known;
  try {
    const index = (await readXorbIndexes(sql, [xorb])).get(xorb);
    if (!index) return null;
    indexes.set(xorb, index);
    return index;
  } catch (error) {
    if (error instanceof XetFormatError) return null;
    throw error;
  }
}

function fits({ chunkStart, chunkEnd, byteStart, byteEnd, rawBytes }: FileTerm, index: XorbIndex): boolean {
  if (chunkEnd > index.lengths.length) return false;
  const { start, end } = serializedRange(index, chunkStart, chunkEnd);
  return byteStart === start && byteEnd === end && rawBytes === rawRangeBytes(index, chunkStart, chunkEnd);
}

/** Whether the rows that keep the collector away from xorbs say the same as the terms. */
function isHeld({ used }: FileRow, terms: readonly FileTerm[]): boolean {
  const byXorb = Map.groupBy(terms, (term) => term.xorb);
  return (
    byXorb.size === used.size && [...byXorb].every(([xorb, terms]) => used.get(xorb) === multirange(terms))
  );
}

/** The bytes of some terms as PostgreSQL writes an `int4multirange`: neighbours and overlaps are one range. */
function multirange(terms: readonly FileTerm[]): string {
  const ranges: { start: number; end: number }[] = [];
  for (const { byteStart, byteEnd } of terms.toSorted((a, b) => a.byteStart - b.byteStart)) {
    const last = ranges.at(-1);
    if (last && byteStart <= last.end) last.end = Math.max(last.end, byteEnd);
    else ranges.push({ start: byteStart, end: byteEnd });
  }
  return `{${ranges.map(({ start, end }) => `[${start},${end})`).join(',')}}`;
}
