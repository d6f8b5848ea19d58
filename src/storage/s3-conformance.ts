import { createHash, randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { uploadKey } from './keys.ts';
import type { ConformanceFailure, ObjectKey, ObjectStore } from './object-store.ts';
import { s3Status } from './s3-errors.ts';

interface Probe {
  readonly store: ObjectStore;
  readonly client: S3Client;
  readonly bucket: string;
  /** A key with an object of `BODY`. */
  readonly stored: ObjectKey;
  /** A key with nothing. */
  readonly fresh: ObjectKey;
}

const BODY = Buffer.from('conformance');
const OTHER = Buffer.from('other-bytes');
const URL_MS = 60_000;
const FETCH_MS = 10_000;

const CHECKS: Readonly<Record<string, (probe: Probe) => Promise<void>>> = {
  'HEAD tells the size': async ({ store, stored }) => {
    const stat = await store.stat(stored);
    expect(stat?.sizeBytes === BODY.length && stat.version !== '', 'the size or the ETag is missing');
  },
  'GET gives the bytes back': async ({ store, stored }) => {
    expect(BODY.equals(await store.read(stored, { start: 0 })), 'other bytes came back');
  },
  'GET honours ranges': async ({ store, stored }) => {
    expect(
      (await store.read(stored, { start: 3, end: 6 })).equals(BODY.subarray(3, 7)),
      'other bytes came back',
    );
  },
  'wrong checksums are refused': async ({ client, bucket, fresh }) => {
    const status = await statusOfPut(client, {
      Bucket: bucket,
      Key: fresh,
      ChecksumSHA256: sha256Base64(OTHER),
    });
    expect(status === 400, `x-amz-checksum-sha256 of other bytes was answered ${status}`);
  },
  'create-only writes (If-None-Match) are honoured': async ({ client, bucket, stored }) => {
    const status = await statusOfPut(client, { Bucket: bucket, Key: stored, IfNoneMatch: '*' });
    expect(status === 412, `a second write was answered ${status}; set conditionalWrites to false`);
  },
  'presigned GET works at the public endpoint': async ({ store, stored }) => {
    const answer = await fetch(await store.presignGet(stored, { expiresInMs: URL_MS }), deadline());
    expect(
      answer.ok && BODY.equals(Buffer.from(await answer.arrayBuffer())),
      `it was answered ${answer.status}`,
    );
  },
  'presigned PUT works at the public endpoint': async ({ store, fresh }) => {
    const url = await store.presignPut(fresh, { expiresInMs: URL_MS, sizeBytes: BODY.length });
    const answer = await fetch(url, { method: 'PUT', body: BODY, ...deadline() });
    expect(answer.ok, `it was answered ${answer.status}`);
  },
  'presigned PUT refuses another length': async ({ store, fresh }) => {
    const url = await store.presignPut(fresh, { expiresInMs: URL_MS, sizeBytes: BODY.length + 1 });
    const answer = await fetch(url, { method: 'PUT', body: BODY, ...deadline() });
    expect(answer.status === 403, `it was answered ${answer.status}`);
  },
};

/** Tries on a live bucket what the hub relies on. An empty answer means that the store lacks nothing. */
export async function findConformanceFailures(
  target: Pick<Probe, 'store' | 'client' | 'bucket'>,
): Promise<readonly ConformanceFailure[]> {
  const failures: ConformanceFailure[] = [];
  for (const [check, run] of Object.entries(CHECKS)) {
    const probe = { ...target, stored: uploadKey(randomUUID()), fresh: uploadKey(randomUUID()) };
    try {
      await target.store.put(probe.stored, BODY, { sizeBytes: BODY.length });
      await run(probe);
    } catch (error) {
      failures.push({ check, reason: error instanceof Error ? error.message : String(error) });
    } finally {
      await Promise.allSettled([target.store.delete(probe.stored), target.store.delete(probe.fresh)]);
    }
  }
  return failures;
}

/** Sends `BODY` and returns the status of the answer. */
async function statusOfPut(
  client: S3Client,
  request: { Bucket: string; Key: string; ChecksumSHA256?: string; IfNoneMatch?: '*' },
): Promise<number> {
  try {
    await client.send(new PutObjectCommand({ ...request, Body: BODY, ContentLength: BODY.length }));
    return 200;
  } catch (error) {
    const status = s3Status(error);
    if (status === undefined) throw error;
    return status;
  }
}

function expect(condition: boolean, reason: string): void {
  if (!condition) throw new Error(reason);
}

function deadline(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(FETCH_MS) };
}

function sha256Base64(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}
