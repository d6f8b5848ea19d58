import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DomainError } from '../../src/lib/domain-error.ts';
import type { DirectoryStoreOptions } from '../../src/storage/directory-object-store.ts';
import { DirectoryObjectStore } from '../../src/storage/directory-object-store.ts';
import { uploadKey } from '../../src/storage/keys.ts';
import type { SignedTransfers } from '../../src/storage/signed-transfers.ts';
import type { StoreHarness } from './object-store.harness.ts';
import { someObject } from './object-store.harness.ts';
import { describeObjectStore } from './object-store.suite.ts';

const STATUS: Record<string, number> = {
  NotFound: 404,
  Forbidden: 403,
  RangeNotSatisfiable: 416,
  BadRequest: 400,
};

/** The smallest route over `SignedTransfers`: what the hub's own door does. */
async function serve(transfers: SignedTransfers, request: IncomingMessage, response: ServerResponse) {
  try {
    const token = new URL(request.url ?? '', 'http://hub').searchParams.get('token') ?? '';
    if (request.method === 'PUT') {
      const contentLength = request.headers['content-length'];
      const { etag } = await transfers.acceptUpload({ token, body: request, contentLength });
      response.setHeader('etag', etag).end();
    } else {
      const { status, headers, body } = await transfers.openDownload({ token, range: request.headers.range });
      body.pipe(response.writeHead(status, headers));
    }
  } catch (error) {
    response.writeHead((error instanceof DomainError && STATUS[error.code]) || 500).end();
  }
}

async function makeHarness(): Promise<StoreHarness & { root: string; options: DirectoryStoreOptions }> {
  const root = await mkdtemp(join(tmpdir(), 'object-store-'));
  const secret = Buffer.alloc(32, 7);
  const server = createServer((request, response) => void serve(store.transfers, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { root, publicBaseUrl, secret };
  const store = await DirectoryObjectStore.open(options);
  const goneRoot = await mkdtemp(join(tmpdir(), 'object-store-gone-'));
  const unreachable = await DirectoryObjectStore.open({ root: goneRoot, publicBaseUrl, secret });
  await rm(goneRoot, { recursive: true });
  await writeFile(goneRoot, 'not a directory');
  return {
    root,
    options,
    store,
    unreachable,
    big: { kind: 'directory', options: { root } },
    leftovers: async (key) => [...(await readdir(join(root, 'tmp'))), ...(await openUploads(root, key))],
    close: async () => {
      server.close();
      await rm(root, { recursive: true });
      await rm(goneRoot);
    },
  };
}

async function openUploads(root: string, key: string): Promise<string[]> {
  const ids = await readdir(join(root, 'multipart')).catch(() => []);
  const keys = await Promise.all(ids.map((id) => readFile(join(root, 'multipart', id, 'key'), 'latin1')));
  return keys.filter((open) => open === key);
}

describeObjectStore('directory', makeHarness);

describe('what only the directory store promises', () => {
  let harness: Awaited<ReturnType<typeof makeHarness>>;

  beforeAll(async () => {
    harness = await makeHarness();
  });
  afterAll(() => harness.close());

  it('leaves nothing when the client of a signed upload goes away', async () => {
    const key = uploadKey(randomUUID());
    const url = await harness.store.presignPut(key, { sizeBytes: 2_000_000, expiresInMs: 60_000 });
    const upload = request(url, { method: 'PUT', headers: { 'content-length': 2_000_000 } });
    upload.write(Buffer.alloc(1_000_000));
    await expect.poll(() => harness.leftovers(key)).toHaveLength(1);
    upload.destroy(new Error('gone'));
    await once(upload, 'error');
    await expect.poll(() => harness.leftovers(key)).toEqual([]);
    expect(await harness.store.stat(key)).toBeNull();
  });

  it('refuses a signed upload with another sha256', async () => {
    const { bytes, sizeBytes, key } = someObject();
    const { sha256 } = someObject();
    const url = await harness.store.presignPut(key, { sizeBytes, sha256, expiresInMs: 60_000 });
    expect((await fetch(url, { method: 'PUT', body: bytes })).status).toBe(400);
    expect(await harness.store.stat(key)).toBeNull();
  });

  it('counts a body that announces no length', async () => {
    const key = uploadKey(randomUUID());
    const url = await harness.store.presignPut(key, { sizeBytes: 1000, expiresInMs: 60_000 });
    const body = new Blob([Buffer.alloc(1001)]).stream();
    const answer = await fetch(url, { method: 'PUT', body, duplex: 'half' });
    expect(answer.status).toBe(400);
    expect(await harness.leftovers(key)).toEqual([]);
  });

  it('removes what a crash left, when it opens again', async () => {
    const names = { old: randomUUID(), fresh: randomUUID() };
    const temporary = join(harness.root, 'tmp');
    for (const name of Object.values(names)) await writeFile(join(temporary, name), 'half');
    const hoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(temporary, names.old), hoursAgo, hoursAgo);
    await DirectoryObjectStore.open(harness.options);
    expect(await readdir(temporary)).toEqual([names.fresh]);
    await unlink(join(temporary, names.fresh));
  });

  it('says that the disk is full, and leaves nothing', async () => {
    const root = await mkdtemp(join(tmpdir(), 'object-store-full-'));
    const script = fileURLToPath(new URL('object-store-full.ts', import.meta.url));
    const limited = ['-c', 'ulimit -f 64; exec "$0" "$@"', process.execPath, script, root];
    const { stdout } = await promisify(execFile)('sh', limited);
    expect(stdout).toBe('StorageFull');
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
    await rm(root, { recursive: true });
  });
});
