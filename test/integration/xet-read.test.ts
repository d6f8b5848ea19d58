import { once } from 'node:events';
import { readdir, readlink } from 'node:fs/promises';
import { get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { parseObjectKey } from '../../src/storage/keys.ts';
import { type XetHash, xetHashBytes } from '../../src/xet/xet-hash.ts';
import type { XorbId } from '../../src/xet/xorb-id.ts';
import { lfsLine, webUrl } from '../support/content.ts';
import { isOnS3, localPath } from '../support/lfs-world.ts';
import { fileIdOf, linkContents, storePacked, storeVirtual } from '../support/xet-stored.ts';
import { type PackOptions, packFiles } from '../support/xet-pack.ts';
import { it as base, type XetWorld } from '../support/xet-world.ts';

/** The same over a socket, for clients that hang up. */
const it = base.extend('port', { scope: 'file' }, async ({ app }) => {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
});

/** Bytes that compress by LZ4, and better when numbers of four bytes are grouped. */
function floats(count: number): Buffer {
  return Buffer.from(Float32Array.from({ length: count }, (_, i) => Math.sin(i / 1000)).buffer);
}

/** A repository whose `model.bin` is kept in xorbs. */
async function kept(
  xet: XetWorld,
  bytes: Buffer,
  { isPrivate = false, ...options }: PackOptions & { readonly isPrivate?: boolean } = {},
) {
  const owner = await xet.user();
  const repo = await xet.repo(owner, { isPrivate });
  const { id } = await xet.hub.services().access.requireFiles(owner.actor, repo);
  const packed = packFiles([bytes], options);
  await storePacked(xet.hub, packed);
  await linkContents(xet.hub, id, packed);
  const answer = await xet.commitLines(owner, repo, lfsLine('model.bin', packed.objects[0]!));
  expect(answer.statusCode).toBe(200);
  const url = `${webUrl(repo)}/resolve/main/model.bin`;
  return { owner, repo, packed, url, hash: packed.files[0]!.hash, object: packed.objects[0]! };
}

/** Files of the object store that this process has open. */
async function openObjects(): Promise<readonly string[]> {
  const handles = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')),
  );
  return paths.filter((path) => path.includes('/objects/xorbs/'));
}

describe('a file that is kept in xorbs', () => {
  it.for([0, 1, 2] as const)('is read as it was, with chunks of scheme %i', async (scheme, { xet }) => {
    const bytes = Buffer.concat([floats(200_000), xet.randomBytes(700_000), Buffer.alloc(500_000)]);
    const { url, object } = await kept(xet, bytes, { scheme, chunksPerXorb: 5 });
    const whole = await xet.read(null, url);
    expect([whole.statusCode, whole.headers['content-length']]).toEqual([200, String(bytes.length)]);
    expect(whole.headers['etag']).toBe(`"${object.sha256}"`);
    expect(whole.rawPayload.equals(bytes)).toBe(true);
    const size = bytes.length;
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 1],
      ['bytes=1-3', 1, 4],
      ['bytes=100000-900001', 100_000, 900_002],
      [`bytes=${size - 7}-`, size - 7, size],
      ['bytes=-300000', size - 300_000, size],
      ['bytes=5-999999999', 5, size],
    ] as const) {
      const part = await xet.read(null, url, { range });
      expect([part.statusCode, part.headers['content-range']]).toEqual([
        206,
        `bytes ${start}-${end - 1}/${size}`,
      ]);
      expect(part.rawPayload.equals(bytes.subarray(start, end))).toBe(true);
    }
    const beyond = await xet.read(null, url, { range: `bytes=${size}-` });
    expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, `bytes */${size}`]);
  });

  it('is read over a socket, through two buffers', async ({ xet, port }) => {
    const bytes = Buffer.concat([xet.randomBytes(3_000_000), floats(500_000)]);
    const { url } = await kept(xet, bytes, { scheme: 2, chunksPerXorb: 16 });
    const answer = await fetch(`http://127.0.0.1:${port}${url}`);
    expect(answer.status).toBe(200);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect(await openObjects()).toEqual([]);
  });

  it('has every chunk in its place when chunks come again', async ({ xet }) => {
    const block = xet.randomBytes(400_000);
    const bytes = Buffer.concat([block, Buffer.from('between'), block, block]);
    const { url } = await kept(xet, bytes, { chunksPerXorb: 3 });
    expect((await xet.read(null, url)).rawPayload.equals(bytes)).toBe(true);
  });

  it('is read out of the blob that another file is', async ({ xet }) => {
    const owner = await xet.user();
    const repo = await xet.repo(owner);
    const bytes = xet.randomBytes(900_000);
    const blob = packFiles([bytes], { chunksPerXorb: 4 });
    await xet.commitLfs(owner, repo, 'blob.bin', blob.objects[0]!);
    await storeVirtual(xet.hub, blob.objects[0]!, blob);
    // Half of the blob's chunks, in another order of its two halves.
    const [{ terms }] = blob.files as [(typeof blob.files)[number]];
    const halves = [...terms.slice(terms.length / 2), ...terms.slice(0, terms.length / 2)];
    const lengths = terms.map((term) => term.rawBytes);
    const middle = lengths.slice(0, Math.floor(terms.length / 2)).reduce((sum, length) => sum + length, 0);
    const other = Buffer.concat([bytes.subarray(middle), bytes.subarray(0, middle)]);
    const mixed = packFiles([other]);
    const files = [{ ...mixed.files[0]!, terms: halves }];
    await storeVirtual(xet.hub, blob.objects[0]!, { xorbs: blob.xorbs, objects: mixed.objects, files });
    const { id } = await xet.hub.services().access.requireFiles(owner.actor, repo);
    await linkContents(xet.hub, id, mixed);
    await xet.commitLines(owner, repo, lfsLine('other.bin', mixed.objects[0]!));
    const url = `${webUrl(repo)}/resolve/main/other.bin`;
    expect((await xet.read(null, url)).rawPayload.equals(other)).toBe(true);
    const part = await xet.read(null, url, { range: 'bytes=200000-500000' });
    expect(part.rawPayload.equals(other.subarray(200_000, 500_001))).toBe(true);
  });

  it('lets go of everything when a reader hangs up', async ({ xet, port, skip, onTestFinished }) => {
    skip(isOnS3, 'no files of the object store are open there');
    const { url } = await kept(xet, xet.randomBytes(20_000_000), { chunksPerXorb: 20 });
    const request = httpGet(`http://127.0.0.1:${port}${url}`);
    // Whatever happens: the server does not close before.
    onTestFinished(() => void request.destroy());
    // Nobody reads the answer, so the hub has to wait with the rest of the file.
    await once(request, 'response');
    expect((await openObjects()).length).toBeGreaterThan(1);
    // The runtime closes what was forgotten, some time, and complains.
    const complaints: string[] = [];
    const note = (warning: Error) => complaints.push(warning.message);
    process.on('warning', note);
    request.destroy();
    await expect.poll(openObjects, { timeout: 10_000 }).toEqual([]);
    await nextTurn();
    process.off('warning', note);
    expect(complaints).toEqual([]);
  });

  it('ends the connection when stored bytes are damaged on the way', async ({ xet, port }) => {
    const { url, packed } = await kept(xet, xet.randomBytes(6_000_000), { chunksPerXorb: 20 });
    const last = packed.xorbs.at(-1)!;
    await breakXorb(xet, last.hash);
    const answer = await fetch(`http://127.0.0.1:${port}${url}`);
    expect(answer.status).toBe(200);
    await expect(answer.arrayBuffer()).rejects.toThrow('terminated');
    await expect.poll(openObjects, { timeout: 10_000 }).toEqual([]);
  });

  it('is the trouble of the hub when its bytes were lost', async ({ xet }) => {
    const { url, packed } = await kept(xet, xet.randomBytes(300_000));
    const { hash } = packed.xorbs[0]!;
    await xet.hub.deps.store.delete(parseObjectKey(await keyOf(xet, hash)));
    const answer = await xet.read(null, url);
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([500, 'ServerError']);
  });

  it('is gone when its object was pruned', async ({ xet }) => {
    const { url, object } = await kept(xet, xet.randomBytes(100_000));
    await prune(xet, object.sha256);
    const answer = await xet.read(null, url);
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([410, 'ObjectPruned']);
  });
});

describe('what HEAD and GET say of it', () => {
  it('the hash and where Xet clients go', async ({ xet }) => {
    const { owner, repo, url, hash, object } = await kept(xet, xet.randomBytes(200_000));
    const commit = await xet.headOf(owner, repo);
    const { casUrl } = xet.hub.deps.xet.urls;
    const token = `http://hub.test/api/models/${repo.namespace}/${repo.name}/xet-read-token/${commit}`;
    const links = `<${token}>; rel="xet-auth", <${casUrl}/v1/reconstructions/${hash}>; rel="xet-reconstruction-info"`;
    for (const [method, headers] of [
      ['HEAD', {}],
      ['GET', {}],
      ['GET', { range: 'bytes=0-9' }],
    ] as const) {
      const answer = await xet.request(null, { method, url, headers });
      expect([answer.headers['x-xet-hash'], answer.headers['link']]).toEqual([hash, links]);
      expect(answer.headers['x-linked-etag']).toBe(`"${object.sha256}"`);
    }
    const tokenAnswer = await xet.read(owner, localPath(token));
    expect(tokenAnswer.statusCode).toBe(200);
  });

  it('nothing of Xet for other files, for a pointer, and for what the repository only names', async ({
    xet,
  }) => {
    const { owner, repo, url, object } = await kept(xet, xet.randomBytes(200_000));
    await xet.commit(owner, repo, { 'a.txt': 'hello' });
    const regular = await xet.head(null, `${webUrl(repo)}/resolve/main/a.txt`);
    const pointer = await xet.head(null, url.replace('/resolve/', '/raw/'));
    const thief = await xet.user();
    const other = await xet.repo(thief);
    const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${object.sha256}\nsize ${object.bytes.length}\n`;
    await xet.commit(thief, other, { 'model.bin': text });
    const named = await xet.head(null, `${webUrl(other)}/resolve/main/model.bin`);
    for (const answer of [regular, pointer, named]) {
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).not.toHaveProperty('x-xet-hash');
      expect(answer.headers).not.toHaveProperty('link');
    }
  });

  it('only how to fetch it, when huggingface.js asks for that', async ({ xet }) => {
    const { url, hash, object } = await kept(xet, xet.randomBytes(200_000));
    const headers = { accept: 'application/vnd.xet-fileinfo+json, */*', range: 'bytes=0-0' };
    const answer = await xet.read(null, url, headers);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/vnd\.xet-fileinfo\+json/),
      'x-linked-size': '200000',
      'x-linked-etag': `"${object.sha256}"`,
      'x-xet-hash': hash,
      link: expect.stringContaining('rel="xet-reconstruction-info"'),
      vary: 'accept',
    });
    expect(answer.json()).toMatchObject({ hash, size: 200_000 });
    // Elsewhere there is nothing to say, so the file itself comes.
    const raw = await xet.read(null, url.replace('/resolve/', '/raw/'), headers);
    expect(raw.statusCode).toBe(206);
  });
});

describe('a signed URL of a whole file', () => {
  it('gives the bytes and ranges of them, without a token', async ({ xet }) => {
    const bytes = xet.randomBytes(600_000);
    const { object, hash } = await kept(xet, bytes, { isPrivate: true, chunksPerXorb: 3 });
    const href = await fileUrl(xet, { object, hash });
    const whole = await xet.get(href);
    expect([whole.statusCode, whole.headers['etag']]).toEqual([200, `"${object.sha256}"`]);
    expect(whole.rawPayload.equals(bytes)).toBe(true);
    const part = await xet.get(href, { range: 'bytes=100-399999' });
    expect([part.statusCode, part.headers['content-range']]).toEqual([206, 'bytes 100-399999/600000']);
    expect(part.rawPayload.equals(bytes.subarray(100, 400_000))).toBe(true);
    expect((await xet.get(href, { range: 'bytes=600000-' })).statusCode).toBe(416);
    const head = await xet.head(null, localPath(href));
    expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([200, '600000', '']);
    expect((await xet.get(href, { 'if-none-match': `"${object.sha256}"` })).statusCode).toBe(304);
  });

  it('is refused when it is expired, tampered with, or of another file', async ({ xet }) => {
    const { object, hash } = await kept(xet, xet.randomBytes(100_000));
    const other = await kept(xet, xet.randomBytes(100_000));
    const { urls } = xet.hub.deps.xet;
    const good = await fileUrl(xet, { object, hash });
    const bad = [
      await fileUrl(xet, { object, hash }, new Date(Date.now() - 1)),
      good.replace(object.sha256, other.object.sha256),
      good.replace(/.$/, (char) => (char === 'A' ? 'B' : 'A')),
      urls
        .xorb({ id: 'e'.repeat(64) as XorbId, hash: other.hash }, [{ start: 0, end: 1 }], soon())
        .replace(/\/xorbs\/\w+/, `/files/${object.sha256}`),
    ];
    for (const href of bad) {
      expect((await xet.get(href)).statusCode).toBe(403);
      expect((await xet.head(null, localPath(href))).statusCode).toBe(403);
    }
    expect((await xet.get(good.replace(/\?.*/, ''))).statusCode).toBe(400);
  });

  it('ends with its object', async ({ xet }) => {
    const { object, hash } = await kept(xet, xet.randomBytes(100_000));
    const href = await fileUrl(xet, { object, hash });
    await prune(xet, object.sha256);
    expect((await xet.get(href)).statusCode).toBe(410);
  });
});

async function fileUrl(
  { hub }: XetWorld,
  { object, hash }: Pick<Awaited<ReturnType<typeof kept>>, 'object' | 'hash'>,
  until = soon(),
): Promise<string> {
  return hub.deps.xet.urls.file({ sha256: object.sha256, fileId: await fileIdOf(hub, hash) }, until);
}

function soon(): Date {
  return new Date(Date.now() + 60_000);
}

async function prune(xet: XetWorld, sha256: string): Promise<void> {
  await xet.hub.deps.sql.execute({
    text: `update lfs_object set state = 'deleting' where sha256 = $1`,
    values: [Buffer.from(sha256, 'hex')],
  });
}

/** Overwrites the first chunk's header where the xorb lies. */
async function breakXorb(xet: XetWorld, hash: XetHash): Promise<void> {
  const { store } = xet.hub.deps;
  const key = parseObjectKey(await keyOf(xet, hash));
  const { sizeBytes } = (await store.stat(key))!;
  const bytes = await store.read(key, { start: 0, end: sizeBytes - 1 });
  await store.delete(key);
  await store.put(key, bytes.fill(0xff, 0, 8), { sizeBytes });
}

async function keyOf(xet: XetWorld, hash: XetHash): Promise<string> {
  const [row] = await xet.hub.deps.sql.query<{ storage_key: string }>({
    text: 'select storage_key from xet_xorb where hash = $1',
    values: [xetHashBytes(hash)],
  });
  return row!.storage_key;
}
