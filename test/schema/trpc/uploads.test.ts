import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test as base } from 'vitest';
import { createHubClient, type HubClient } from '../../../schema/client/index.ts';
import { buildApp } from '../../../src/server/app.ts';
import type { Hub } from '../../../src/server/hub.ts';
import { steady } from '../../support/graphql.ts';
import { freePort } from '../../support/hub-command.ts';
import { Subscriber } from '../../support/subscriber.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { World } from '../../support/world.ts';

const MIB = 2 ** 20;

interface Place {
  readonly hub: Hub;
  readonly app: FastifyInstance;
  readonly url: string;
  readonly world: World;
}

/** A hub that listens where its signed URLs lead, and takes files above 8 MB in parts. */
const it = base.extend('place', { scope: 'file' }, async ({}, { onCleanup }): Promise<Place> => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const test = await openTestHub({
    BASE_URL: url,
    LFS_MULTIPART_THRESHOLD_BYTES: String(8 * MIB),
    LFS_MULTIPART_CHUNK_SIZE_BYTES: String(8 * MIB),
  });
  const app = await buildApp(test.hub);
  await app.listen({ port, host: '127.0.0.1' });
  onCleanup(async () => {
    await app.close();
    await test.close();
  });
  return { hub: test.hub, app, url, world: new World(test.hub) };
});

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

type Begun = Awaited<ReturnType<HubClient['trpc']['uploads']['begin']['mutate']>>['objects'][number];

/** As a browser does it: slices of the file, by `fetch`, without any header of its own. */
async function putParts(begun: Begun, bytes: Uint8Array, afterEach = async (): Promise<void> => {}) {
  if (begun.state !== 'upload') throw new Error(`${begun.sha256} is ${begun.state}`);
  const parts: { partNumber: number; etag: string }[] = [];
  for (const { partNumber, offsetBytes, sizeBytes, url } of begun.parts) {
    const body = new Uint8Array(bytes.subarray(offsetBytes, offsetBytes + sizeBytes));
    const answer = await fetch(url, { method: 'PUT', body });
    expect(answer.status).toBe(200);
    parts.push({ partNumber, etag: answer.headers.get('etag')! });
    await afterEach();
  }
  return { parts, token: begun.token!, isMultipart: begun.isMultipart };
}

describe('uploads', () => {
  it('bring 30 MB in parts from a browser to a commit, and are seen on their way', async ({ place }) => {
    const { hub, url, world } = place;
    const user = await world.user();
    const { trpc } = createHubClient({ url, token: user.token });
    const { fullName: name } = await trpc.repos.create.mutate({ name: 'large' });
    const bytes = randomBytes(30 * MIB);
    const sha256 = sha256Of(bytes);
    const sizeBytes = bytes.length;

    const asked = await trpc.uploads.preupload.mutate({
      repo: { name },
      files: [
        { path: 'model.bin', sizeBytes, sha256 },
        { path: 'config.json', sizeBytes: 2 },
      ],
    });
    expect(steady(asked)).toMatchInlineSnapshot(`
      {
        "commitOid": "<oid>",
        "files": [
          {
            "oid": null,
            "path": "model.bin",
            "shouldIgnore": false,
            "uploadMode": "lfs",
          },
          {
            "oid": null,
            "path": "config.json",
            "shouldIgnore": false,
            "uploadMode": "regular",
          },
        ],
      }
    `);

    const progress = new Subscriber<{ objects: readonly object[] }>((handlers) =>
      trpc.uploads.progress.subscribe({ repo: { name }, sha256s: [sha256] }, handlers),
    );
    expect(await progress.next()).toEqual({
      objects: [{ sha256, state: 'missing', sizeBytes: null, receivedBytes: 0 }],
    });

    const { objects } = await trpc.uploads.begin.mutate({ repo: { name }, objects: [{ sha256, sizeBytes }] });
    expect(objects).toEqual([
      {
        sha256,
        sizeBytes,
        state: 'upload',
        parts: [0, 8, 16, 24].map((offset, n) => ({
          partNumber: n + 1,
          offsetBytes: offset * MIB,
          sizeBytes: (offset < 24 ? 8 : 6) * MIB,
          url: expect.stringContaining(`${url}/`),
        })),
        isMultipart: true,
        token: expect.any(String),
        expiresAt: expect.stringMatching(/Z$/),
      },
    ]);
    const received: unknown[] = [];
    const sent = await putParts(objects[0]!, bytes, async () => {
      received.push((await progress.next())?.objects[0]);
    });
    const receivedBytes = [8, 16, 24, 30].map((size) => size * MIB);
    const waiting = (bytesHere: number) => ({
      sha256,
      state: 'waiting',
      sizeBytes,
      receivedBytes: bytesHere,
    });
    expect(received).toEqual(receivedBytes.map(waiting));
    expect(sent).toMatchObject({ isMultipart: true, parts: { length: 4 } });
    expect(
      await trpc.uploads.complete.mutate({ sha256, token: sent.token, parts: sent.parts }),
    ).toBeUndefined();
    const whole = { sha256, sizeBytes, receivedBytes: sizeBytes };
    expect(await progress.next()).toEqual({ objects: [{ ...whole, state: 'received' }] });
    expect(
      await trpc.uploads.verify.mutate({ repo: { name }, sha256, sizeBytes, token: sent.token }),
    ).toBeUndefined();
    expect(await progress.next()).toEqual({ objects: [{ ...whole, state: 'verified' }] });
    expect(await progress.next()).toBeUndefined();
    await expect.poll(() => hub.deps.activity.size).toBe(0);

    const { commitOid } = await trpc.commits.create.mutate({
      repo: { name },
      title: 'Add a model',
      operations: [
        { kind: 'lfsFile', path: 'model.bin', sha256, sizeBytes },
        { kind: 'file', path: 'config.json', content: btoa('{}'), encoding: 'base64' },
        { kind: 'copyFile', path: 'old/.gitattributes', sourcePath: '.gitattributes' },
        { kind: 'deleteFile', path: '.gitattributes' },
      ],
    });
    const file = await fetch(`${url}/${name}/resolve/${commitOid}/model.bin`);
    expect(sha256Of(new Uint8Array(await file.arrayBuffer()))).toBe(sha256);
    const config = await fetch(`${url}/${name}/resolve/main/config.json`);
    expect(await config.text()).toBe('{}');
    const again = await trpc.uploads.begin.mutate({ repo: { name }, objects: [{ sha256, sizeBytes }] });
    expect(again).toEqual({ objects: [{ sha256, sizeBytes, state: 'here' }] });
  });

  it('bring a small file by one request', async ({ place: { url, world } }) => {
    const user = await world.user();
    const { trpc } = createHubClient({ url, token: user.token });
    const { fullName: name } = await trpc.repos.create.mutate({ name: 'small' });
    const bytes = Buffer.from('some weights');
    const sha256 = sha256Of(bytes);
    const { objects } = await trpc.uploads.begin.mutate({
      repo: { name },
      objects: [{ sha256, sizeBytes: bytes.length }],
    });
    expect(objects).toEqual([
      {
        sha256,
        sizeBytes: bytes.length,
        state: 'upload',
        parts: [
          {
            partNumber: 1,
            offsetBytes: 0,
            sizeBytes: bytes.length,
            url: expect.stringContaining(`${url}/`),
          },
        ],
        isMultipart: false,
        token: expect.any(String),
        expiresAt: expect.stringMatching(/Z$/),
      },
    ]);
    expect(await trpc.uploads.status.query({ repo: { name }, sha256s: [sha256] })).toEqual({
      objects: [{ sha256, state: 'waiting', sizeBytes: bytes.length, receivedBytes: 0 }],
    });
    expect(await putParts(objects[0]!, bytes)).toMatchObject({ isMultipart: false });
    const { objects: after } = await trpc.uploads.status.query({ repo: { name }, sha256s: [sha256] });
    expect(after).toEqual([
      { sha256, state: 'verified', sizeBytes: bytes.length, receivedBytes: bytes.length },
    ]);
    expect(
      await trpc.uploads.verify.mutate({ repo: { name }, sha256, sizeBytes: bytes.length }),
    ).toBeUndefined();
  });

  it('say of each object by itself why it is refused', async ({ place: { url, world } }) => {
    const user = await world.user();
    const { trpc } = createHubClient({ url, token: user.token });
    const { fullName: name } = await trpc.repos.create.mutate({ name: 'refused' });
    const { objects } = await trpc.uploads.begin.mutate({
      repo: { name },
      objects: [
        { sha256: 'A'.repeat(64), sizeBytes: 1 },
        { sha256: 'a'.repeat(64), sizeBytes: 1 },
      ],
    });
    expect(objects).toMatchObject([{ state: 'refused', error: { code: 'BadRequest' } }, { state: 'upload' }]);
    expect(objects[0]).toMatchInlineSnapshot(`
      {
        "error": {
          "code": "BadRequest",
          "message": "The id of an LFS object is a SHA-256: 64 lower-case hexadecimal digits.",
        },
        "sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "sizeBytes": 1,
        "state": "refused",
      }
    `);
  });

  it('of others, and those that nobody sees, are not told', async ({ place: { url, world } }) => {
    const owner = await world.user();
    const own = createHubClient({ url, token: owner.token }).trpc;
    const theirs = createHubClient({ url, token: (await world.user()).token }).trpc;
    const { fullName: name } = await own.repos.create.mutate({ name: 'hidden' });
    const bytes = Buffer.from('nobody else knows that I have this');
    const sha256 = sha256Of(bytes);
    const { objects } = await own.uploads.begin.mutate({
      repo: { name },
      objects: [{ sha256, sizeBytes: bytes.length }],
    });
    const missing = { objects: [{ sha256, state: 'missing', sizeBytes: null, receivedBytes: 0 }] };
    expect(await theirs.uploads.status.query({ repo: { name }, sha256s: [sha256] })).toEqual(missing);
    await putParts(objects[0]!, bytes);
    expect(await theirs.uploads.status.query({ repo: { name }, sha256s: [sha256] })).toEqual(missing);
    await expect(
      createHubClient({ url }).trpc.uploads.status.query({ repo: { name }, sha256s: [sha256] }),
    ).rejects.toMatchObject({ data: { domainCode: 'Unauthenticated' } });
    await own.repos.updateSettings.mutate({ repo: { name }, visibility: 'private' });
    await expect(theirs.uploads.status.query({ repo: { name }, sha256s: [sha256] })).rejects.toMatchObject({
      data: { domainCode: 'RepoNotFound' },
    });
    const stream = new Subscriber((handlers) =>
      theirs.uploads.progress.subscribe({ repo: { name }, sha256s: [sha256] }, handlers),
    );
    await expect(stream.next()).rejects.toMatchObject({ data: { domainCode: 'RepoNotFound' } });
  });

  it('of other bytes than announced are refused', async ({ place: { url, world } }) => {
    const user = await world.user();
    const { trpc } = createHubClient({ url, token: user.token });
    const { fullName: name } = await trpc.repos.create.mutate({ name: 'wrong' });
    const bytes = randomBytes(9 * MIB);
    const sha256 = sha256Of(bytes);
    const sizeBytes = bytes.length;
    const { objects } = await trpc.uploads.begin.mutate({ repo: { name }, objects: [{ sha256, sizeBytes }] });
    const progress = new Subscriber<{ objects: readonly object[] }>((handlers) =>
      trpc.uploads.progress.subscribe({ repo: { name }, sha256s: [sha256] }, handlers),
    );
    expect(await progress.next()).toMatchObject({ objects: [{ state: 'waiting', receivedBytes: 0 }] });
    const { parts, token } = await putParts(objects[0]!, randomBytes(sizeBytes));
    await trpc.uploads.complete.mutate({ sha256, token, parts });
    await expect(
      trpc.uploads.verify.mutate({ repo: { name }, sha256, sizeBytes, token }),
    ).rejects.toMatchObject({
      data: { domainCode: 'BadRequest' },
    });
    let last: object | undefined;
    while (last === undefined || !('state' in last) || last.state !== 'missing')
      last = (await progress.next())?.objects[0];
    progress.close();
    await expect(
      trpc.commits.create.mutate({
        repo: { name },
        title: 'Name it all the same',
        operations: [{ kind: 'lfsFile', path: 'a.bin', sha256, sizeBytes }],
      }),
    ).rejects.toMatchObject({ data: { domainCode: 'LfsObjectMissing' } });
  });
});
