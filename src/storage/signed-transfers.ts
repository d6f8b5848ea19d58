import type { Readable } from 'node:stream';
import { attachment } from './attachment.ts';
import { checkedBody } from './checked-body.ts';
import { parseRangeHeader, rangeHeader } from './byte-range.ts';
import { ObjectMismatch, SignatureInvalid } from './errors.ts';
import type { ObjectKey, ObjectStore } from './object-store.ts';
import type { DownloadGrant, Grant, PartGrant, UploadGrant, UrlSigner } from './url-signer.ts';

/** Path, below the hub's public URL, of the URLs that the directory store signs. */
export const SIGNED_PATH = '/_storage/object';

/** A ready HTTP answer. The server must send `body` or destroy it. */
export interface SignedDownload {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface SignedDownloadRequest {
  /** The `token` parameter of the URL. */
  readonly token: string;
  /** The request's `Range` header. */
  readonly range?: string | undefined;
  /** The request's `If-Range` header. */
  readonly ifRange?: string | undefined;
}

export interface SignedUploadRequest {
  readonly token: string;
  readonly body: Readable;
  /** The request's `Content-Length` header. */
  readonly contentLength?: string | undefined;
}

/** Takes one part of an open multipart upload and returns its ETag. */
export type PartWriter = (grant: PartGrant, body: AsyncIterable<Uint8Array>) => Promise<string>;

/**
 * Serves signed URLs, for a store that has no HTTP server of its own. It knows no framework: a route passes the
 * token and the stream, and sends what comes back.
 */
export class SignedTransfers {
  readonly #store: ObjectStore;
  readonly #signer: UrlSigner;
  readonly #writePart: PartWriter;

  constructor(parts: { store: ObjectStore; signer: UrlSigner; writePart: PartWriter }) {
    this.#store = parts.store;
    this.#signer = parts.signer;
    this.#writePart = parts.writePart;
  }

  /** What a request with this method may do. `SignatureInvalid` when the URL was signed for another method. */
  verify(method: string, token: string): Grant {
    const grant = this.#signer.verify(token);
    if (method !== (grant.action === 'get' ? 'GET' : 'PUT')) throw new SignatureInvalid();
    return grant;
  }

  /** Answers a `GET`. Throws the signature errors, `ObjectNotFound` and `RangeNotSatisfiable`. */
  async openDownload(request: SignedDownloadRequest): Promise<SignedDownload> {
    const grant = this.verify('GET', request.token) as DownloadGrant;
    const etag = etagOf(grant.key);
    if (grant.range && request.range !== rangeHeader(grant.range)) throw new SignatureInvalid();
    const honoured = grant.range ?? (request.ifRange ?? etag) === etag;
    const range = honoured ? parseRangeHeader(request.range) : undefined;
    const { body, sizeBytes, offsetBytes, lengthBytes } = await this.#store.get(
      grant.key,
      range && { range },
    );
    const headers: Record<string, string> = {
      'accept-ranges': 'bytes',
      'content-length': String(lengthBytes),
      'content-type': grant.contentType ?? 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      etag,
    };
    if (grant.filename !== undefined) headers['content-disposition'] = attachment(grant.filename);
    if (range === undefined) return { status: 200, headers, body };
    headers['content-range'] = `bytes ${offsetBytes}-${offsetBytes + lengthBytes - 1}/${sizeBytes}`;
    return { status: 206, headers, body };
  }

  /**
   * Takes a `PUT` of an object or a part, and returns the ETag to answer with. Throws the signature errors,
   * `ObjectMismatch`, `ObjectNotFound` (no such multipart upload) and `StorageFull`; then nothing is left behind.
   * The stream is not destroyed on refusal, so that the answer can still be sent on its connection.
   */
  async acceptUpload(request: SignedUploadRequest): Promise<{ etag: string }> {
    const grant = this.verify('PUT', request.token) as UploadGrant | PartGrant;
    checkContentLength(request.contentLength, grant.sizeBytes);
    const body = request.body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    if (grant.action === 'put-part') {
      return { etag: await this.#writePart(grant, checkedBody(body, { sizeBytes: grant.sizeBytes })) };
    }
    const { sizeBytes, sha256 } = grant;
    await this.#store.put(grant.key, body, sha256 === undefined ? { sizeBytes } : { sizeBytes, sha256 });
    return { etag: etagOf(grant.key) };
  }
}

/** Keys are written once, so the key names the content. */
function etagOf(key: ObjectKey): string {
  return `"${key.slice(key.lastIndexOf('/') + 1)}"`;
}

/** Refuses a wrong size before the first byte is read. Without the header the bytes are counted as they come. */
function checkContentLength(contentLength: string | undefined, sizeBytes: number): void {
  if (contentLength === undefined || contentLength === String(sizeBytes)) return;
  throw new ObjectMismatch(
    `This URL takes exactly ${sizeBytes} bytes; the request announces another length.`,
    {
      expectedBytes: sizeBytes,
    },
  );
}
