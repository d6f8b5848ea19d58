import { createHash } from 'node:crypto';
import { PutObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { checkedBody } from './checked-body.ts';
import { refusing } from './s3-errors.ts';
import type { S3Target } from './s3-multipart.ts';
import { completion, requireEtag, withMultipart } from './s3-multipart.ts';
import { MAX_PARTS } from './multipart-rules.ts';
import type { ObjectBody, PutOptions, UploadedPart } from './object-store.ts';

const MIB = 1024 * 1024;
/** Also what one streamed upload holds in memory. */
const PART_BYTES = 16 * MIB;

export interface S3PutOptions extends PutOptions {
  readonly createOnly: boolean;
}

/**
 * Sends one new object. A buffer or a short stream goes in one request with its sha256, which the store checks; a
 * longer stream goes in parts with their MD5, and is completed only after the hub has verified the whole.
 */
export async function putObject(target: S3Target, body: ObjectBody, options: S3PutOptions): Promise<void> {
  const chunks = checkedBody(body, options);
  if (body instanceof Uint8Array || options.sizeBytes <= PART_BYTES) {
    await putAtOnce(target, await collect(chunks), options);
  } else {
    await putInParts(target, chunks, options);
  }
}

async function putAtOnce(target: S3Target, bytes: Uint8Array, options: S3PutOptions): Promise<void> {
  const { client, bucket, key } = target;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: bytes,
    ContentLength: bytes.length,
    ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
    ...createOnly(options),
  });
  await refusing(key, client.send(command, abortable(options.signal)));
}

async function putInParts(
  target: S3Target,
  chunks: AsyncIterable<Uint8Array>,
  options: S3PutOptions,
): Promise<void> {
  const { client, bucket, key } = target;
  await withMultipart(target, async (uploadId) => {
    const parts: UploadedPart[] = [];
    for await (const bytes of slices(chunks, partBytesFor(options.sizeBytes))) {
      const partNumber = parts.length + 1;
      const command = new UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: partNumber,
        Body: bytes,
        ContentLength: bytes.length,
        ContentMD5: createHash('md5').update(bytes).digest('base64'),
      });
      const sent = client.send(command, abortable(options.signal));
      const { ETag: etag } = await refusing(key, sent);
      parts.push({ partNumber, etag: requireEtag(etag) });
    }
    const command = completion(target, { uploadId, parts, ...createOnly(options) });
    await refusing(key, client.send(command, abortable(options.signal)));
  });
}

export function abortable(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function createOnly(options: S3PutOptions): { IfNoneMatch?: '*' } {
  return options.createOnly ? { IfNoneMatch: '*' } : {};
}

/** 16 MiB, or more when the object would need more than 10,000 parts. */
function partBytesFor(sizeBytes: number): number {
  return Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS / MIB) * MIB);
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return collected.length === 1 && collected[0] !== undefined ? collected[0] : Buffer.concat(collected);
}

/** Cuts a stream into slices of one size (the last may be shorter), all in one buffer: use each before the next. */
async function* slices(chunks: AsyncIterable<Uint8Array>, sliceBytes: number): AsyncGenerator<Uint8Array> {
  const slice = Buffer.allocUnsafeSlow(sliceBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + sliceBytes - filled);
      slice.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < sliceBytes) continue;
      yield slice;
      filled = 0;
    }
  }
  if (filled > 0) yield slice.subarray(0, filled);
}
