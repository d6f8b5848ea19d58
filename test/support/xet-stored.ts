import { randomUUID } from 'node:crypto';
import { linkBroughtObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { presentBlob } from '../../src/domain/xet/virtual-xorbs.queries.ts';
import { insertXetFile, upsertXetObject } from '../../src/domain/xet/xet-file.queries.ts';
import { encodeTerms, type FileTerm } from '../../src/xet/file-terms.ts';
import { insertXorb, readXorbIndexes } from '../../src/domain/xet/xorb.queries.ts';
import type { Hub } from '../../src/server/hub.ts';
import { type XetHash, xetHashBytes } from '../../src/xet/xet-hash.ts';
import { xorbKey } from '../../src/storage/keys.ts';
import { chunkHeader, verifyXorb } from '../../src/xet/xorb.ts';
import { CHUNK_HEADER_BYTES, serializedRange, type XorbIndex } from '../../src/xet/xorb-index.ts';
import type { SampleFile, SampleXorb } from '../fuzz/xet-samples.ts';
import type { TestObject } from './lfs-world.ts';
import type { PackedFiles } from './xet-pack.ts';

/** Puts xorbs and files into the store and the database as an upload leaves them, without its routes. */
export async function storePacked(hub: Hub, packed: PackedFiles): Promise<void> {
  const { sql, store } = hub.deps;
  for (const { hash, body } of packed.xorbs) {
    const verified = verifyXorb(body, hash);
    const storageKey = xorbKey(hash, randomUUID());
    await store.put(storageKey, body, { sizeBytes: body.length });
    await sql.transaction((tx) =>
      insertXorb(tx, { hash, place: { kind: 'stored', storageKey }, ...verified }),
    );
  }
  // A xorb that was there before may be compressed in another way.
  const hashes = packed.xorbs.map((xorb) => xorb.hash);
  await storeFiles(hub, packed, await readXorbIndexes(sql, hashes));
}

/** An LFS object that is there as a blob becomes readable through virtual xorbs as well. */
export async function storeVirtual(hub: Hub, blob: TestObject, packed: PackedFiles): Promise<void> {
  const indexes = new Map<string, XorbIndex>();
  let blobOffsetBytes = 0;
  for (const xorb of packed.xorbs) {
    const index = virtualIndex(xorb);
    const rawBytes = xorb.lengths.reduce((sum, length) => sum + length, 0);
    const place = { kind: 'virtual', blobSha256: blob.sha256, blobOffsetBytes } as const;
    await hub.deps.sql.transaction((tx) =>
      insertXorb(tx, { hash: xorb.hash, place, index, rawBytes, serializedBytes: index.ends.at(-1)! }),
    );
    indexes.set(xorb.hash, index);
    blobOffsetBytes += rawBytes;
  }
  await storeFiles(hub, packed, indexes);
  const own = packed.files.find((file) => file.sha256 === blob.sha256);
  if (!own) return;
  const fileId = await fileIdOf(hub, own.hash);
  await hub.deps.sql.transaction((tx) => presentBlob(tx, blob.sha256, fileId));
}

/** The row of the only Xet file of this hash. */
export async function fileIdOf(hub: Hub, hash: XetHash): Promise<number> {
  const rows = await hub.deps.sql.query<{ id: number }>({
    text: 'select id from xet_file where hash = $1',
    values: [xetHashBytes(hash)],
  });
  if (rows.length !== 1) throw new Error(`${rows.length} Xet files ${hash}`);
  return rows[0]!.id;
}

/** The serialized form of a virtual xorb: every chunk as it is, with its header. */
export function uncompressed(chunks: readonly Buffer[]): Buffer {
  return Buffer.concat(chunks.flatMap((chunk) => [chunkHeader(chunk.length), chunk]));
}

/** Notes that contents were uploaded to a repository by somebody who may write. They can be committed then. */
export async function linkContents(hub: Hub, repoId: number, { files, objects }: PackedFiles): Promise<void> {
  const ids = await Promise.all(files.map((file) => fileIdOf(hub, file.hash)));
  const brought = objects.map(({ sha256 }, i) => ({ sha256, xetFileId: ids[i]! }));
  await hub.deps.sql.transaction((tx) => linkBroughtObjects(tx, repoId, brought));
}

async function storeFiles(
  hub: Hub,
  { files, objects }: PackedFiles,
  indexes: ReadonlyMap<string, XorbIndex>,
): Promise<void> {
  for (const [i, file] of files.entries()) {
    const { sha256, bytes } = objects[i]!;
    const sizeBytes = bytes.length;
    await hub.deps.sql.transaction(async (tx) => {
      await upsertXetObject(tx, { sha256, sizeBytes });
      await insertXetFile(tx, {
        hash: file.hash,
        sha256,
        sizeBytes,
        terms: encodeTerms(termsOf(file, indexes)),
      });
    });
  }
}

function termsOf(file: SampleFile, indexes: ReadonlyMap<string, XorbIndex>): FileTerm[] {
  return file.terms.map(({ xorb, chunkStart, chunkEnd, rawBytes }) => {
    const { start, end } = serializedRange(indexes.get(xorb)!, chunkStart, chunkEnd);
    return { xorb, chunkStart, chunkEnd, rawBytes, byteStart: start, byteEnd: end };
  });
}

function virtualIndex({ hashes, lengths }: SampleXorb): XorbIndex {
  let end = 0;
  return { hashes, lengths, ends: lengths.map((length) => (end += CHUNK_HEADER_BYTES + length)) };
}
