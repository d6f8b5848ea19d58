import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { S3Client } from '@aws-sdk/client-s3';

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
const ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than a server-side copy of 5 GiB takes on a slow store. */
const IDLE_TIMEOUT_MS = 120_000;

/** The client for the hub's own requests. */
export function internalClient(options: S3StoreOptions): S3Client {
  const maxSockets = options.maxConnections ?? DEFAULT_CONNECTIONS;
  return new S3Client({
    ...clientConfig(options, options.endpoint),
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    },
  });
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
