import type { Sql, SqlTransaction } from '../../db/sql.ts';
import type { WorkerLease } from '../../lib/worker-pool.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { ChunkList } from '../../xet/chunk-list.ts';
import type { ChunkAnswer, ChunkedFile, ChunkJob } from '../../xet/chunk-pool.ts';
import { isDedupChunk } from '../../xet/dedup-chunk.ts';
import { type ChunkPack, packIndex } from '../../xet/pack-chunks.ts';
import { sha256ToBytes } from '../../lib/sha256.ts';
import { XET_HASH_BYTES } from '../../xet/xet-hash.ts';
import { type XorbId, xorbIdOf } from '../../xet/xorb-id.ts';
import { encodeTerms, type FileTerm } from '../../xet/file-terms.ts';
import { lockBlob, type PlainBlob, presentBlob, presentLinks } from './virtual-xorbs.queries.ts';
import { insertXetFile } from './xet-file.queries.ts';
import { insertChunks, insertXorb } from './xorb.queries.ts';

/** So many bytes go to the thread at once. */
const BATCH_BYTES = 4 * 2 ** 20;

export type ChunkLease = WorkerLease<ChunkJob, ChunkAnswer>;

/**
 * Reads a blob from the store and cuts it into chunks in another thread.
 * @throws {Error} when the store does not hold the bytes that the blob's hash names: they are damaged. Also all errors of the store.
 */
export async function chunkBlob(
  store: ObjectStore,
  blob: PlainBlob,
  { lease, signal }: { readonly lease: ChunkLease; readonly signal: AbortSignal },
): Promise<ChunkedFile> {
  const { body } = await store.get(blob.storageKey, { signal });
  let isFirst = true;
  let batch = new Uint8Array(BATCH_BYTES);
  let batchBytes = 0;
  const send = async (isLast: boolean): Promise<ChunkedFile | null> => {
    const bytes = batch.subarray(0, batchBytes);
    const { buffer, file } = await lease.run({ bytes, isFirst, isLast }, [batch.buffer]);
    isFirst = false;
    batch = new Uint8Array(buffer);
    batchBytes = 0;
    return file;
  };
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + BATCH_BYTES - batchBytes);
      batch.set(taken, batchBytes);
      batchBytes += taken.length;
      at += taken.length;
      if (batchBytes === BATCH_BYTES) await send(false);
    }
    signal.throwIfAborted();
  }
  const file = await send(true);
  if (file?.sha256 !== blob.sha256)
    throw new Error(`the stored bytes of the LFS object ${blob.sha256} are damaged: ${file?.sha256}`);
  return file;
}

/**
 * Makes the chunks of a blob known to Xet, as parts of the blob. Nothing is stored but these rows. Xorbs of the same chunks that are parts of
 * other blobs, or that somebody uploaded, are none of its business.
 * A blob that was presented before is presented to the repositories that it came to since: cutting it once more takes them as long as the first.
 * @returns false when the blob has gone.
 */
export async function saveVirtualXorbs(sql: Sql, blob: PlainBlob, file: ChunkedFile): Promise<boolean> {
  return sql.transaction(async (tx) => {
    const locked = await lockBlob(tx, blob.sha256);
    if (!locked) return false;
    if (!locked.isPresented) await presentBlob(tx, blob.sha256, await insertFile(tx, blob, file));
    await presentLinks(tx, blob.sha256, blob.repoIds);
    return true;
  });
}

async function insertFile(tx: SqlTransaction, blob: PlainBlob, file: ChunkedFile): Promise<number> {
  const { hash, packs, lengths } = file;
  const hashes = Buffer.from(file.hashes.buffer, file.hashes.byteOffset, file.hashes.length);
  await insertXorbs(tx, blob, { packs, chunks: { hashes, lengths } });
  const terms = packs.map((pack): FileTerm => ({
    xorb: partId(blob, pack),
    chunkStart: 0,
    chunkEnd: pack.chunkEnd - pack.chunkStart,
    byteStart: 0,
    byteEnd: pack.serializedBytes,
    rawBytes: pack.rawBytes,
  }));
  await insertChunks(tx, dedupChunks(blob, packs, hashes));
  return insertXetFile(tx, {
    hash,
    sha256: blob.sha256,
    sizeBytes: blob.sizeBytes,
    terms: encodeTerms(terms),
  });
}

/** The xorb of these chunks as a part of this blob. */
function partId(blob: Pick<PlainBlob, 'sha256'>, pack: ChunkPack): XorbId {
  return xorbIdOf(pack.hash, sha256ToBytes(blob.sha256));
}

async function insertXorbs(
  tx: SqlTransaction,
  blob: PlainBlob,
  { packs, chunks }: { readonly packs: readonly ChunkPack[]; readonly chunks: ChunkList },
): Promise<void> {
  for (const { id, pack, blobOffsetBytes } of inLockOrder(blob, packs)) {
    await insertXorb(tx, {
      id,
      hash: pack.hash,
      place: { kind: 'virtual', blobSha256: blob.sha256, blobOffsetBytes },
      index: packIndex(chunks, pack),
      rawBytes: pack.rawBytes,
      serializedBytes: pack.serializedBytes,
    });
  }
}

interface PlacedPack {
  readonly id: XorbId;
  readonly pack: ChunkPack;
  readonly blobOffsetBytes: number;
}

/** Each xorb once, though a blob may repeat itself, in the order in which everybody locks xorbs. */
function inLockOrder(blob: PlainBlob, packs: readonly ChunkPack[]): readonly PlacedPack[] {
  const placed = new Map<XorbId, PlacedPack>();
  let blobOffsetBytes = 0;
  for (const pack of packs) {
    const id = partId(blob, pack);
    if (!placed.has(id)) placed.set(id, { id, pack, blobOffsetBytes });
    blobOffsetBytes += pack.rawBytes;
  }
  return [...placed.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function dedupChunks(
  blob: PlainBlob,
  packs: readonly ChunkPack[],
  hashes: Buffer,
): { hash: Buffer; xorb: XorbId }[] {
  const found: { hash: Buffer; xorb: XorbId }[] = [];
  for (const pack of packs) {
    const xorb = partId(blob, pack);
    for (let i = pack.chunkStart; i < pack.chunkEnd; i++) {
      const hash = hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES);
      if (i === 0 || isDedupChunk(hash)) found.push({ hash, xorb });
    }
  }
  return found;
}
