import { CopyObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import type { ObjectKey, UploadedPart } from './object-store.ts';
import type { S3Target } from './s3-multipart.ts';
import { completion, requireEtag, withMultipart } from './s3-multipart.ts';

/** CopyObject takes no more. */
export const MAX_SINGLE_COPY_BYTES = 5 * 1024 ** 3;
const COPY_PART_BYTES = 1024 ** 3;

export interface CopySource {
  readonly key: ObjectKey;
  readonly sizeBytes: number;
  /** ETag of the only version to copy. */
  readonly version: string;
}

/** The two sizes decide between one request and a copy in parts. */
export interface CopyLimits {
  readonly singleBytes: number;
  readonly partBytes: number;
}

/** Copies inside the store. The store answers 412 when the source is not of that version any more. */
export async function copyObject(
  target: S3Target,
  source: CopySource,
  limits: CopyLimits = { singleBytes: MAX_SINGLE_COPY_BYTES, partBytes: COPY_PART_BYTES },
): Promise<void> {
  if (source.sizeBytes > limits.singleBytes) return copyInParts(target, source, limits.partBytes);
  await target.client.send(new CopyObjectCommand(copyRequest(target, source)));
}

async function copyInParts(target: S3Target, source: CopySource, partBytes: number): Promise<void> {
  await withMultipart(target, async (uploadId) => {
    const parts: UploadedPart[] = [];
    for (let start = 0; start < source.sizeBytes; start += partBytes) {
      const end = Math.min(start + partBytes, source.sizeBytes) - 1;
      const partNumber = parts.length + 1;
      const command = new UploadPartCopyCommand({
        ...copyRequest(target, source),
        UploadId: uploadId,
        PartNumber: partNumber,
        CopySourceRange: `bytes=${start}-${end}`,
      });
      const { CopyPartResult: result } = await target.client.send(command);
      parts.push({ partNumber, etag: requireEtag(result?.ETag) });
    }
    await target.client.send(completion(target, { uploadId, parts }));
  });
}

function copyRequest({ bucket, key }: S3Target, source: CopySource) {
  return {
    Bucket: bucket,
    Key: key,
    CopySource: `${bucket}/${source.key}`,
    CopySourceIfMatch: source.version,
  };
}
