import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { SqlTransaction } from '../../src/db/sql.ts';
import { linkBroughtObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { announceBytes, forgetBytes, settleBytes } from '../../src/domain/storage/intent.queries.ts';
import { encodeTerms, type FileTerm } from '../../src/xet/file-terms.ts';
import { lockBlob, presentBlob, presentLinks } from '../../src/domain/xet/virtual-xorbs.queries.ts';
import { insertXetFile, upsertXetObject } from '../../src/domain/xet/xet-file.queries.ts';
import { insertChunks, insertXorb, linkXorb, lockXorbs } from '../../src/domain/xet/xorb.queries.ts';
import { parseSha256, type Sha256, sha256ToBytes } from '../../src/lib/sha256.ts';
import type { Hub } from '../../src/server/hub.ts';
import { type ObjectKey, xorbKey } from '../../src/storage/keys.ts';
import { chunkHash } from '../../src/xet/keyed-hash.ts';
import { fileHash, merkleRoot } from '../../src/xet/merkle.ts';
import { type XetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { chunkHeader, verifyXorb, xorbForm } from '../../src/xet/xorb.ts';
import { type XorbId, xorbIdOf } from '../../src/xet/xorb-id.ts';
import { serializedRange, type XorbIndex } from '../../src/xet/xorb-index.ts';

/** A xorb of uncompressed chunks. */
export interface TestXorb {
  /** Of this form; a blob that is presented as this xorb takes it too. */
  readonly id: XorbId;
  readonly hash: XetHash;
  readonly chunks: readonly Buffer[];
  readonly index: XorbIndex;
  readonly body: Buffer;
}

/** Chunks of a xorb, from `start` to before `end`. */
export interface TestTerm {
  readonly xorb: TestXorb;
  readonly start: number;
  readonly end: number;
}

export interface TestFile {
  readonly hash: XetHash;
  readonly sha256: Sha256;
  readonly bytes: Buffer;
  readonly terms: readonly FileTerm[];
}

/** Who uploads, and where to. */
export interface Uploader {
  readonly repoId: number;
  readonly uploaderId: number;
}

/** Bytes nobody has seen before. */
export function someChunks(count: number, sizeBytes = 1000): Buffer[] {
  return Array.from({ length: count }, () => randomBytes(sizeBytes));
}

export function xorbOf(chunks: readonly Buffer[]): TestXorb {
  const body = Buffer.concat(chunks.flatMap((chunk) => [chunkHeader(chunk.length), chunk]));
  const hash = xetHashText(merkleRoot(chunkList(chunks)));
  const id = xorbIdOf(hash, xorbForm(body));
  return { id, hash, chunks, body, index: verifyXorb(body, hash).index };
}

/** A file made of runs of chunks. */
export function fileOf(terms: readonly TestTerm[]): TestFile {
  const chunks = terms.flatMap(({ xorb, start, end }) => xorb.chunks.slice(start, end));
  const bytes = Buffer.concat(chunks);
  return {
    hash: xetHashText(fileHash(chunkList(chunks))),
    sha256: parseSha256(createHash('sha256').update(bytes).digest('hex')),
    bytes,
    terms: terms.map(({ xorb, start, end }) => {
      const { start: byteStart, end: byteEnd } = serializedRange(xorb.index, start, end);
      const rawBytes = Buffer.concat(xorb.chunks.slice(start, end)).length;
      return { xorb: xorb.id, chunkStart: start, chunkEnd: end, byteStart, byteEnd, rawBytes };
    }),
  };
}

/** All chunks of a xorb as a file. */
export function wholeFile(xorb: TestXorb): TestFile {
  return fileOf([{ xorb, start: 0, end: xorb.chunks.length }]);
}

/** Brings things to a hub in the steps that a Xet upload takes, without its transport. */
export class XetStore {
  readonly #hub: Hub;

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** @returns the key of its bytes, or null when the xorb was here already. */
  async uploadXorb(by: Uploader, xorb: TestXorb): Promise<ObjectKey | null> {
    const { sql, store } = this.#hub.deps;
    const storageKey = xorbKey(xorb.hash, randomUUID());
    await announceBytes(sql, storageKey);
    await store.put(storageKey, xorb.body, { sizeBytes: xorb.body.length });
    const isOurs = await sql.transaction(async (tx) => {
      const inserted = await insertXorb(tx, { ...sizesOf(xorb), place: { kind: 'stored', storageKey } });
      if (inserted && !(await settleBytes(tx, storageKey))) throw new Error('the upload took too long');
      await linkXorb(tx, { ...by, xorb: xorb.id });
      return inserted;
    });
    if (isOurs) return storageKey;
    await store.delete(storageKey);
    await forgetBytes(sql, storageKey);
    return null;
  }

  /** @returns false when a xorb was collected meanwhile: then nothing is registered. */
  async registerFile(by: Uploader, file: TestFile): Promise<boolean> {
    try {
      await this.#hub.deps.sql.transaction((tx) => register(tx, by, file));
      return true;
    } catch (error) {
      if (error instanceof XorbMissing) return false;
      throw error;
    }
  }

  /** Makes the first chunk of a xorb one that others may ask for. */
  async publishChunk(xorb: TestXorb, position = 0): Promise<XetHash> {
    const hash = chunkHash(xorb.chunks[position]!);
    await this.#hub.deps.sql.transaction((tx) => insertChunks(tx, [{ hash, xorb: xorb.id }]));
    return xetHashText(hash);
  }

  /** A file of a xorb of its own, with everything an upload does. */
  async upload(by: Uploader, xorb: TestXorb): Promise<TestFile> {
    const file = wholeFile(xorb);
    await this.uploadXorb(by, xorb);
    if (!(await this.registerFile(by, file))) throw new Error('the xorb was collected meanwhile');
    return file;
  }

  /**
   * Presents an LFS blob, which has these chunks, as one virtual xorb and the file of it.
   * @returns false when it is no plain blob (any more).
   */
  async presentBlob(xorb: TestXorb): Promise<boolean> {
    const file = wholeFile(xorb);
    const { sha256 } = file;
    return this.#hub.deps.sql.transaction(async (tx) => {
      const locked = await lockBlob(tx, sha256);
      if (!locked || locked.isPresented) return false;
      const place = { kind: 'virtual', blobSha256: sha256, blobOffsetBytes: 0 } as const;
      await insertXorb(tx, { ...sizesOf(xorb), place });
      await presentBlob(tx, sha256, await insertXetFile(tx, rowOf(file)));
      await presentLinks(tx, sha256, await holdersOf(tx, sha256));
      return true;
    });
  }
}

/** Repositories that hold an object. */
export async function holdersOf(tx: SqlTransaction, sha256: Sha256): Promise<readonly number[]> {
  const rows = await tx.query<{ id: number }>({
    text: 'select repo_id as id from lfs_link where sha256 = $1',
    values: [sha256ToBytes(sha256)],
  });
  return rows.map((row) => row.id);
}

/** As `insertXetFile` takes it. */
export function rowOf({ hash, sha256, bytes, terms }: TestFile) {
  return { hash, sha256, sizeBytes: bytes.length, terms: encodeTerms(terms) };
}

class XorbMissing extends Error {}

async function register(tx: SqlTransaction, { repoId }: Uploader, file: TestFile): Promise<void> {
  const { sha256 } = file;
  const sizeBytes = file.bytes.length;
  await upsertXetObject(tx, { sha256, sizeBytes });
  const xorbs = [...new Set(file.terms.map((term) => term.xorb))];
  const here = await lockXorbs(tx, xorbs);
  if (here.size < xorbs.length) throw new XorbMissing();
  const xetFileId = await insertXetFile(tx, rowOf(file));
  await linkBroughtObjects(tx, repoId, [{ sha256, xetFileId }]);
}

function sizesOf({ id, hash, index, chunks, body }: TestXorb) {
  return { id, hash, index, rawBytes: Buffer.concat([...chunks]).length, serializedBytes: body.length };
}

function chunkList(chunks: readonly Buffer[]) {
  return {
    hashes: Buffer.concat(chunks.map((chunk) => chunkHash(chunk))),
    lengths: Uint32Array.from(chunks, (chunk) => chunk.length),
  };
}
