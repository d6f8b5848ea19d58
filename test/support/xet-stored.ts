import { randomUUID } from 'node:crypto';
import { linkBroughtObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { presentBlob, presentLinks } from '../../src/domain/xet/virtual-xorbs.queries.ts';
import { insertXetFile, upsertXetObject } from '../../src/domain/xet/xet-file.queries.ts';
import { encodeTerms, type FileTerm } from '../../src/xet/file-terms.ts';
import { insertXorb } from '../../src/domain/xet/xorb.queries.ts';
import type { Hub } from '../../src/server/hub.ts';
import { type XetHash, xetHashBytes } from '../../src/xet/xet-hash.ts';
import { sha256ToBytes } from '../../src/lib/sha256.ts';
import { xorbKey } from '../../src/storage/keys.ts';
import { chunkHeader, verifyXorb, xorbForm } from '../../src/xet/xorb.ts';
import { type XorbId, xorbIdOf, xorbIdText } from '../../src/xet/xorb-id.ts';
import { CHUNK_HEADER_BYTES, serializedRange, type XorbIndex } from '../../src/xet/xorb-index.ts';
import type { SampleFile, SampleXorb } from '../fuzz/xet-samples.ts';
import type { TestObject } from './lfs-world.ts';
import type { PackedFiles } from './xet-pack.ts';
import { holdersOf } from './xet-store.ts';

/** Puts xorbs and files into the store and the database as an upload leaves them, without its routes. */
export async function storePacked(hub: Hub, packed: PackedFiles): Promise<void> {
  const { sql, store } = hub.deps;
  const places = new Map<string, PlacedXorb>();
  for (const { hash, body } of packed.xorbs) {
    const verified = verifyXorb(body, hash);
    const id = xorbIdOf(hash, xorbForm(body));
    places.set(hash, { id, index: verified.index });
    const storageKey = xorbKey(hash, randomUUID());
    await store.put(storageKey, body, { sizeBytes: body.length });
    await sql.transaction((tx) =>
      insertXorb(tx, { id, hash, place: { kind: 'stored', storageKey }, ...verified }),
    );
  }
  await storeFiles(hub, packed, places);
}

/** A xorb in the form in which it lies in the hub. */
interface PlacedXorb {
  readonly id: XorbId;
  readonly index: XorbIndex;
}

/** An LFS object that is there as a blob becomes readable through virtual xorbs as well. */
export async function storeVirtual(hub: Hub, blob: TestObject, packed: PackedFiles): Promise<void> {
  const places = new Map<string, PlacedXorb>();
  let blobOffsetBytes = 0;
  for (const xorb of packed.xorbs) {
    const index = virtualIndex(xorb);
    const id = xorbIdOf(xorb.hash, sha256ToBytes(blob.sha256));
    const rawBytes = xorb.lengths.reduce((sum, length) => sum + length, 0);
    const place = { kind: 'virtual', blobSha256: blob.sha256, blobOffsetBytes } as const;
    await hub.deps.sql.transaction((tx) =>
      insertXorb(tx, { id, hash: xorb.hash, place, index, rawBytes, serializedBytes: index.ends.at(-1)! }),
    );
    places.set(xorb.hash, { id, index });
    blobOffsetBytes += rawBytes;
  }
  await storeFiles(hub, packed, places);
  const own = packed.files.find((file) => file.sha256 === blob.sha256);
  if (!own) return;
  const fileId = await fileIdOf(hub, own.hash);
  await hub.deps.sql.transaction(async (tx) => {
    await presentBlob(tx, blob.sha256, fileId);
    await presentLinks(tx, blob.sha256, await holdersOf(tx, blob.sha256));
  });
}

/** The only form of a xorb that is here. */
export async function xorbIdOfHash(hub: Hub, hash: XetHash): Promise<XorbId> {
  const rows = await hub.deps.sql.query<{ id: Buffer }>({
    text: 'select id from xet_xorb where hash = $1',
    values: [xetHashBytes(hash)],
  });
  if (rows.length !== 1) throw new Error(`${rows.length} forms of the xorb ${hash}`);
  return xorbIdText(rows[0]!.id);
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
  places: ReadonlyMap<string, PlacedXorb>,
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
        terms: encodeTerms(termsOf(file, places)),
      });
    });
  }
}

function termsOf(file: SampleFile, places: ReadonlyMap<string, PlacedXorb>): FileTerm[] {
  return file.terms.map(({ xorb, chunkStart, chunkEnd, rawBytes }) => {
    const { id, index } = places.get(xorb)!;
    const { start, end } = serializedRange(index, chunkStart, chunkEnd);
    return { xorb: id, chunkStart, chunkEnd, rawBytes, byteStart: start, byteEnd: end };
  });
}

function virtualIndex({ hashes, lengths }: SampleXorb): XorbIndex {
  let end = 0;
  return { hashes, lengths, ends: lengths.map((length) => (end += CHUNK_HEADER_BYTES + length)) };
}
