import type { S3Client } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3';
import { ObjectMismatch } from './errors.ts';
import type { ObjectKey, StoredPart, UploadedPart } from './object-store.ts';
import { refusing } from './s3-errors.ts';

/** One key of one bucket, and the client to reach it. */
export interface S3Target {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: ObjectKey;
}

/** Runs `send` with a fresh multipart upload and drops the upload when it fails. */
export async function withMultipart(
  target: S3Target,
  send: (uploadId: string) => Promise<void>,
): Promise<void> {
  const uploadId = await refusing(target.key, startMultipart(target));
  try {
    await send(uploadId);
  } catch (error) {
    const upload = { Bucket: target.bucket, Key: target.key, UploadId: uploadId };
    // The first failure is the one to report; what cannot be dropped now falls to the bucket's lifecycle rule.
    await Promise.allSettled([target.client.send(new AbortMultipartUploadCommand(upload))]);
    throw error;
  }
}

export async function startMultipart({ client, bucket, key }: S3Target): Promise<string> {
  const { UploadId: uploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }),
  );
  if (uploadId === undefined) throw new Error('The object store opened a multipart upload without an id.');
  return uploadId;
}

/** The request that turns parts into an object. */
export function completion(
  { bucket, key }: S3Target,
  upload: { uploadId: string; parts: readonly UploadedPart[]; IfNoneMatch?: '*' },
): CompleteMultipartUploadCommand {
  const { uploadId, parts, ...condition } = upload;
  return new CompleteMultipartUploadCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    MultipartUpload: { Parts: parts.map(({ partNumber, etag }) => ({ PartNumber: partNumber, ETag: etag })) },
    ...condition,
  });
}

/** Every part of an upload must be named by its ETag at completion. */
export function requireEtag(etag: string | undefined): string {
  if (etag === undefined) throw new ObjectMismatch('The object store took a part without naming its ETag.');
  return etag;
}

/** Follows `IsTruncated`, not the marker as the SDK's paginator does: some stores send a marker on the last page. */
export async function storedParts(target: S3Target, uploadId: string): Promise<StoredPart[]> {
  const { client, bucket, key } = target;
  const stored: StoredPart[] = [];
  let marker: string | undefined;
  do {
    const command = new ListPartsCommand({
      Bucket: bucket,
      Key: key,
      UploadId: uploadId,
      ...(marker !== undefined && { PartNumberMarker: marker }),
    });
    const page = await client.send(command);
    for (const { PartNumber: partNumber, ETag: etag, Size: sizeBytes } of page.Parts ?? []) {
      stored.push({ partNumber: partNumber ?? 0, etag: requireEtag(etag), sizeBytes: sizeBytes ?? 0 });
    }
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return stored;
}
