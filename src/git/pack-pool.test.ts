import { hash } from 'node:crypto';

import { afterEach, describe, expect, it } from 'vitest';

import { verifiedObjects } from '../../test/support/verified-objects.ts';
import { hashObject } from './object.ts';
import { PackPool } from './pack-pool.ts';
import type { PackPoolOptions } from './pack-pool.ts';
import { readPackedObject } from './pack-reader.ts';
import { buildPack } from './pack-writer.ts';
import { packBlobsHere } from './packed-blobs.ts';

const FAILING_WORKER = new URL('./fixtures/failing-pack-worker.ts', import.meta.url);

const pools: PackPool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

function newPool(options: PackPoolOptions = {}): PackPool {
  const pool = new PackPool(options);
  pools.push(pool);
  return pool;
}

/** Enough blobs for a thread; the first one says what a failing worker shall do. */
function manyBlobs(first = 'fine'): Buffer[] {
  return [Buffer.from(first), ...Array.from({ length: 120 }, (_, i) => Buffer.from(`blob ${i % 100}`))];
}

describe('packBlobs', () => {
  it('gives the same in a thread and in place', async () => {
    const pool = newPool();
    const blobs = manyBlobs();
    const packed = await pool.packBlobs(blobs);
    expect(pool.workerCount).toBe(1);
    expect(packed).toEqual(packBlobsHere(blobs));
    expect(packed.oids).toEqual(blobs.map((blob) => hashObject('blob', blob)));
    expect(packed.sha256s).toEqual(blobs.map((blob) => hash('sha256', blob, 'hex')));
    expect(packed.entries).toHaveLength(101);
    await expect(verifiedObjects(packed.pack)).resolves.toHaveLength(101);
    expect(blobs[0]!.toString()).toBe('fine');
  });

  it('says where every blob lies', async () => {
    const blobs = manyBlobs().map((blob) => Buffer.concat([blob, Buffer.alloc(10_000, blob)]));
    const { pack, entries, oids } = await newPool().packBlobs(blobs);
    const byOid = new Map(entries.map((entry) => [entry.oid, entry]));
    for (const [i, oid] of oids.entries()) {
      const { offset, packedBytes } = byOid.get(oid)!;
      expect(readPackedObject(pack.subarray(offset, offset + packedBytes), 20_000).bytes).toEqual(blobs[i]);
    }
  });

  it('packs few small blobs, and none, without a thread', async () => {
    const pool = newPool();
    expect((await pool.packBlobs([])).pack).toEqual(buildPack([]).pack);
    expect((await pool.packBlobs([Buffer.from('a'), Buffer.from('a')])).entries).toHaveLength(1);
    expect(pool.workerCount).toBe(0);
  });

  it('sends one large blob to a thread', async () => {
    const pool = newPool();
    const { entries } = await pool.packBlobs([Buffer.alloc(300_000)]);
    expect(entries).toMatchObject([{ sizeBytes: 300_000, offset: 12 }]);
    expect(pool.workerCount).toBe(1);
  });
});

describe('a failing thread', () => {
  it('rejects its own job only and is replaced', async () => {
    const pool = newPool({ maxWorkers: 1, workerFile: FAILING_WORKER });
    const bad = pool.packBlobs(manyBlobs('throw'));
    const good = pool.packBlobs(manyBlobs());
    await expect(bad).rejects.toThrow('a pack worker');
    expect((await good).entries).toHaveLength(101);
  });
});

describe('close', () => {
  it('rejects running, waiting and later jobs', async () => {
    const pool = newPool({ maxWorkers: 1 });
    const jobs = Promise.allSettled([pool.packBlobs(manyBlobs()), pool.packBlobs(manyBlobs())]);
    await pool.close();
    expect((await jobs).map((job) => job.status)).toEqual(['rejected', 'rejected']);
    await expect(pool.packBlobs(manyBlobs())).rejects.toThrow('closed');
    expect(pool.workerCount).toBe(0);
  });
});
