import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, onTestFinished, it } from 'vitest';
import { xorbKey } from './keys.ts';
import { S3ObjectStore } from './s3-object-store.ts';

const KEY = xorbKey('ab'.repeat(32), '01234567-89ab-4cde-8f01-23456789abcd');
const BODY = Buffer.from('all of it, each time');

/** A store that is in the middle of something else for the first requests that write, and has no object. */
async function busyStore(code: string, refusals: number) {
  const written: string[] = [];
  const server: Server = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (request.method === 'HEAD') return response.writeHead(404).end();
      written.push(body.toString());
      if (written.length > refusals) return response.writeHead(200, { etag: '"1"' }).end();
      return response.writeHead(409).end(`<Error><Code>${code}</Code></Error>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const store = new S3ObjectStore({
    bucket: 'hub',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forcePathStyle: true,
    accessKey: 'key',
    secretKey: 'secret',
  });
  onTestFinished(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });
  return { store, written };
}

it.for(['ConditionalRequestConflict', 'ExistingObjectIsDirectory', 'OperationAborted'])(
  'a request that met another one is sent again, with its body: %s',
  async (code) => {
    const { store, written } = await busyStore(code, 2);
    await store.put(KEY, BODY, { sizeBytes: BODY.length });
    expect(written).toEqual([1, 2, 3].map(() => BODY.toString()));
  },
);

it('a request that always meets another one fails in the end', async () => {
  const { store, written } = await busyStore('ExistingObjectIsDirectory', Infinity);
  const put = store.put(KEY, BODY, { sizeBytes: BODY.length });
  await expect(put).rejects.toMatchObject({ code: 'Unavailable' });
  expect(written).toHaveLength(4);
});

it('a conflict that stays is final', async () => {
  const { store, written } = await busyStore('BucketAlreadyOwnedByYou', Infinity);
  await store.createBucket();
  expect(written).toHaveLength(1);
});
