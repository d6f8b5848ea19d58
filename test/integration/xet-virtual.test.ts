import { randomBytes, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, test as base } from 'vitest';
import { insertLfsObject } from '../../src/domain/lfs/lfs.queries.ts';
import { decodeTerms, encodeTerms, type FileTerm } from '../../src/xet/file-terms.ts';
import { findUnpresentedBlob } from '../../src/domain/xet/virtual-xorbs.queries.ts';
import { chunkBlob, saveVirtualXorbs } from '../../src/domain/xet/virtual-xorbs.ts';
import { insertXetFile } from '../../src/domain/xet/xet-file.queries.ts';
import { insertXorb } from '../../src/domain/xet/xorb.queries.ts';
import type { Job } from '../../src/jobs/job.ts';
import { Scheduler } from '../../src/jobs/scheduler.ts';
import { VirtualXorbs } from '../../src/jobs/xet-virtual.job.ts';
import { parseSha256, type Sha256, sha256ToBytes } from '../../src/lib/sha256.ts';
import type { Hub } from '../../src/server/hub.ts';
import { createJobs } from '../../src/server/jobs.ts';
import { lfsKey, xorbKey } from '../../src/storage/keys.ts';
import { chunkPool } from '../../src/xet/chunk-pool.ts';
import { ChunkHasher } from '../../src/xet/chunker.ts';
import type { ChunkList } from '../../src/xet/chunk-list.ts';
import { isDedupChunk } from '../../src/xet/dedup-chunk.ts';
import { fileHash, merkleRoot } from '../../src/xet/merkle.ts';
import { packChunks, packIndex } from '../../src/xet/pack-chunks.ts';
import { XET_HASH_BYTES, xetHashBytes, xetHashText } from '../../src/xet/xet-hash.ts';
import { decodeXorbIndex } from '../../src/xet/xorb-index.ts';
import { xorbIdOf, xorbIdText } from '../../src/xet/xorb-id.ts';
import { sha256Of } from '../support/lfs-world.ts';
import { openTestHub } from '../support/test-hub.ts';

const MIB = 2 ** 20;
/** Zeros are cut into the longest chunks; so many of them make a full xorb. */
const ZERO_XORB_BYTES = 511 * 128 * 1024;

/** A hub of its own for each test: a run takes every blob that it finds. */
const it = base.extend('hub', async ({}, { onCleanup }) => {
  const test = await openTestHub();
  onCleanup(() => test.close());
  return test.hub;
});

function run(hub: Hub, virtualXorbs = new VirtualXorbs()): Promise<number> {
  return virtualXorbs.run(hub.deps, new AbortController().signal);
}

/** Bytes as an LFS upload leaves them. @param named what the row says they are. */
async function storeBlob(hub: Hub, bytes: Buffer, named: Sha256 = sha256Of(bytes)): Promise<Sha256> {
  const storageKey = lfsKey(named, randomUUID());
  await hub.deps.store.put(storageKey, bytes, { sizeBytes: bytes.length });
  await hub.deps.sql.transaction((tx) =>
    insertLfsObject(tx, { sha256: named, sizeBytes: bytes.length, storageKey }),
  );
  return named;
}

function chunksOf(bytes: Buffer): ChunkList {
  const hasher = new ChunkHasher();
  hasher.update(bytes);
  return hasher.finish();
}

interface XorbRow {
  readonly id: Buffer;
  readonly hash: Buffer;
  readonly storage_key: string | null;
  readonly blob_offset_bytes: number | null;
  readonly chunk_index: Buffer;
  readonly raw_bytes: number;
  readonly serialized_bytes: number;
}

/** Everything that the hub has written down about the Xet form of a content. */
async function formOf({ deps: { sql } }: Hub, sha256: Sha256) {
  const values = [sha256ToBytes(sha256)];
  const [shown] = await sql.query<{ hash: Buffer }>({
    text: 'select f.hash from lfs_object o join xet_file f on f.id = o.xet_file_id where o.sha256 = $1',
    values,
  });
  const files = await sql.query<{ hash: Buffer; size_bytes: number; terms: Buffer }>({
    text: 'select hash, size_bytes, terms from xet_file where sha256 = $1',
    values,
  });
  const xorbs = await sql.query<XorbRow>({
    text: `
      select id, hash, storage_key, blob_offset_bytes, chunk_index, raw_bytes, serialized_bytes from xet_xorb
      where blob_sha256 = $1 order by blob_offset_bytes`,
    values,
  });
  const chunks = await sql.query<{ hash: Buffer }>({
    text: `
      select c.hash from xet_chunk c join xet_xorb x on x.id = c.xorb_id where x.blob_sha256 = $1 order by c.hash`,
    values,
  });
  return {
    xetHash: shown ? xetHashText(shown.hash) : null,
    files: files.map(({ hash, size_bytes: sizeBytes, terms }) => ({
      hash: xetHashText(hash),
      sizeBytes,
      terms: decodeTerms(terms),
    })),
    xorbs: xorbs.map((xorb) => ({
      id: xorbIdText(xorb.id),
      hash: xetHashText(xorb.hash),
      storageKey: xorb.storage_key,
      blobOffsetBytes: xorb.blob_offset_bytes,
      index: decodeXorbIndex(xorb.chunk_index),
      rawBytes: xorb.raw_bytes,
      serializedBytes: xorb.serialized_bytes,
    })),
    chunks: chunks.map((chunk) => chunk.hash),
  };
}

/** Re-reads everything, by code that shares nothing with what is tested. */
async function problemsOf(hub: Hub): Promise<readonly string[]> {
  const problems: string[] = [];
  await hub.services().fsck.runAsOperator(({ message }) => problems.push(message));
  return problems;
}

/** The same hub with a log that can be read. */
function withLog(hub: Hub) {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
  return { deps: { ...hub.deps, log }, lines };
}

describe('a blob that was uploaded by LFS', () => {
  it('gets the form that a Xet client would have given it, over its own bytes', async ({ hub }) => {
    const bytes = randomBytes(130 * MIB);
    const chunks = chunksOf(bytes);
    const sha256 = await storeBlob(hub, bytes);
    const before = await hub.deps.store.list({ prefix: 'lfs/' });
    expect(await run(hub)).toBe(1);

    const { xetHash, files, xorbs, chunks: asked } = await formOf(hub, sha256);
    expect(xetHash).toBe(xetHashText(fileHash(chunks)));
    expect(xorbs.length).toBe(3);
    let chunkAt = 0;
    let offsetBytes = 0;
    for (const xorb of xorbs) {
      const { index } = xorb;
      const count = index.lengths.length;
      expect(xetHashText(merkleRoot(index))).toBe(xorb.hash);
      expect(index.lengths).toEqual(chunks.lengths.slice(chunkAt, chunkAt + count));
      expect(
        index.hashes.equals(
          chunks.hashes.subarray(chunkAt * XET_HASH_BYTES, (chunkAt + count) * XET_HASH_BYTES),
        ),
      ).toBe(true);
      expect(xorb).toMatchObject({ storageKey: null, blobOffsetBytes: offsetBytes });
      expect(xorb.serializedBytes).toBe(xorb.rawBytes + 8 * count);
      expect(xorb.serializedBytes).toBeLessThanOrEqual(64 * MIB);
      chunkAt += count;
      offsetBytes += xorb.rawBytes;
    }
    expect([chunkAt, offsetBytes]).toEqual([chunks.lengths.length, bytes.length]);
    expect(files).toEqual([
      {
        hash: xetHash,
        sizeBytes: bytes.length,
        terms: xorbs.map((xorb) => ({
          xorb: xorb.id,
          chunkStart: 0,
          chunkEnd: xorb.index.lengths.length,
          byteStart: 0,
          byteEnd: xorb.serializedBytes,
          rawBytes: xorb.rawBytes,
        })),
      },
    ]);
    const hashes = Array.from(chunks.lengths, (_, i) =>
      chunks.hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES),
    );
    const eligible = hashes.filter((hash, i) => i === 0 || isDedupChunk(hash));
    expect(asked).toEqual(eligible.toSorted((a, b) => a.compare(b)));
    expect(await hub.deps.store.list({ prefix: 'lfs/' })).toEqual(before);
    expect((await hub.deps.store.list({ prefix: 'xorbs/' })).objects).toEqual([]);
    expect(await problemsOf(hub)).toEqual([]);
  });

  it('is done once, and the one that came first comes first', async ({ hub }) => {
    const first = await storeBlob(hub, randomBytes(100_000));
    await storeBlob(hub, randomBytes(1));
    const next = await findUnpresentedBlob(hub.deps.sql, { except: [], maxBytes: MIB });
    expect(next?.sha256).toBe(first);
    expect(await run(hub)).toBe(2);
    const form = await formOf(hub, first);
    expect(await run(hub)).toBe(0);
    expect(await formOf(hub, first)).toEqual(form);
    expect(await problemsOf(hub)).toEqual([]);
  });

  it('needs each of its xorbs once, though it repeats itself', async ({ hub }) => {
    const sha256 = await storeBlob(hub, Buffer.alloc(2 * ZERO_XORB_BYTES + 130_000));
    expect(await run(hub)).toBe(1);
    const { files, xorbs } = await formOf(hub, sha256);
    const [zeros, tail] = xorbs.map((xorb) => xorb.id);
    expect(xorbs.map((xorb) => xorb.blobOffsetBytes)).toEqual([0, 2 * ZERO_XORB_BYTES]);
    expect(files[0]?.terms.map((term) => term.xorb)).toEqual([zeros, zeros, tail]);
    expect(await problemsOf(hub)).toEqual([]);
  });

  it.for(['by somebody who compressed it', 'as a part of another blob'])(
    'has xorbs of its own, though the same chunks are here already: %s',
    async (how, { hub }) => {
      const bytes = randomBytes(300_000);
      const chunks = chunksOf(bytes);
      const [pack] = packChunks(chunks);
      const { hash, rawBytes } = pack!;
      const index = packIndex(chunks, pack!);
      // As if every chunk had been compressed to 100 bytes.
      const ends = index.ends.map((_, i) => 108 * (i + 1));
      const stored = { kind: 'stored', storageKey: xorbKey(hash, randomUUID()) } as const;
      const form = randomBytes(32);
      const blobSha256 = await storeBlob(hub, Buffer.concat([bytes, Buffer.of(0)]));
      const part = { kind: 'virtual', blobSha256, blobOffsetBytes: 0 } as const;
      const other =
        how === 'as a part of another blob'
          ? { place: part, index, serializedBytes: index.ends.at(-1)! }
          : { place: stored, index: { ...index, ends }, serializedBytes: ends.at(-1)! };
      await hub.deps.sql.transaction((tx) =>
        insertXorb(tx, { id: xorbIdOf(hash, form), hash, rawBytes, ...other }),
      );
      const sha256 = await storeBlob(hub, bytes);
      expect(await run(hub)).toBe(2);
      const { files, xorbs } = await formOf(hub, sha256);
      expect(xorbs).toMatchObject([{ hash, blobOffsetBytes: 0 }]);
      const chunkEnd = index.lengths.length;
      const byteEnd = index.ends.at(-1);
      const xorb = xorbs[0]!.id;
      expect(files[0]?.terms).toEqual([{ xorb, chunkStart: 0, chunkEnd, byteStart: 0, byteEnd, rawBytes }]);
    },
  );

  it('has a file of its own beside one of the same chunks in other xorbs', async ({ hub }) => {
    const bytes = randomBytes(400_000);
    const chunks = chunksOf(bytes);
    const sha256 = await storeBlob(hub, bytes);
    const hash = xetHashText(fileHash(chunks));
    await hub.deps.sql.transaction(async (tx) => {
      const terms: FileTerm[] = [];
      // A client packed each chunk by itself.
      for (const [i, rawBytes] of chunks.lengths.entries()) {
        const hashes = chunks.hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES);
        const hash = xetHashText(hashes);
        const xorb = xorbIdOf(hash, randomBytes(32));
        const serializedBytes = rawBytes + 8;
        await insertXorb(tx, {
          id: xorb,
          hash,
          place: { kind: 'stored', storageKey: xorbKey(hash, randomUUID()) },
          index: { hashes, lengths: Uint32Array.of(rawBytes), ends: Uint32Array.of(serializedBytes) },
          rawBytes,
          serializedBytes,
        });
        terms.push({ xorb, chunkStart: 0, chunkEnd: 1, byteStart: 0, byteEnd: serializedBytes, rawBytes });
      }
      await insertXetFile(tx, { hash, sha256, sizeBytes: bytes.length, terms: encodeTerms(terms) });
    });
    const before = await formOf(hub, sha256);
    expect(before).toMatchObject({ xetHash: null, xorbs: [] });
    expect(await run(hub)).toBe(1);
    const { xetHash, files, xorbs } = await formOf(hub, sha256);
    expect([xetHash, files.map((file) => file.hash)]).toEqual([hash, [hash, hash]]);
    expect(files).toContainEqual(before.files[0]);
    expect(xorbs.map((xorb) => xorb.storageKey)).toEqual([null]);
  });

  it('is done right when two nodes do it at once', async ({ hub }) => {
    const blobs = await Promise.all(
      [1, 2, 3, 4].map((seed) => storeBlob(hub, Buffer.concat([Buffer.alloc(100_000), Buffer.of(seed)]))),
    );
    const { deps, lines } = withLog(hub);
    const { signal } = new AbortController();
    await Promise.all([1, 2].map(() => new VirtualXorbs().run(deps, signal)));
    expect(lines).toEqual([]);
    for (const sha256 of blobs) {
      const { xetHash, files } = await formOf(hub, sha256);
      expect(files.map((file) => file.hash)).toEqual([xetHash]);
    }
    expect(await problemsOf(hub)).toEqual([]);
  });

  it('keeps its bytes no longer than before', async ({ hub }) => {
    const sha256 = await storeBlob(hub, randomBytes(100_000));
    await run(hub);
    const [held] = await hub.deps.sql.query({
      text: 'select bool_or(lease_until > now()) as held from xet_xorb where blob_sha256 = $1',
      values: [sha256ToBytes(sha256)],
    });
    expect(held).toEqual({ held: false });
  });
});

describe('no Xet form', () => {
  it('is made of nothing, nor of what is kept in xorbs or was collected', async ({ hub }) => {
    await storeBlob(hub, Buffer.alloc(0));
    const gone = await storeBlob(hub, randomBytes(1000));
    await hub.deps.sql.execute({
      text: `update lfs_object set state = 'gone' where sha256 = $1`,
      values: [sha256ToBytes(gone)],
    });
    await hub.deps.sql.execute({
      text: `insert into lfs_object (sha256, size_bytes, lease_until) values (sha256('x'), 1, now())`,
    });
    expect(await run(hub)).toBe(0);
  });

  it('is written down for a blob that was collected while it was read', async ({ hub }) => {
    const sha256 = await storeBlob(hub, randomBytes(100_000));
    const blob = await findUnpresentedBlob(hub.deps.sql, { except: [], maxBytes: MIB });
    const pool = chunkPool();
    const lease = await pool.lease();
    const file = await chunkBlob(hub.deps.store, blob!, { lease, signal: new AbortController().signal });
    await pool.close();
    await hub.deps.sql.execute({
      text: `update lfs_object set state = 'deleting' where sha256 = $1`,
      values: [sha256ToBytes(sha256)],
    });
    expect(await saveVirtualXorbs(hub.deps.sql, blob!, file)).toBe(false);
    expect(await formOf(hub, sha256)).toEqual({ xetHash: null, files: [], xorbs: [], chunks: [] });
  });
});

describe('a blob that cannot be read', () => {
  it('is left alone for a while, and the others go on', async ({ hub }) => {
    const damaged = await storeBlob(hub, randomBytes(1000), parseSha256('a'.repeat(64)));
    const lost = await storeBlob(hub, randomBytes(1000));
    const blobs = await hub.deps.store.list({ prefix: 'lfs/' });
    await hub.deps.store.delete(blobs.objects.find(({ key }) => key.includes(lost))!.key);
    const fine = await storeBlob(hub, randomBytes(1000));
    const { deps, lines } = withLog(hub);
    const virtualXorbs = new VirtualXorbs();
    const { signal } = new AbortController();
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) counts.push(await virtualXorbs.run(deps, signal));
    expect(counts).toEqual([0, 0, 1, 0]);
    expect(lines.map((line) => (JSON.parse(line) as { sha256: string }).sha256)).toEqual([damaged, lost]);
    for (const sha256 of [damaged, lost])
      expect(await formOf(hub, sha256)).toEqual({ xetHash: null, files: [], xorbs: [], chunks: [] });
    expect((await formOf(hub, fine)).files).toHaveLength(1);
    // A process that starts anew tries again.
    await new VirtualXorbs().run(deps, signal);
    expect(lines).toHaveLength(3);
  });
});

describe('the job', () => {
  it('belongs to the hub', ({ hub }) => {
    expect(createJobs(hub.config).map((job) => job.name)).toContain('xet-virtual');
  });

  it('leaves the rest for later when the hub stops', async ({ hub }) => {
    const sha256 = await storeBlob(hub, randomBytes(20 * MIB));
    const { deps, lines } = withLog(hub);
    const stopping = new AbortController();
    const virtualXorbs = new VirtualXorbs();
    // The store opens the blob when the hub stops.
    const store = Object.create(deps.store, {
      get: {
        value: (...args: Parameters<typeof deps.store.get>) => {
          stopping.abort();
          return deps.store.get(...args);
        },
      },
    }) as typeof deps.store;
    expect(await virtualXorbs.run({ ...deps, store }, stopping.signal)).toBe(0);
    expect(lines).toEqual([]);
    expect((await formOf(hub, sha256)).files).toEqual([]);
    expect(await run(hub, virtualXorbs)).toBe(1);
    expect(xetHashBytes((await formOf(hub, sha256)).xetHash!)).toHaveLength(XET_HASH_BYTES);
  });

  it('is told by the scheduler that the hub stops', async ({ hub }) => {
    const started = Promise.withResolvers<void>();
    const job: Job = {
      name: 'endless',
      intervalMs: 1,
      run: async (_deps, signal) => {
        started.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    };
    const scheduler = new Scheduler([job], () => hub.requestDeps());
    scheduler.start();
    await started.promise;
    await scheduler.stop();
  });
});
