import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect } from 'vitest';
import { parseObjectKey } from '../../src/storage/keys.ts';
import { type BatchAnswer, it, isOnS3, type LfsWorld, localPath, sha256Of } from '../support/lfs-world.ts';

/** Sends raw HTTP and answers with everything that comes back, until the server closes the connection. */
async function exchange(
  lfs: LfsWorld,
  { lines, body, hangUp }: { lines: readonly string[]; body: Buffer; hangUp: boolean },
): Promise<string> {
  if (!lfs.app.server.listening) await lfs.app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((lfs.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  socket.write(body);
  if (hangUp) socket.end();
  return text(socket);
}

/** What an S3 client does: nobody looks at the bytes on their way. */
async function plant(lfs: LfsWorld, sha256: string, bytes: Buffer): Promise<string> {
  const [upload] = await lfs.hub.deps.sql.query<{ storage_key: string }>({
    text: `select storage_key from lfs_upload where sha256 = decode($1, 'hex')`,
    values: [sha256],
  });
  const key = parseObjectKey(upload!.storage_key);
  await lfs.hub.deps.store.put(key, bytes, { sizeBytes: bytes.length });
  return key;
}

describe('a basic upload', () => {
  it('is an object of the repository as soon as the PUT is answered', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    await lfs.put(actions!.upload!.href, object.bytes);
    expect((await lfs.ask(owner, repo, 'upload', object)).actions, 'nothing left to do').toBeUndefined();
    expect(await lfs.ensure(owner, repo, object)).toEqual(new Map([[object.sha256, { sizeBytes: 1000 }]]));
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('may be sent again when the answer was lost', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    const { href } = actions!.upload!;
    const answers = [
      await lfs.put(href, object.bytes),
      await lfs.put(href, object.bytes),
      await lfs.put(href, Buffer.alloc(object.bytes.length)),
    ];
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 400]);
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('takes an empty object', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const empty = { bytes: Buffer.alloc(0), sha256: sha256Of(Buffer.alloc(0)) };
    await lfs.upload(owner, repo, empty);
    expect((await lfs.ensure(owner, repo, empty)).get(empty.sha256)).toEqual({ sizeBytes: 0 });
  });

  it('leaves nothing behind when it breaks off, and can be sent again', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object(100_000);
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    const { href } = actions!.upload!;
    const answer = await exchange(lfs, {
      lines: [`PUT ${localPath(href)} HTTP/1.1`, 'Host: hub.test', `Content-Length: ${object.bytes.length}`],
      body: object.bytes.subarray(0, 50_000),
      hangUp: true,
    });
    expect(answer).toMatch(/^(?:$|HTTP\/1\.1 400)/);
    expect((await lfs.keys('uploads/')).length + (await lfs.keys('tmp/')).length).toBe(0);
    await expect(lfs.ensure(owner, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
    expect((await lfs.put(href, object.bytes)).statusCode).toBe(200);
  });

  it('counts the bytes of a body without a length, and stops at the signed size', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object(10);
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    const chunk = `${(1024).toString(16)}\r\n${'x'.repeat(1024)}\r\n`;
    const answer = await exchange(lfs, {
      lines: [
        `PUT ${localPath(actions!.upload!.href)} HTTP/1.1`,
        'Host: hub.test',
        'Transfer-Encoding: chunked',
      ],
      body: Buffer.from(chunk.repeat(100)),
      hangUp: false,
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer.toLowerCase()).toContain('connection: close');
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('may be granted and sent twice at once', async ({ lfs }) => {
    const first = await lfs.user();
    const second = await lfs.user();
    const [a, b] = [await lfs.bareRepo(first), await lfs.bareRepo(second, { isPrivate: true })];
    const object = lfs.object(200_000);
    await Promise.all([
      lfs.upload(first, a, object),
      lfs.upload(first, a, object),
      lfs.upload(second, b, object),
      lfs.upload(second, b, object),
    ]);
    await Promise.all([lfs.ensure(first, a, object), lfs.ensure(second, b, object)]);
    const intents = () =>
      lfs.hub.deps.sql.query({
        text: `select key from storage_intent where key like '%' || $1 || '%'`,
        values: [object.sha256],
      });
    // What was not needed is removed after the answer.
    await expect.poll(intents, { timeout: 10_000 }).toEqual([]);
    const blobs = (await lfs.keys('lfs/')).filter((key) => key.includes(object.sha256));
    expect(blobs, 'who talks to the store itself has bytes of his own').toHaveLength(isOnS3 ? 2 : 1);
    expect(await lfs.keys('uploads/')).toEqual([]);
  });

  it('has no size limit of its own below 5 GiB, and says what to do above', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const sizes = [5 * 2 ** 30, 5 * 2 ** 30 + 1];
    const response = await lfs.post(owner, `/${repo.namespace}/${repo.name}.git/info/lfs/objects/batch`, {
      operation: 'upload',
      transfers: ['basic'],
      objects: sizes.map((size) => ({ oid: lfs.object().sha256, size })),
    });
    const { objects } = response.json<BatchAnswer>();
    expect(objects[0]?.actions?.upload?.header).toBeUndefined();
    expect(objects[1]?.error).toMatchObject({ code: 413, message: expect.stringContaining('multipart') });
  });
});

describe('bytes that bypassed the hub', () => {
  it('are hashed by verify, and deleted when they are others', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    for (const wrong of [Buffer.alloc(object.bytes.length, 'x'), Buffer.from('short')]) {
      const { actions } = await lfs.ask(owner, repo, 'upload', object);
      await plant(lfs, object.sha256, wrong);
      const verified = await lfs.verify(owner, actions!.verify!.href, object);
      expect([verified.statusCode, verified.json().message]).toEqual([
        400,
        expect.stringContaining(object.sha256),
      ]);
      expect(await lfs.keys('uploads/')).toEqual([]);
    }
    expect((await lfs.ask(owner, repo, 'upload', object)).actions?.upload).toBeDefined();
  });

  it('count whichever of several grants they came by', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    await plant(lfs, object.sha256, object.bytes);
    const later = await lfs.ask(owner, repo, 'upload', object);
    expect((await lfs.verify(owner, actions!.verify!.href, object)).statusCode).toBe(200);
    expect((await lfs.verify(owner, later.actions!.verify!.href, object)).statusCode).toBe(200);
    const open = await lfs.hub.deps.sql.query({
      text: `select 1 from lfs_upload where sha256 = decode($1, 'hex')`,
      values: [object.sha256],
    });
    expect(open, 'the second grant was dropped').toEqual([]);
  });

  it('are hashed by the commit when the client never verified', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const [good, bad] = [lfs.object(), lfs.object()];
    await lfs.requestBatch(owner, repo, { operation: 'upload', objects: [good, bad] });
    await plant(lfs, good.sha256, good.bytes);
    await plant(lfs, bad.sha256, Buffer.alloc(bad.bytes.length));
    await expect(lfs.ensure(owner, repo, good, bad)).rejects.toMatchObject({ code: 'BadRequest' });
    expect((await lfs.ensure(owner, repo, good)).size).toBe(1);
    await expect(lfs.ensure(owner, repo, bad)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
  });

  it('of a reader are hashed by the commit of his pull request', async ({ lfs }) => {
    const repo = await lfs.bareRepo(await lfs.user());
    const reader = await lfs.user();
    const object = lfs.object();
    const { actions } = await lfs.ask(reader, repo, 'upload', object, null);
    await plant(lfs, object.sha256, Buffer.alloc(object.bytes.length));
    expect((await lfs.verify(reader, actions!.verify!.href, object)).statusCode, 'the size is right').toBe(
      200,
    );
    await expect(lfs.ensure(reader, repo, object)).rejects.toMatchObject({ code: 'BadRequest' });
  });

  it('are verified once, however many ask at once', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    await plant(lfs, object.sha256, object.bytes);
    const answers = await Promise.all([
      lfs.verify(owner, actions!.verify!.href, object),
      lfs.verify(owner, actions!.verify!.href, object),
      lfs.ensure(owner, repo, object).then(() => ({ statusCode: 200 })),
    ]);
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 200]);
  });
});

describe('what a commit asks for', () => {
  it('must have the size that it says', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(owner, repo, object);
    await expect(lfs.ensure(owner, repo, { ...object, bytes: Buffer.alloc(3) })).rejects.toMatchObject({
      code: 'BadRequest',
    });
  });

  it('is refused with the hash that is missing', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.ask(owner, repo, 'upload', object);
    await expect(lfs.ensure(owner, repo, object)).rejects.toMatchObject({
      code: 'LfsObjectMissing',
      message: expect.stringContaining(object.sha256),
    });
    await expect(lfs.commitObjects(repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
  });
});

describe('an upload whose time is over', () => {
  it('keeps no bytes', async ({ lfs, skip }) => {
    skip(isOnS3, 'clients talk to S3 itself');
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { actions } = await lfs.ask(owner, repo, 'upload', object);
    await lfs.hub.deps.sql.execute({
      text: `update lfs_upload set expires_at = now() where sha256 = decode($1, 'hex')`,
      values: [object.sha256],
    });
    await lfs.put(actions!.upload!.href, object.bytes);
    expect(await lfs.keys('uploads/')).toEqual([]);
    await expect(lfs.ensure(owner, repo, object)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
    const expired = await lfs.hub.deps.store.presignPut(parseObjectKey('uploads/ab/c'), {
      expiresInMs: -1,
      sizeBytes: 1,
    });
    const refused = await lfs.put(expired, Buffer.from('x'));
    expect([refused.statusCode, (refused.json() as { error: string }).error]).toEqual([
      403,
      expect.stringContaining('expired'),
    ]);
  });
});
