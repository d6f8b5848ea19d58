import { S3ServiceException } from '@aws-sdk/client-s3';
import { DomainError } from '../lib/domain-error.ts';
import { ObjectMismatch, ObjectNotFound, StorageFull, StorageUnavailable } from './errors.ts';

const WRONG_BYTES = new Set([
  'BadDigest',
  'EntityTooLarge',
  'EntityTooSmall',
  'IncompleteBody',
  'InvalidDigest',
  'InvalidPart',
  'InvalidPartOrder',
  'MalformedXML',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
]);
const MISSING = new Set(['NotFound', 'NoSuchKey', 'NoSuchUpload']);

/** The HTTP status of a refusal by the store, or undefined when there was no answer. */
export function s3Status(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** True when the store has no such object or upload. A missing bucket is a fault of the set-up instead. */
export function isMissing(error: unknown): boolean {
  return error instanceof S3ServiceException && MISSING.has(error.name);
}

/** True when a create-only write found the key taken (412), or met another write to it (409). */
export function isConditionFailed(error: unknown): boolean {
  return s3Status(error) === 412 || s3Status(error) === 409;
}

/** Waits for a request and turns refusals of the store into errors of `errors.ts`. */
export async function onS3<T>(key: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw storeError(key, error);
  }
}

/** Translates what the store says, but neither a failed condition nor a failure of the body that is being read. */
export async function refusing<T>(key: string, request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw isConditionFailed(error) ? error : storeError(key, error);
  }
}

/** The failure as the store's users see it; other than `onS3` for a caller that looks at the refusal itself. */
export function storeError(key: string, error: unknown): unknown {
  if (error instanceof DomainError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  if (isMissing(error)) return new ObjectNotFound(key, { cause: error });
  if (!(error instanceof S3ServiceException)) return unavailable('cannot be reached', error);
  if (WRONG_BYTES.has(error.name)) {
    return new ObjectMismatch(
      `The object store refused the bytes: ${error.name}.`,
      { key },
      { cause: error },
    );
  }
  if (s3Status(error) === 507) return new StorageFull({ cause: error });
  return unavailable(`refused a request: ${error.name}`, error);
}

function unavailable(what: string, cause: unknown): StorageUnavailable {
  return new StorageUnavailable(`The object store ${what}.`, {}, { cause });
}
