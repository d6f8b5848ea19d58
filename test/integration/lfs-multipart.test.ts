import { describe, expect } from 'vitest';
import type { ObjectKey } from '../../src/storage/object-store.ts';
import {
  type BatchAnswer,
  it,
  isOnS3,
  localPath,
  type LfsWorld,
  PART_BYTES,
  type TestObject,
} from '../support/lfs-world.ts';

interface Part {
  readonly partNumber: number;
  readonly etag: string;
}

/** An upload of three parts, as huggingface_hub sees it. */
async function start(lfs: LfsWorld) {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  const object = lfs.object(2 * PART_BYTES + 1000);
  const { actions } = await lfs.ask(owner, repo, 'upload', object);
  const { chunk_size: chunkSize, ...urls } = actions!.upload!.header!;
  const slices = Object.values(urls).map((_, index) =>
    object.bytes.subarray(index * Number(chunkSize), (index + 1) * Number(chunkSize)),
  );
  return {
    owner,
    repo,
    object,
    urls,
    slices,
    complete: actions!.upload!.href,
    verify: actions!.verify!.href,
  };
}

async function sendParts(
  lfs: LfsWorld,
  urls: Record<string, string>,
  slices: readonly Buffer[],
): Promise<Part[]> {
  const parts: Part[] = [];
  for (const [index, [number, url]] of Object.entries(urls).entries()) {
    const sent = await lfs.put(url, slices[index] ?? Buffer.alloc(0));
    expect(sent.statusCode).toBe(200);
    parts.push({ partNumber: Number(number), etag: String(sent.headers['etag']) });
  }
  return parts;
}

function complete(lfs: LfsWorld, href: string, object: TestObject, parts: readonly Part[]) {
  return lfs.post(null, localPath(href), { oid: object.sha256, parts });
}

async function uploadKey(lfs: LfsWorld, { sha256 }: TestObject): Promise<ObjectKey> {
  const [upload] = await lfs.hub.deps.sql.query<{ storage_key: ObjectKey }>({
    text: `select storage_key from lfs_upload where sha256 = decode($1, 'hex')`,
    values: [sha256],
  });
  return upload!.storage_key;
}

describe('a multipart upload', () => {
  it('goes through parts, completion without credentials, and verify', async ({ lfs }) => {
    const { owner, repo, object, urls, slices, complete: href, verify } = await start(lfs);
    expect(Object.keys(urls)).toEqual(['00001', '00002', '00003']);
    const parts = await sendParts(lfs, urls, slices);
    expect((await complete(lfs, href, object, parts)).statusCode).toBe(200);
    expect((await lfs.verify(owner, verify, object)).statusCode).toBe(200);
    await lfs.commitObjects(repo, object);
    const { actions } = await lfs.ask(null, repo, 'download', object);
    expect((await lfs.get(actions!.download!.href)).rawPayload.equals(object.bytes)).toBe(true);
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('may be completed again, before and after verify', async ({ lfs }) => {
    const { owner, object, urls, slices, complete: href, verify } = await start(lfs);
    const parts = await sendParts(lfs, urls, slices);
    // Stores differ in what they tell the ones that come while the first is at it: some do not know the upload any more.
    const all = await Promise.all(Array.from({ length: 8 }, () => complete(lfs, href, object, parts)));
    expect(all.map((answer) => answer.statusCode)).toEqual(Array.from({ length: 8 }, () => 200));
    await lfs.verify(owner, verify, object);
    expect((await complete(lfs, href, object, parts)).statusCode).toBe(200);
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('is not completed with a missing part, a wrong ETag or another object', async ({ lfs }) => {
    const { owner, repo, object, urls, slices, complete: href, verify } = await start(lfs);
    const parts = await sendParts(lfs, urls, slices);
    const wrong = parts.map((part) => ({ ...part, etag: '"0000"' }));
    const answers = [
      await complete(lfs, href, object, parts.slice(0, 2)),
      await complete(lfs, href, object, wrong),
      await complete(lfs, href, object, parts.toReversed()),
      await complete(lfs, href, object, []),
      await complete(lfs, href, lfs.object(), parts),
      await lfs.post(owner, localPath(href), { oid: object.sha256, parts: [{ partNumber: 0, etag: '"a"' }] }),
    ];
    expect(answers.map((answer) => answer.statusCode)).toEqual([400, 400, 400, 400, 400, 400]);
    await expect(lfs.ensure(owner, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
    expect((await complete(lfs, href, object, parts)).statusCode, 'nothing was lost').toBe(200);
    expect((await lfs.verify(owner, verify, object)).statusCode).toBe(200);
  });

  it('is completed by the request that joined the parts, though the store lists them no more', async ({
    lfs,
  }) => {
    const { owner, object, urls, slices, complete: href, verify } = await start(lfs);
    const [last, ...first] = Object.entries(urls).toReversed();
    const sent = await sendParts(lfs, Object.fromEntries(first.toReversed()), slices);
    const named = [...sent, { partNumber: Number(last![0]), etag: '"joined"' }];
    const answer = complete(lfs, href, object, named);
    // By then the hub has seen that there is no object yet.
    await complete(lfs, href, object, sent);
    await lfs.hub.deps.store.put(await uploadKey(lfs, object), object.bytes, {
      sizeBytes: object.bytes.length,
      sha256: object.sha256,
    });
    expect((await answer).statusCode).toBe(200);
    expect((await lfs.verify(owner, verify, object)).statusCode).toBe(200);
  });

  it('is not completed with a part that never came', async ({ lfs }) => {
    const { object, urls, slices, complete: href } = await start(lfs);
    const [last, ...first] = Object.entries(urls).toReversed();
    const sent = await sendParts(lfs, Object.fromEntries(first.toReversed()), slices);
    const named = [...sent, { partNumber: Number(last![0]), etag: '"lost"' }];
    const answer = await complete(lfs, href, object, named);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('Send the missing parts');
  });

  it('refuses a part of another size', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const { urls, slices } = await start(lfs);
    const short = slices[0]!.subarray(1);
    expect((await lfs.put(urls['00001']!, short)).statusCode).toBe(400);
    expect((await lfs.put(urls['00003']!, slices[0]!)).statusCode).toBe(400);
  });

  it('of other bytes is found out by verify, and deleted', async ({ lfs }) => {
    const { owner, repo, object, urls, slices, complete: href, verify } = await start(lfs);
    const parts = await sendParts(
      lfs,
      urls,
      slices.map((slice) => Buffer.alloc(slice.length)),
    );
    expect((await complete(lfs, href, object, parts)).statusCode).toBe(200);
    expect((await lfs.verify(owner, verify, object)).statusCode).toBe(400);
    await expect(lfs.ensure(owner, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('decides the transfer of the whole answer', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const objects = [lfs.object(10), lfs.object(PART_BYTES + 1)];
    const mixed = await lfs.requestBatch(owner, repo, { operation: 'upload', objects });
    const answer = mixed.json<BatchAnswer>();
    expect(answer.transfer).toBe('multipart');
    expect(answer.objects.map(({ actions }) => Object.keys(actions!.upload!.header!).length - 1)).toEqual([
      1, 2,
    ]);
    const plain = await lfs.requestBatch(owner, repo, { operation: 'upload', objects, transfers: ['basic'] });
    expect(plain.json<BatchAnswer>().transfer).toBe('basic');
    expect(plain.json<BatchAnswer>().objects.map(({ actions }) => actions!.upload!.header)).toEqual([
      undefined,
      undefined,
    ]);
  });
});
