import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parseSha256 } from '../lib/sha256.ts';
import type { ObjectDigest, ObjectRead } from './object-store.ts';

/** Hashes an open object to its end, with the memory of one chunk. */
export async function hashRead(read: ObjectRead, version: string): Promise<ObjectDigest> {
  const hash = createHash('sha256');
  for await (const chunk of read.body as AsyncIterable<Uint8Array>) hash.update(chunk);
  return { sha256: parseSha256(hash.digest('hex')), sizeBytes: read.sizeBytes, version };
}

/** Collects an open object into one buffer. */
export async function bufferRead(read: ObjectRead): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of read.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks, read.lengthBytes);
}

/** Writes an open object into a new file. A failure leaves no file. */
export async function saveRead(read: ObjectRead, path: string): Promise<void> {
  try {
    await pipeline(read.body, createWriteStream(path, { flags: 'wx' }));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
