import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  DirectoryObjectStore,
  type DirectoryStoreOptions,
} from '../../src/storage/directory-object-store.ts';
import { lfsKey } from '../../src/storage/keys.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import type { S3StoreOptions } from '../../src/storage/s3-client.ts';
import { S3ObjectStore } from '../../src/storage/s3-object-store.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';

/** A store that another process can open. */
export type BigObjectStore =
  | { readonly kind: 'directory'; readonly options: Pick<DirectoryStoreOptions, 'root'> }
  | { readonly kind: 's3'; readonly options: S3StoreOptions };

const CHUNK_BYTES = 64 * 1024;
const CHUNKS = 3200;

/** Puts, hashes and downloads 200 MB in a process of its own, and says how far its memory grew. */
export async function measureBigObject(store: BigObjectStore): Promise<{ grownBytes: number }> {
  const script = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(store)]);
  return JSON.parse(stdout) as { grownBytes: number };
}

async function open(store: BigObjectStore): Promise<ObjectStore> {
  if (store.kind === 's3') return S3ObjectStore.open(store.options);
  return DirectoryObjectStore.open({
    ...store.options,
    publicBaseUrl: 'http://hub',
    secret: Buffer.alloc(32),
  });
}

function* chunks() {
  for (let n = 0; n < CHUNKS; n += 1) yield Buffer.alloc(CHUNK_BYTES, n);
}

async function main(description: string): Promise<void> {
  const store = await open(JSON.parse(description) as BigObjectStore);
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  const sha256 = parseSha256(hash.digest('hex'));
  const key = lfsKey(sha256, randomUUID());
  const before = process.resourceUsage().maxRSS;
  await store.put(key, Readable.from(chunks()), { sizeBytes: CHUNKS * CHUNK_BYTES, sha256 });
  if ((await store.hash(key)).sha256 !== sha256) throw new Error('stored other bytes');
  const received = createHash('sha256');
  const destination = new PassThrough().on('data', (chunk: Buffer) => received.update(chunk));
  await pipeline((await store.get(key)).body, destination);
  if (received.digest('hex') !== sha256) throw new Error('served other bytes');
  await store.delete(key);
  process.stdout.write(JSON.stringify({ grownBytes: (process.resourceUsage().maxRSS - before) * 1024 }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv[2] ?? '');
