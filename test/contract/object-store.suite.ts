import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ObjectMismatch,
  ObjectNotFound,
  RangeNotSatisfiable,
  StorageUnavailable,
} from '../../src/storage/errors.ts';
import { objectPrefixes, uploadKey } from '../../src/storage/keys.ts';
import type { ObjectKey, ObjectStore } from '../../src/storage/object-store.ts';
import type { StoreHarness } from './object-store.harness.ts';
import { someObject } from './object-store.harness.ts';
import { describeSignedUrls } from './object-store-urls.suite.ts';
import { measureBigObject } from './object-store-big.ts';

const MIB = 1024 * 1024;

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'saved-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function bytesOf(body: Readable): Promise<Buffer> {
  return Buffer.concat(await body.toArray());
}

/** What every adapter of `ObjectStore` must do. */
export function describeObjectStore(name: string, make: () => Promise<StoreHarness>): void {
  describe(`${name} object store`, () => {
    let harness: StoreHarness;
    let store: ObjectStore;

    beforeAll(async () => {
      harness = await make();
      store = harness.store;
    });
    afterAll(() => harness.close());

    async function stored(sizeBytes?: number) {
      const object = someObject(sizeBytes);
      await store.put(object.key, object.bytes, object);
      return object;
    }

    async function expectNothing(key: ObjectKey) {
      expect(await store.stat(key)).toBeNull();
      expect(await harness.leftovers(key)).toEqual([]);
    }

    describe('saveTo', () => {
      it.each([0, 3 * MIB + 7])('copies %d bytes into a local file', async (sizeBytes) => {
        const { key, bytes } = await stored(sizeBytes);
        await using directory = await temporaryDirectory();
        const path = join(directory.path, 'copy');
        await store.saveTo(key, path);
        expect((await readFile(path)).equals(bytes)).toBe(true);
        await store.delete(key);
        expect((await readFile(path)).equals(bytes)).toBe(true);
      });

      it('leaves no file of an object that is not there', async () => {
        await using directory = await temporaryDirectory();
        const { key } = someObject();
        await expect(store.saveTo(key, join(directory.path, 'copy'))).rejects.toThrow(ObjectNotFound);
        expect(await readdir(directory.path)).toEqual([]);
      });
    });

    describe('putFile', () => {
      it.each([0, 3 * MIB + 7])(
        'stores the %d bytes of a local file, which is its maker’s',
        async (sizeBytes) => {
          const { key, bytes } = someObject(sizeBytes);
          await using directory = await temporaryDirectory();
          const path = join(directory.path, 'made');
          await writeFile(path, bytes);
          await store.putFile(key, path, { sizeBytes });
          await store.putFile(key, path, { sizeBytes });
          expect(await readdir(directory.path)).toEqual(['made']);
          await rm(path);
          expect((await bytesOf((await store.get(key)).body)).equals(bytes)).toBe(true);
          expect(await harness.leftovers(key)).toEqual([]);
        },
      );

      it('stores nothing of a file with another size', async () => {
        const { key, bytes } = someObject(1000);
        await using directory = await temporaryDirectory();
        const path = join(directory.path, 'made');
        await writeFile(path, bytes);
        for (const sizeBytes of [999, 1001])
          await expect(store.putFile(key, path, { sizeBytes })).rejects.toThrow(ObjectMismatch);
        expect(await store.stat(key)).toBeNull();
        expect(await harness.leftovers(key)).toEqual([]);
      });
    });

    describe('put and get', () => {
      it.each([0, 1, 1000, 3 * MIB + 7])('gives back the %d bytes of a buffer', async (sizeBytes) => {
        const { key, bytes } = await stored(sizeBytes);
        const read = await store.get(key);
        expect(read).toMatchObject({ sizeBytes, offsetBytes: 0, lengthBytes: sizeBytes });
        expect((await bytesOf(read.body)).equals(bytes)).toBe(true);
      });

      it.each([0, 1000, 40 * MIB + 7])('gives back the %d bytes of a stream', async (sizeBytes) => {
        const { key, bytes, sha256 } = someObject(sizeBytes);
        await store.put(key, Readable.from(chunked(bytes, 100_001)), { sizeBytes, sha256 });
        expect((await bytesOf((await store.get(key)).body)).equals(bytes)).toBe(true);
        expect(await harness.leftovers(key)).toEqual([]);
      });

      it('pipes an object to a slow destination', async () => {
        const { key, bytes } = await stored(3 * MIB + 7);
        const destination = new PassThrough({ highWaterMark: 1000 });
        const received = destination.toArray();
        await pipeline((await store.get(key)).body, destination);
        expect(Buffer.concat(await received).equals(bytes)).toBe(true);
      });

      it('says what it holds', async () => {
        const { key } = await stored(1000);
        const stat = await store.stat(key);
        expect(stat).toMatchObject({ sizeBytes: 1000, version: expect.stringMatching(/./) });
        expect(stat?.modifiedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
      });

      it('knows no object that nobody put', async () => {
        const { key } = someObject();
        expect(await store.stat(key)).toBeNull();
        await expect(store.get(key)).rejects.toThrow(ObjectNotFound);
        await expect(store.read(key, { start: 0 })).rejects.toThrow(ObjectNotFound);
        await expect(store.hash(key)).rejects.toThrow(ObjectNotFound);
      });

      it('hashes what is stored', async () => {
        const { key, sha256 } = await stored(3 * MIB);
        const version = (await store.stat(key))?.version;
        expect(await store.hash(key)).toEqual({ sha256, sizeBytes: 3 * MIB, version });
      });

      it.each(['../escape', 'lfs/../../escape', '/etc/passwd', 'lfs/\0', 'lfs//a', '.hidden', 'lfs/.', ''])(
        'refuses the key %j',
        async (key) => {
          const options = { sizeBytes: 1 };
          await expect(store.put(key as ObjectKey, Buffer.from('a'), options)).rejects.toThrow('object key');
          await expect(store.get(key as ObjectKey)).rejects.toThrow('object key');
          await expect(store.delete(key as ObjectKey)).rejects.toThrow('object key');
        },
      );
    });

    describe('ranges', () => {
      it.each([
        ['the first byte', { start: 0, end: 0 }, 0, 1],
        ['the last byte', { start: 999, end: 999 }, 999, 1],
        ['the middle', { start: 10, end: 19 }, 10, 10],
        ['an open end', { start: 990 }, 990, 10],
        ['an end past the object', { start: 990, end: 5000 }, 990, 10],
        ['a suffix', { lastBytes: 10 }, 990, 10],
        ['a suffix longer than the object', { lastBytes: 5000 }, 0, 1000],
      ])('reads %s', async (_, range, offsetBytes, lengthBytes) => {
        const { key, bytes } = await stored(1000);
        const expected = bytes.subarray(offsetBytes, offsetBytes + lengthBytes);
        const read = await store.get(key, { range });
        expect(read).toMatchObject({ sizeBytes: 1000, offsetBytes, lengthBytes });
        expect((await bytesOf(read.body)).equals(expected)).toBe(true);
        expect((await store.read(key, range)).equals(expected)).toBe(true);
      });

      it.each([
        ['a start past the end', 1000, { start: 1000 }],
        ['an empty suffix', 1000, { lastBytes: 0 }],
        ['an end before the start', 1000, { start: 5, end: 4 }],
        ['any range of an empty object', 0, { start: 0, end: 0 }],
      ])('refuses %s', async (_, sizeBytes, range) => {
        const { key } = await stored(sizeBytes);
        const refusal = await store.get(key, { range }).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(RangeNotSatisfiable);
        expect(refusal).toMatchObject({ details: { sizeBytes } });
      });
    });

    describe('integrity', () => {
      it.each([1000, 17 * MIB])('refuses %d bytes with another hash', async (sizeBytes) => {
        const { key, bytes } = someObject(sizeBytes);
        const { sha256 } = someObject();
        await expect(store.put(key, bytes, { sizeBytes, sha256 })).rejects.toThrow(ObjectMismatch);
        const stream = Readable.from(chunked(bytes, MIB));
        await expect(store.put(key, stream, { sizeBytes, sha256 })).rejects.toThrow(ObjectMismatch);
        await expectNothing(key);
      });

      it.each([
        ['short', -1],
        ['long', 1],
      ])('refuses a body that is too %s', async (_, difference) => {
        const { key, bytes } = someObject(17 * MIB);
        const sizeBytes = bytes.length - difference;
        await expect(store.put(key, bytes, { sizeBytes })).rejects.toThrow(ObjectMismatch);
        await expect(store.put(key, Readable.from(chunked(bytes, MIB)), { sizeBytes })).rejects.toThrow(
          ObjectMismatch,
        );
        await expectNothing(key);
      });

      it('keeps what is there: the same size is success, another size is refused', async () => {
        const { key, bytes, sizeBytes } = await stored(1000);
        await store.put(key, Buffer.alloc(sizeBytes), { sizeBytes });
        await expect(store.put(key, Buffer.alloc(5), { sizeBytes: 5 })).rejects.toThrow(ObjectMismatch);
        expect((await store.read(key, { start: 0 })).equals(bytes)).toBe(true);
        expect(await harness.leftovers(key)).toEqual([]);
      });

      it('lets many put the same object at once', async () => {
        const { key, bytes, sizeBytes, sha256 } = someObject(2 * MIB);
        const puts = Array.from({ length: 8 }, () => store.put(key, bytes, { sizeBytes, sha256 }));
        await Promise.all(puts);
        expect((await store.hash(key)).sha256).toBe(sha256);
        expect(await harness.leftovers(key)).toEqual([]);
      });
    });

    describe('interruption', () => {
      it.each([1000, 20 * MIB])(
        'leaves nothing when the body of %d bytes breaks half-way',
        async (sizeBytes) => {
          const { key, bytes } = someObject(sizeBytes);
          const body = Readable.from(brokenAfterHalf(bytes));
          await expect(store.put(key, body, { sizeBytes })).rejects.toThrow('connection lost');
          await expectNothing(key);
        },
      );

      it('leaves nothing when a put is aborted', async () => {
        const { key, bytes, sizeBytes } = someObject(20 * MIB);
        const abort = new AbortController();
        const body = new PassThrough();
        const put = store.put(key, body, { sizeBytes, signal: abort.signal });
        body.write(bytes.subarray(0, sizeBytes / 2), () => abort.abort());
        await expect(put).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
        await expectNothing(key);
      });

      it('ends a download that is aborted', async () => {
        const { key } = await stored(20 * MIB);
        const abort = new AbortController();
        const { body } = await store.get(key, { signal: abort.signal });
        body.once('data', () => abort.abort());
        await expect(body.toArray()).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
      });

      it('can be left by a reader that has seen enough', async () => {
        const { key } = await stored(20 * MIB);
        const { body } = await store.get(key);
        body.destroy();
        await once(body, 'close');
        expect(body.destroyed).toBe(true);
      });
    });

    describe('delete, list and promote', () => {
      it('deletes, again and again', async () => {
        const { key } = await stored();
        await store.delete(key);
        await store.delete(key);
        expect(await store.stat(key)).toBeNull();
      });

      it('lists by prefix, in pages, in order', async () => {
        const ids = Array.from({ length: 7 }, () => `00000000-0000-4000-8000-0000${randomUUID().slice(-8)}`);
        const keys = ids.map(uploadKey).sort();
        for (const key of keys) await store.put(key, Buffer.from('abc'), { sizeBytes: 3 });
        await stored();
        const listed: string[] = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const after = cursor === '' ? {} : { cursor };
          const page = await store.list({ prefix: objectPrefixes.uploads, limit: 3, ...after });
          expect(page.objects.length).toBeLessThanOrEqual(3);
          expect(page.objects.every(({ sizeBytes }) => sizeBytes === 3)).toBe(true);
          listed.push(...page.objects.map(({ key }) => key));
          cursor = page.nextCursor;
        }
        expect(listed).toEqual(keys);
        expect((await store.list({ prefix: 'nothing/' })).objects).toEqual([]);
        for (const key of keys) await store.delete(key);
      });

      it('promotes a verified upload', async () => {
        const { key, bytes, sizeBytes, sha256 } = someObject(3 * MIB);
        const from = uploadKey(randomUUID());
        await store.put(from, bytes, { sizeBytes });
        const { version, ...digest } = await store.hash(from);
        expect(digest).toEqual({ sha256, sizeBytes });
        await store.promote(from, key, version);
        expect((await store.hash(key)).sha256).toBe(sha256);
        expect((await store.hash(from)).sha256).toBe(sha256);
        await store.delete(from);
        expect((await store.hash(key)).sha256).toBe(sha256);
      });

      it('promotes onto the same object, not onto one of another size', async () => {
        const { key, bytes, sizeBytes } = await stored();
        const [same, other] = [uploadKey(randomUUID()), uploadKey(randomUUID())];
        await store.put(same, bytes, { sizeBytes });
        await store.promote(same, key, (await store.hash(same)).version);
        await store.delete(same);
        await store.put(other, Buffer.from('other'), { sizeBytes: 5 });
        const { version } = await store.hash(other);
        await expect(store.promote(other, key, version)).rejects.toThrow(ObjectMismatch);
        expect((await store.stat(key))?.sizeBytes).toBe(sizeBytes);
      });

      it('promotes only the version that was verified', async () => {
        const { key, bytes, sizeBytes } = someObject();
        const from = uploadKey(randomUUID());
        await store.put(from, bytes, { sizeBytes });
        const { version } = await store.hash(from);
        await store.delete(from);
        await store.put(from, Buffer.alloc(sizeBytes), { sizeBytes });
        await expect(store.promote(from, key, version)).rejects.toThrow(ObjectMismatch);
        await expectNothing(key);
        await expect(store.promote(uploadKey(randomUUID()), key, version)).rejects.toThrow(ObjectNotFound);
      });
    });

    describe('health and memory', () => {
      it('knows whether it can serve', async () => {
        await store.checkHealth();
        await expect(harness.unreachable.checkHealth()).rejects.toThrow(StorageUnavailable);
      });

      it('moves 200 MB with the memory of a few buffers', { timeout: 120_000 }, async () => {
        const { grownBytes } = await measureBigObject(harness.big);
        expect(grownBytes).toBeLessThan(100 * MIB);
      });
    });

    describeSignedUrls(() => harness);
  });
}

function* chunked(bytes: Buffer, chunkBytes: number) {
  for (let start = 0; start < bytes.length; start += chunkBytes)
    yield bytes.subarray(start, start + chunkBytes);
}

async function* brokenAfterHalf(bytes: Buffer) {
  yield* chunked(bytes.subarray(0, bytes.length / 2), MIB);
  throw new Error('connection lost');
}
