import { randomUUID } from 'node:crypto';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { StorageUnavailable } from '../../src/storage/errors.ts';
import { lfsKey, uploadKey } from '../../src/storage/keys.ts';
import { openObjectStore } from '../../src/storage/open-object-store.ts';
import { internalClient } from '../../src/storage/s3-client.ts';
import type { S3StoreOptions } from '../../src/storage/s3-client.ts';
import { copyObject } from '../../src/storage/s3-copy.ts';
import { S3ObjectStore } from '../../src/storage/s3-object-store.ts';
import type { StoreHarness } from '../contract/object-store.harness.ts';
import { someObject } from '../contract/object-store.harness.ts';
import { describeObjectStore } from '../contract/object-store.suite.ts';

const MIB = 1024 * 1024;

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`Set ${name}; test/contract/run-s3.sh does.`);
  return value;
}

function optionsFor(overrides: Partial<S3StoreOptions> = {}): S3StoreOptions {
  return {
    endpoint: required('TEST_S3_ENDPOINT'),
    bucket: `test-${randomUUID()}`,
    region: required('TEST_S3_REGION'),
    accessKey: required('TEST_S3_ACCESS_KEY'),
    secretKey: required('TEST_S3_SECRET_KEY'),
    forcePathStyle: true,
    ...overrides,
  };
}

/** `bucket.host/key`, and clients reach the store at another address than the hub. */
function virtualHostStyle() {
  return {
    forcePathStyle: false,
    endpoint: required('TEST_S3_VIRTUAL_HOST_ENDPOINT'),
    publicEndpoint: required('TEST_S3_VIRTUAL_HOST_PUBLIC_ENDPOINT'),
  };
}

async function makeHarness(overrides?: Partial<S3StoreOptions>): Promise<StoreHarness> {
  const options = optionsFor(overrides);
  const [store, unreachable] = [new S3ObjectStore(options), new S3ObjectStore(optionsFor(overrides))];
  await store.createBucket();
  const client = internalClient(options);
  return {
    store,
    unreachable,
    big: { kind: 's3', options },
    leftovers: async (key) => {
      const uploads = await client.send(
        new ListMultipartUploadsCommand({ Bucket: options.bucket, Prefix: key }),
      );
      return (uploads.Uploads ?? []).map(({ UploadId }) => UploadId ?? '');
    },
    close: async () => {
      for (const closing of [store, unreachable]) closing.close();
      client.destroy();
    },
  };
}

describeObjectStore('S3', () => makeHarness());
describeObjectStore('S3 without conditional writes', () => makeHarness({ conditionalWrites: false }));
describeObjectStore('S3 in virtual-host style', () => makeHarness(virtualHostStyle()));

describe('what only the S3 store promises', () => {
  it('finds nothing missing in a real server', async () => {
    const harness = await makeHarness();
    expect(await (harness.store as S3ObjectStore).checkConformance()).toEqual([]);
    expect((await harness.store.list({ prefix: '' })).objects).toEqual([]);
    await harness.close();
  });

  it('finds nothing missing in a hub that is configured for virtual-host style', async () => {
    const { endpoint, publicEndpoint } = virtualHostStyle();
    const options = optionsFor();
    const [bucket, creator] = [options.bucket, new S3ObjectStore(options)];
    await creator.createBucket();
    creator.close();
    const config = loadConfig({
      KOHAKU_HUB_S3_ENDPOINT: endpoint,
      KOHAKU_HUB_S3_PUBLIC_ENDPOINT: publicEndpoint,
      KOHAKU_HUB_S3_BUCKET: bucket,
      KOHAKU_HUB_S3_REGION: options.region,
      KOHAKU_HUB_S3_ACCESS_KEY: options.accessKey,
      KOHAKU_HUB_S3_SECRET_KEY: options.secretKey,
      KOHAKU_HUB_S3_FORCE_PATH_STYLE: 'false',
    });
    const store = await openObjectStore(config, { directory: '', signingSecret: Buffer.alloc(32) });
    expect(await store.checkConformance()).toEqual([]);
    const url = new URL(await store.presignGet(uploadKey(randomUUID()), { expiresInMs: 1000 }));
    expect(url.host).toBe(`${bucket}.${new URL(publicEndpoint).host}`);
    (store as S3ObjectStore).close();
  });

  it('names what fails', async () => {
    const harness = await makeHarness({ publicEndpoint: 'http://127.0.0.1:9' });
    const failures = await (harness.store as S3ObjectStore).checkConformance();
    expect(failures.map(({ check }) => check)).toEqual([
      'presigned GET works at the public endpoint',
      'presigned PUT works at the public endpoint',
      'presigned PUT refuses another length',
    ]);
    await harness.close();
  });

  it('signs for the public host, path or virtual-host style', async () => {
    const publicEndpoint = 'https://files.example.com';
    const [path, virtual] = [true, false].map((forcePathStyle) =>
      new S3ObjectStore(optionsFor({ publicEndpoint, forcePathStyle, bucket: 'hub' })).presignGet(
        uploadKey(randomUUID()),
        { expiresInMs: 1000 },
      ),
    );
    expect(await path).toMatch(/^https:\/\/files\.example\.com\/hub\/uploads\//);
    expect(await virtual).toMatch(/^https:\/\/hub\.files\.example\.com\/uploads\//);
  });

  it('copies in parts what is too large for one copy', async () => {
    const options = optionsFor();
    const store = new S3ObjectStore(options);
    await store.createBucket();
    const { bytes, sizeBytes, sha256, key } = someObject(12 * MIB + 5);
    await store.put(key, bytes, { sizeBytes });
    const { version } = await store.hash(key);
    const client = internalClient(options);
    const target = { client, bucket: options.bucket, key: lfsKey(sha256, randomUUID()) };
    const limits = { singleBytes: 6 * MIB, partBytes: 5 * MIB };
    await copyObject(target, { key, sizeBytes, version }, limits);
    expect((await store.hash(target.key)).sha256).toBe(sha256);
    client.destroy();
    store.close();
  });

  it.each([
    ['a missing bucket', {}],
    ['a wrong secret', { secretKey: 'wrong' }],
    ['a server that does not answer', { endpoint: 'http://127.0.0.1:9' }],
  ])('does not open on %s', async (_, overrides) => {
    await expect(S3ObjectStore.open(optionsFor(overrides))).rejects.toThrow(StorageUnavailable);
  });

  it('says that it is unavailable, not that the object is missing, when its bucket is gone', async () => {
    const store = new S3ObjectStore(optionsFor());
    const { bytes, sizeBytes, key } = someObject();
    await expect(store.put(key, bytes, { sizeBytes })).rejects.toThrow(StorageUnavailable);
    await expect(store.get(key)).rejects.toThrow(StorageUnavailable);
    await expect(store.list({ prefix: '' })).rejects.toThrow(StorageUnavailable);
    store.close();
  });
});
