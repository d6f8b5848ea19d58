import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';

export interface S3StoreOptions {
  readonly bucket: string;
  readonly region: string;
  /** URL that the hub uses. Without it, Amazon's endpoint of the region. */
  readonly endpoint?: string;
  /** URL that clients reach; presigned URLs are signed for its host. Default `endpoint`. */
  readonly publicEndpoint?: string;
  /** `host/bucket/key`; otherwise `bucket.host/key`. */
  readonly forcePathStyle: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  /** False for stores that refuse or ignore `If-None-Match` on PUT (default true): the hub then looks before it writes. */
  readonly conditionalWrites?: boolean;
  /** Connections to the store, default 64. */
  readonly maxConnections?: number;
}

const DEFAULT_CONNECTIONS = 64;
const ATTEMPTS = 4;
const CONFLICTS = new Set(['ConditionalRequestConflict', 'ExistingObjectIsDirectory', 'OperationAborted']);
const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than a server-side copy of 5 GiB takes on a slow store. */
const IDLE_TIMEOUT_MS = 120_000;

/** The client for the hub's own requests. */
export function internalClient(options: S3StoreOptions): S3Client {
  const maxSockets = options.maxConnections ?? DEFAULT_CONNECTIONS;
  const client = new S3Client({
    ...clientConfig(options, options.endpoint),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    },
  });
  // Outside of what makes errors of answers, inside of what tries again.
  client.middlewareStack.add(
    (next) => async (request) => {
      try {
        return await next(request);
      } catch (error) {
        throw passesByItself(error) ? Object.assign(error, { $retryable: {} }) : error;
      }
    },
    { step: 'deserialize', priority: 'high', name: 'retryConflicts' },
  );
  return client;
}

/**
 * Whether the request met another one that was under way (409). Stores over a file system also say so when the folder of a new key is
 * being removed with the last file in it.
 */
function passesByItself(error: unknown): error is S3ServiceException {
  return error instanceof S3ServiceException && CONFLICTS.has(error.name);
}

/** A client that only signs URLs, for the host that clients reach. It never connects. */
export function signingClient(options: S3StoreOptions): S3Client {
  return new S3Client(clientConfig(options, options.publicEndpoint ?? options.endpoint));
}

/**
 * The SDK's own checksums are off: it would sign the CRC-32 of an empty body into every presigned PUT, and trailing
 * checksums are unknown to many stores. The adapter sends SHA-256 or MD5 headers itself.
 */
function clientConfig(options: S3StoreOptions, endpoint: string | undefined): S3ClientConfig {
  return {
    region: options.region,
    forcePathStyle: options.forcePathStyle,
    credentials: { accessKeyId: options.accessKey, secretAccessKey: options.secretKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint }),
  };
}
