import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '../../src/lib/domain-error.ts';
import { DirectoryObjectStore } from '../../src/storage/directory-object-store.ts';
import type { SignedTransfers } from '../../src/storage/signed-transfers.ts';
import type { StoreHarness } from './object-store.harness.ts';
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

async function makeHarness(): Promise<StoreHarness> {
  const root = await mkdtemp(join(tmpdir(), 'object-store-'));
  const secret = Buffer.alloc(32, 7);
  const server = createServer((request, response) => void serve(store.transfers, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const publicBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store = await DirectoryObjectStore.open({ root, publicBaseUrl, secret });
  const goneRoot = await mkdtemp(join(tmpdir(), 'object-store-gone-'));
  const unreachable = await DirectoryObjectStore.open({ root: goneRoot, publicBaseUrl, secret });
  await rm(goneRoot, { recursive: true });
  await writeFile(goneRoot, 'not a directory');
  return {
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
