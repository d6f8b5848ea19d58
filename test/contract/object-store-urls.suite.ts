import { createHash, randomUUID } from 'node:crypto';
import { parse } from 'content-disposition';
import { describe, expect, it } from 'vitest';
import { BadRequest } from '../../src/lib/domain-error.ts';
import { ObjectMismatch, ObjectNotFound } from '../../src/storage/errors.ts';
import { uploadKey } from '../../src/storage/keys.ts';
import type { ObjectKey, ObjectStore } from '../../src/storage/object-store.ts';
import type { StoreHarness } from './object-store.harness.ts';
import { someObject } from './object-store.harness.ts';

const MINUTE = 60_000;
/** S3 takes no smaller part, but for the last. */
const PART_BYTES = 5 * 1024 * 1024;

/** What clients see: URLs for plain HTTP, one shot or in parts. Part of the contract of `ObjectStore`. */
export function describeSignedUrls(harness: () => StoreHarness): void {
  const store = (): ObjectStore => harness().store;

  async function send(key: ObjectKey, uploadId: string, part: { partNumber: number; bytes: Buffer }) {
    const { partNumber, bytes } = part;
    const options = { uploadId, partNumber, sizeBytes: bytes.length, expiresInMs: MINUTE };
    const answer = await fetch(await store().presignPart(key, options), { method: 'PUT', body: bytes });
    expect(answer.status).toBe(200);
    return { partNumber, etag: answer.headers.get('etag') ?? '' };
  }

  async function stored(sizeBytes?: number) {
    const object = someObject(sizeBytes);
    await store().put(object.key, object.bytes, object);
    return object;
  }

  describe('signed downloads', () => {
    it('serves the object', async () => {
      const { key, bytes } = await stored(1_000_003);
      const answer = await fetch(await store().presignGet(key, { expiresInMs: MINUTE }));
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-length')).toBe('1000003');
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    });

    it('serves ranges', async () => {
      const { key, bytes } = await stored(1000);
      const url = await store().presignGet(key, { expiresInMs: MINUTE });
      const middle = await fetch(url, { headers: { range: 'bytes=10-19' } });
      expect(middle.status).toBe(206);
      expect(middle.headers.get('content-range')).toBe('bytes 10-19/1000');
      expect(Buffer.from(await middle.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
      const suffix = await fetch(url, { headers: { range: 'bytes=-10' } });
      expect(suffix.headers.get('content-range')).toBe('bytes 990-999/1000');
      await suffix.body?.cancel();
      const past = await fetch(url, { headers: { range: 'bytes=1000-' } });
      expect(past.status).toBe(416);
      await past.body?.cancel();
    });

    it('serves one range alone when it is signed for that', async () => {
      const { key, bytes } = await stored(1000);
      const url = await store().presignGet(key, { expiresInMs: MINUTE, range: { start: 10, end: 19 } });
      const answer = await fetch(url, { headers: { range: 'bytes=10-19' } });
      expect(answer.status).toBe(206);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
      for (const range of ['bytes=10-20', 'bytes=9-19', 'bytes=0-', 'bytes=10-19,30-39']) {
        expect(await statusOf(url, { headers: { range } })).toBe(403);
      }
      expect(await statusOf(url)).toBe(403);
      expect(await statusOf(url, { headers: { range: 'bytes=10-19', 'if-range': '"x"' } })).toBe(206);
      for (const changed of changes(url))
        expect(await statusOf(changed, { headers: { range: 'bytes=10-19' } })).toBeGreaterThanOrEqual(400);
    });

    it.each(['model.safetensors', 'a "quoted" name.bin', 'naïve ☃ 模型.bin', 'semi;colon%20\\back.txt'])(
      'names the file %s',
      async (filename) => {
        const { key } = await stored();
        const options = { expiresInMs: MINUTE, filename, contentType: 'text/plain' };
        const answer = await fetch(await store().presignGet(key, options));
        expect(answer.headers.get('content-type')).toBe('text/plain');
        const disposition = parse(answer.headers.get('content-disposition') ?? '');
        expect(disposition.type).toBe('attachment');
        expect(disposition.parameters['filename']).toBe(filename);
        await answer.body?.cancel();
      },
    );

    it('refuses another method, a changed URL and an unknown object', async () => {
      const { key } = await stored();
      const url = await store().presignGet(key, { expiresInMs: MINUTE });
      expect(await statusOf(url, { method: 'PUT', body: 'x' })).toBe(403);
      for (const changed of changes(url)) expect(await statusOf(changed)).toBeGreaterThanOrEqual(400);
      expect(await statusOf(await store().presignGet(newKey(), { expiresInMs: MINUTE }))).toBe(404);
    });
  });

  describe('signed uploads', () => {
    it('takes a plain PUT', async () => {
      const { bytes, sizeBytes, sha256 } = someObject(1_000_003);
      const key = newKey();
      const url = await store().presignPut(key, { sizeBytes, sha256, expiresInMs: MINUTE });
      expect(await statusOf(url, { method: 'PUT', body: bytes })).toBe(200);
      expect(await store().hash(key)).toMatchObject({ sha256, sizeBytes });
    });

    it('refuses another size, another method and a changed URL', async () => {
      const { bytes, sizeBytes } = someObject();
      const key = newKey();
      const url = await store().presignPut(key, { sizeBytes, expiresInMs: MINUTE });
      expect(await statusOf(url, { method: 'PUT', body: bytes.subarray(1) })).toBeGreaterThanOrEqual(400);
      expect(
        await statusOf(url, { method: 'PUT', body: Buffer.concat([bytes, bytes]) }),
      ).toBeGreaterThanOrEqual(400);
      expect(await statusOf(url)).toBe(403);
      for (const changed of changes(url)) {
        expect(await statusOf(changed, { method: 'PUT', body: bytes })).toBeGreaterThanOrEqual(400);
      }
      await expectNothing(key);
    });
  });

  describe('expiry', () => {
    it('refuses URLs whose time is over', async () => {
      const { key } = await stored();
      const download = await store().presignGet(key, { expiresInMs: 1 });
      const upload = await store().presignPut(newKey(), { sizeBytes: 1, expiresInMs: 1 });
      await expect.poll(() => statusOf(download), { timeout: 5000 }).toBe(403);
      await expect.poll(() => statusOf(upload, { method: 'PUT', body: 'x' }), { timeout: 5000 }).toBe(403);
    });
  });

  describe('multipart', () => {
    it.each([1, 2, 4])('joins %d parts', async (count) => {
      const key = newKey();
      const uploadId = await store().createMultipart(key);
      const bytes = someObject(PART_BYTES * (count - 1) + 1234).bytes;
      const parts = [];
      for (let partNumber = count; partNumber >= 1; partNumber -= 1) {
        const part = bytes.subarray(PART_BYTES * (partNumber - 1), PART_BYTES * partNumber);
        parts.unshift(await send(key, uploadId, { partNumber, bytes: part }));
      }
      expect(await store().stat(key)).toBeNull();
      expect(
        (await store().listParts(key, uploadId)).map(({ partNumber, etag }) => ({ partNumber, etag })),
      ).toEqual(parts);
      await store().completeMultipart(key, uploadId, parts);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(await store().hash(key)).toMatchObject({ sha256, sizeBytes: bytes.length });
      await expect(store().listParts(key, uploadId)).rejects.toThrow(ObjectNotFound);
      expect(await harness().leftovers(key)).toEqual([]);
    });

    it('uses the last sending of a part', async () => {
      const key = newKey();
      const uploadId = await store().createMultipart(key);
      const first = await send(key, uploadId, { partNumber: 1, bytes: Buffer.from('first') });
      const second = await send(key, uploadId, { partNumber: 1, bytes: Buffer.from('second') });
      expect(second.etag).toMatch(/^".+"$/);
      await expect(store().completeMultipart(key, uploadId, [first])).rejects.toThrow(ObjectMismatch);
      await store().completeMultipart(key, uploadId, [second]);
      expect((await store().read(key, { start: 0 })).toString()).toBe('second');
    });

    it('is over for everybody when one of several requests has completed it', async () => {
      for (let round = 0; round < 5; round++) {
        const key = newKey();
        const uploadId = await store().createMultipart(key);
        const part = await send(key, uploadId, { partNumber: 1, bytes: Buffer.from(`round ${round}`) });
        const again = async (): Promise<never> => {
          for (;;) await store().listParts(key, uploadId);
        };
        const readers = Array.from({ length: 8 }, () => expect(again()).rejects.toThrow(ObjectNotFound));
        await store().completeMultipart(key, uploadId, [part]);
        await Promise.all(readers);
        expect((await store().read(key, { start: 0 })).toString()).toBe(`round ${round}`);
        expect(await harness().leftovers(key)).toEqual([]);
      }
    });

    it('refuses a wrong ETag, a missing part, a wrong order and no parts, and stays usable', async () => {
      const key = newKey();
      const uploadId = await store().createMultipart(key);
      const one = await send(key, uploadId, { partNumber: 1, bytes: Buffer.alloc(PART_BYTES, 1) });
      const two = await send(key, uploadId, { partNumber: 2, bytes: Buffer.from('end') });
      for (const parts of [
        [{ ...one, etag: two.etag }, two],
        [one, { partNumber: 3, etag: two.etag }],
        [two, one],
        [],
      ]) {
        await expect(store().completeMultipart(key, uploadId, parts)).rejects.toThrow(ObjectMismatch);
      }
      await store().completeMultipart(key, uploadId, [one, two]);
      expect((await store().stat(key))?.sizeBytes).toBe(PART_BYTES + 3);
    });

    it('refuses a part of another size, and a part number out of bounds', async () => {
      const key = newKey();
      const uploadId = await store().createMultipart(key);
      const options = { uploadId, partNumber: 1, sizeBytes: 10, expiresInMs: MINUTE };
      const url = await store().presignPart(key, options);
      expect(await statusOf(url, { method: 'PUT', body: 'short' })).toBeGreaterThanOrEqual(400);
      expect(await store().listParts(key, uploadId)).toEqual([]);
      for (const partNumber of [0, 1.5, 10_001]) {
        await expect(store().presignPart(key, { ...options, partNumber })).rejects.toThrow(BadRequest);
      }
      await store().abortMultipart(key, uploadId);
    });

    it('forgets an aborted upload', async () => {
      const key = newKey();
      const uploadId = await store().createMultipart(key);
      const part = await send(key, uploadId, { partNumber: 1, bytes: Buffer.from('bytes') });
      await store().abortMultipart(key, uploadId);
      await store().abortMultipart(key, uploadId);
      await expect(store().completeMultipart(key, uploadId, [part])).rejects.toThrow(ObjectNotFound);
      const options = { uploadId, partNumber: 2, sizeBytes: 1, expiresInMs: MINUTE };
      expect(await statusOf(await store().presignPart(key, options), { method: 'PUT', body: 'x' })).toBe(404);
      await expectNothing(key);
    });

    it('keeps uploads of different keys apart', async () => {
      const [key, other] = [newKey(), newKey()];
      const uploadId = await store().createMultipart(key);
      const part = await send(key, uploadId, { partNumber: 1, bytes: Buffer.from('bytes') });
      await expect(store().completeMultipart(other, uploadId, [part])).rejects.toThrow(ObjectNotFound);
      await store().abortMultipart(other, uploadId);
      expect(await store().listParts(key, uploadId)).toHaveLength(1);
      await store().abortMultipart(key, uploadId);
    });
  });

  async function expectNothing(key: ObjectKey) {
    expect(await store().stat(key)).toBeNull();
    expect(await harness().leftovers(key)).toEqual([]);
  }
}

function newKey(): ObjectKey {
  return uploadKey(randomUUID());
}

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const answer = await fetch(url, init);
  await answer.body?.cancel();
  return answer.status;
}

/** The URL with one character of each of its parameters changed. */
function changes(url: string): string[] {
  return [...new URL(url).searchParams].flatMap(([name, value]) =>
    [0, value.length >> 1, value.length - 2].map((at) => {
      const changed = new URL(url);
      const other = value[at] === 'A' ? 'B' : 'A';
      changed.searchParams.set(name, value.slice(0, at) + other + value.slice(at + 1));
      return changed.href;
    }),
  );
}
