import type { SqlExecutor } from '../../db/sql.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { ContentDigest } from '../../xet/file-check.ts';
import type { ShardTerm } from '../../xet/shard.ts';
import { type OutlinedFile, outlinedTerms, type ShardOutline } from '../../xet/shard-outline.ts';
import type { FileCheck } from '../../xet/xet-pool.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import { BadRequest } from '../errors.ts';
import type { FileTerm } from './file-terms.ts';
import { sendContent } from './file-verification.ts';
import type { XetFileParts } from './xet-file.queries.ts';
import { findXorbs, readXorbIndexes, type XorbPlace } from './xorb.queries.ts';

/** So many indexes of xorbs, of 320 KiB at most, are in memory at once. */
const TERMS_PER_BATCH = 32;

/** A file that is what its shard says. */
export interface CheckedFile extends XetFileParts {
  /** Clients ask for it before they upload another version of the file. Null for an empty file. */
  readonly firstChunk: { readonly hash: Buffer; readonly xorb: XetHash } | null;
  /** Where its xorbs were while they were read. */
  readonly places: ReadonlyMap<XetHash, XorbPlace>;
}

export interface ShardCheckParts {
  readonly sql: SqlExecutor;
  readonly store: ObjectStore;
  readonly outline: ShardOutline;
  /** The thread that does the work. */
  readonly thread: FileCheck;
  /** Is told how many bytes of the file in hand were checked. */
  readonly onBytes: (checkedBytes: number) => void;
}

/**
 * Checks a file of a shard: its terms against the hub's own indexes, its hash over all its chunks, and its bytes, which the hub reads
 * from its own store.
 *
 * @throws {BadRequest} for what is wrong with the file. @throws {Unavailable}
 */
export async function checkFile(parts: ShardCheckParts, file: OutlinedFile): Promise<CheckedFile> {
  const { thread } = parts;
  await thread.begin(file);
  const terms: FileTerm[] = [];
  const places = new Map<XetHash, XorbPlace>();
  for (let done = 0; done < file.termCount; done += TERMS_PER_BATCH) {
    const batch = {
      first: file.firstTerm + done,
      count: Math.min(TERMS_PER_BATCH, file.termCount - done),
    };
    terms.push(...(await checkTerms(parts, batch, places)));
  }
  const firstChunk = await thread.endTerms();
  const { sha256, sizeBytes } = await hashContent(parts, file, { terms, places });
  if (file.sha256 !== null && file.sha256 !== sha256) {
    throw new BadRequest(
      `The SHA-256 of file ${file.hash} is ${sha256}, not ${file.sha256} as the shard says. Upload the file again.`,
    );
  }
  return {
    hash: file.hash,
    sha256,
    sizeBytes,
    terms,
    firstChunk: firstChunk && { hash: firstChunk, xorb: terms[0]!.xorb },
    places,
  };
}

async function checkTerms(
  { sql, outline, thread }: ShardCheckParts,
  batch: { readonly first: number; readonly count: number },
  places: Map<XetHash, XorbPlace>,
): Promise<FileTerm[]> {
  const terms = outlinedTerms(outline, batch.first, batch.count);
  const hashes = [...new Set(terms.map((term) => term.xorb))];
  // In this order: a xorb that is replaced in between has another place when the file is registered.
  const xorbs = await findXorbs(sql, hashes);
  const indexes = await readXorbIndexes(sql, [...xorbs.keys()]);
  const ranges = await thread.addTerms({ outline, ...batch }, indexes);
  for (const { hash, place } of xorbs.values()) if (!places.has(hash)) places.set(hash, place);
  return terms.map((term, i) => toFileTerm(term, ranges[2 * i]!, ranges[2 * i + 1]!));
}

function toFileTerm(
  { xorb, chunkStart, chunkEnd, rawBytes }: ShardTerm,
  byteStart: number,
  byteEnd: number,
): FileTerm {
  return { xorb, chunkStart, chunkEnd, byteStart, byteEnd, rawBytes };
}

async function hashContent(
  { store, thread, onBytes }: ShardCheckParts,
  file: OutlinedFile,
  parts: Pick<CheckedFile, 'terms' | 'places'>,
): Promise<ContentDigest> {
  const storedBytes = parts.terms.reduce((total, term) => total + term.byteEnd - term.byteStart, 0);
  let readBytes = 0;
  await sendContent(store, parts, thread, (count) => {
    readBytes += count;
    onBytes(Math.floor((Math.min(readBytes, storedBytes) / storedBytes) * file.sizeBytes));
  });
  const digest = await thread.digest();
  if (digest.sizeBytes !== file.sizeBytes) {
    throw new Error(
      `the chunks of ${file.hash} have ${digest.sizeBytes} bytes; their indexes say ${file.sizeBytes}`,
    );
  }
  return digest;
}
