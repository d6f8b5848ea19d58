import type { SqlExecutor } from '../../db/sql.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { type ContentDigest, notConfirmed } from '../../xet/file-check.ts';
import type { ShardTerm } from '../../xet/shard.ts';
import { type OutlinedFile, outlinedTerms, type ShardOutline } from '../../xet/shard-outline.ts';
import type { FileCheck } from '../../xet/xet-pool.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { BadRequest, PayloadTooLarge } from '../errors.ts';
import { TERM_BYTES, termsIn } from '../../xet/file-terms.ts';
import { sendContent, xorbRemoved } from './file-verification.ts';
import { missTime } from './miss-time.ts';
import { findNamedXorbs, readTermEntries, type TermNamer } from './shard-upload.queries.ts';
import type { NewXetFile } from './xet-file.queries.ts';
import type { Xorb, XorbPlace } from './xorb.queries.ts';

/** Terms that are looked up at once. */
const TERMS_PER_BATCH = 1024;
/** So many chunks, of 40 bytes, are in memory at once, and those of one term more. */
const CHUNKS_PER_BATCH = 32 * 1024;
/**
 * The hub reads and hashes at most so many times what it has of a shard's xorbs, and a little more. Few bytes can name a great many: a xorb
 * of zeros is 200 times smaller than its contents, and a term of 96 bytes repeats it. Files that share chunks do not come near to it.
 */
const MAX_REPEATS = 64;
/** Files of zeros, such as fresh states of an optimizer, are within it; hashing as much takes the hub some ten seconds. */
const FREE_BYTES = 8 * 2 ** 30;

/** A file that is what its shard says. */
export interface CheckedFile extends NewXetFile {
  /** Clients ask for it before they upload another version of the file. Null for an empty file. */
  readonly firstChunk: { readonly hash: Buffer; readonly xorb: XorbId } | null;
}

export interface ShardCheckParts {
  readonly sql: SqlExecutor;
  readonly store: ObjectStore;
  readonly outline: ShardOutline;
  /** What the shard's files name: of `findShardXorbs`. */
  readonly named: ShardXorbs;
  /** The thread that does the work. */
  readonly thread: FileCheck;
  /** Is told how many bytes of the file in hand were checked. */
  readonly onBytes: (checkedBytes: number) => void;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The xorbs that terms of a shard name. */
export interface ShardXorbs {
  readonly xorbs: readonly Xorb[];
  /** By the number of a term in the shard: in which of the xorbs it lies. There can be very many terms. */
  readonly xorbOfTerm: Uint32Array;
}

/**
 * The xorbs that files of a shard name, if the caller may name all of their terms. Nothing of an index leaves the database for that, so
 * hidden and unknown xorbs are one and the same statement and answer.
 *
 * @throws {BadRequest} for a term that he may not name. @throws {PayloadTooLarge} the files repeat their xorbs too often.
 */
export async function findShardXorbs(
  sql: SqlExecutor,
  namer: TermNamer,
  outline: ShardOutline,
  files: readonly OutlinedFile[],
): Promise<ShardXorbs> {
  const xorbs: Xorb[] = [];
  const places = new Map<XorbId, number>();
  const past = files.reduce((most, file) => Math.max(most, file.firstTerm + file.termCount), 0);
  const xorbOfTerm = new Uint32Array(past);
  for (const { terms, numbers } of termBatches(outline, files)) {
    const startedAt = performance.now();
    const found = await findNamedXorbs(sql, namer, terms);
    const named = new Set(found.flatMap((match) => match.terms));
    const refused = terms.find((_, i) => !named.has(i));
    if (refused) {
      await missTime(startedAt);
      throw notConfirmed(refused);
    }
    for (const match of found) {
      const place = places.get(match.xorb.id) ?? xorbs.push(match.xorb) - 1;
      places.set(match.xorb.id, place);
      for (const term of match.terms) xorbOfTerm[numbers[term]!] = place;
    }
  }
  requireProportion(files, xorbs);
  return { xorbs, xorbOfTerm };
}

/** Terms that are looked up at once. */
export interface TermBatch {
  readonly terms: readonly ShardTerm[];
  /** Of each, its number in the shard. */
  readonly numbers: readonly number[];
}

/** Terms of files of a shard, in pieces that are looked up at once. */
export function* termBatches(outline: ShardOutline, files: readonly OutlinedFile[]): Generator<TermBatch> {
  let terms: ShardTerm[] = [];
  let numbers: number[] = [];
  for (const { firstTerm, termCount } of files) {
    for (let done = 0; done < termCount;) {
      const first = firstTerm + done;
      const count = Math.min(TERMS_PER_BATCH - terms.length, termCount - done);
      terms.push(...outlinedTerms(outline, first, count));
      numbers.push(...Array.from({ length: count }, (_, i) => first + i));
      done += count;
      if (terms.length < TERMS_PER_BATCH) continue;
      yield { terms, numbers };
      [terms, numbers] = [[], []];
    }
  }
  if (terms.length > 0) yield { terms, numbers };
}

function requireProportion(files: readonly OutlinedFile[], xorbs: readonly Xorb[]): void {
  const named = files.reduce((total, file) => total + file.sizeBytes, 0);
  const distinct = xorbs.reduce((total, xorb) => total + xorb.rawBytes, 0);
  const most = MAX_REPEATS * distinct + FREE_BYTES;
  if (named <= most) return;
  throw new PayloadTooLarge(
    `The new files of a shard may have at most ${MAX_REPEATS} times the bytes of the xorbs that they name, and 8 GiB: here ${most} bytes, not ${named}. ` +
      'Upload fewer files at once. For one file that repeats itself so much, switch Xet off ($HF_HUB_DISABLE_XET=1).',
  );
}

/**
 * Checks a file of a shard: its terms against the hub's own indexes, its hash over all its chunks, and its bytes, which the hub reads
 * from its own store.
 *
 * @throws {BadRequest} for what is wrong with the file. @throws {Unavailable} @throws the reason of the signal.
 */
export async function checkFile(parts: ShardCheckParts, file: OutlinedFile): Promise<CheckedFile> {
  const { thread } = parts;
  await thread.begin(file);
  const checked: CheckedTerms = {
    terms: Buffer.allocUnsafeSlow(file.termCount * TERM_BYTES),
    places: new Map(),
    storedBytes: 0,
  };
  for (let done = 0; done < file.termCount;) done += await checkTerms(parts, file, { done, checked });
  const firstChunk = await thread.endTerms();
  const { terms } = checked;
  const { sha256, sizeBytes } = await hashContent(parts, file, checked);
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
    firstChunk: firstChunk && { hash: firstChunk, xorb: firstXorb(terms) },
  };
}

/** What is known of a file's terms, as they are checked. There can be very many, so they stay bytes, which a thread has written. */
interface CheckedTerms {
  readonly terms: Buffer;
  /** Where its xorbs are. */
  readonly places: Map<XorbId, XorbPlace>;
  /** Of all terms together. */
  storedBytes: number;
}

function firstXorb(terms: Buffer): XorbId {
  const [first] = termsIn(terms);
  return first!.xorb;
}

/** Checks the next terms of a file, as many as may be in memory at once. @returns how many. */
async function checkTerms(
  { sql, outline, thread, signal, named }: ShardCheckParts,
  file: OutlinedFile,
  { done, checked }: { readonly done: number; readonly checked: CheckedTerms },
): Promise<number> {
  signal.throwIfAborted();
  const first = file.firstTerm + done;
  const terms = fewChunks(outlinedTerms(outline, first, Math.min(TERMS_PER_BATCH, file.termCount - done)));
  const xorbs = terms.map((_, i) => named.xorbs[named.xorbOfTerm[first + i]!]!);
  const entries = await readTermEntries(
    sql,
    terms,
    xorbs.map((xorb) => xorb.id),
  );
  if (!entries) throw xorbRemoved();
  const encoded = await thread.addTerms({ outline, first, count: terms.length }, entries);
  encoded.copy(checked.terms, done * TERM_BYTES);
  for (const { id, place } of xorbs) checked.places.set(id, place);
  for (const { byteStart, byteEnd } of termsIn(encoded)) checked.storedBytes += byteEnd - byteStart;
  return terms.length;
}

function fewChunks(terms: readonly ShardTerm[]): readonly ShardTerm[] {
  let chunkCount = 0;
  const past = terms.findIndex((term) => (chunkCount += term.chunkEnd - term.chunkStart) >= CHUNKS_PER_BATCH);
  return past === -1 ? terms : terms.slice(0, past + 1);
}

async function hashContent(
  { store, thread, onBytes, signal }: ShardCheckParts,
  file: OutlinedFile,
  checked: CheckedTerms,
): Promise<ContentDigest> {
  const { storedBytes } = checked;
  let readBytes = 0;
  await sendContent({ store, signal }, checked, thread, (count) => {
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
