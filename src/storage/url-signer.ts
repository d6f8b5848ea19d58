import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureExpired, SignatureInvalid } from './errors.ts';
import type { ObjectKey } from './keys.ts';
import type { Sha256 } from '../lib/sha256.ts';

interface GrantBase {
  readonly key: ObjectKey;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface DownloadGrant extends GrantBase {
  readonly action: 'get';
  readonly filename?: string;
  readonly contentType?: string;
  readonly range?: { readonly start: number; readonly end: number };
}

export interface UploadGrant extends GrantBase {
  readonly action: 'put';
  readonly sizeBytes: number;
  readonly sha256?: Sha256;
}

export interface PartGrant extends GrantBase {
  readonly action: 'put-part';
  readonly uploadId: string;
  readonly partNumber: number;
  readonly sizeBytes: number;
}

/** What the holder of a signed URL may do, once or many times until it expires. */
export type Grant = DownloadGrant | UploadGrant | PartGrant;

const MIN_SECRET_BYTES = 32;
const MAX_TOKEN_CHARS = 4096;
/** Keeps these signatures apart from any other use of the same secret. */
const CONTEXT = 'object-url-v1.';

/**
 * Makes and checks the tokens in signed URLs: `<base64url of the grant as JSON>.<base64url of its HMAC-SHA256>`.
 * Everything that the hub acts on is inside the signature; the grant is readable but holds nothing secret.
 */
export class UrlSigner {
  readonly #secret: Buffer;

  /** The secret must be at least 32 random bytes. */
  constructor(secret: Uint8Array) {
    if (secret.length < MIN_SECRET_BYTES)
      throw new TypeError(`The signing secret needs ${MIN_SECRET_BYTES} bytes.`);
    this.#secret = Buffer.from(secret);
  }

  sign(grant: Grant): string {
    const payload = Buffer.from(JSON.stringify(grant)).toString('base64url');
    return `${payload}.${this.mac(payload).toString('base64url')}`;
  }

  /** Throws `SignatureInvalid` or `SignatureExpired`. */
  verify(token: string, now = Date.now()): Grant {
    const [payload = '', signature = '', ...rest] = token.slice(0, MAX_TOKEN_CHARS + 1).split('.');
    if (token.length > MAX_TOKEN_CHARS || rest.length > 0) throw new SignatureInvalid();
    const expected = this.mac(payload).toString('base64url');
    if (!sameText(signature, expected)) throw new SignatureInvalid();
    const grant = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Grant;
    if (grant.expiresAt <= now) throw new SignatureExpired();
    return grant;
  }

  private mac(payload: string): Buffer {
    return createHmac('sha256', this.#secret).update(CONTEXT).update(payload).digest();
  }
}

/** Compares in a time that depends only on the length. Compares text, so that one signature has one spelling. */
function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
