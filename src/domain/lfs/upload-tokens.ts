import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Sha256 } from '../../lib/sha256.ts';
import { Forbidden } from '../errors.ts';

/** What a token says: this user was granted this upload. */
export interface UploadClaim {
  readonly uploadId: string;
  readonly repoId: number;
  readonly uploaderId: number;
  readonly sha256: Sha256;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

const MAX_TOKEN_CHARS = 1024;
/** Keeps these signatures apart from any other use of the same secret. */
const CONTEXT = 'lfs-upload-v1.';

/**
 * Tokens that make URLs of the hub authenticate themselves: clients complete a multipart upload without any
 * credentials. Form: `<base64url of the claim as JSON>.<base64url of its HMAC-SHA256>`.
 */
export class UploadTokens {
  readonly #secret: Buffer;

  /** @param secret at least 32 random bytes, the same after a restart. */
  constructor(secret: Uint8Array) {
    this.#secret = Buffer.from(secret);
  }

  sign(claim: UploadClaim): string {
    const payload = Buffer.from(JSON.stringify(claim)).toString('base64url');
    return `${payload}.${this.mac(payload)}`;
  }

  /** @throws {Forbidden} for a token that this hub did not make, and for one whose time is over. */
  read(token: string, now = Date.now()): UploadClaim {
    const [payload = '', signature = '', ...rest] = token.slice(0, MAX_TOKEN_CHARS + 1).split('.');
    const isOurs =
      token.length <= MAX_TOKEN_CHARS && rest.length === 0 && sameText(signature, this.mac(payload));
    if (!isOurs) throw new Forbidden('The token of this upload is not valid. Ask the hub for a new upload.');
    const claim = JSON.parse(Buffer.from(payload, 'base64url').toString()) as UploadClaim;
    if (claim.expiresAt <= now) throw new Forbidden('This upload has expired. Ask the hub for a new one.');
    return claim;
  }

  private mac(payload: string): string {
    return createHmac('sha256', this.#secret).update(CONTEXT).update(payload).digest('base64url');
  }
}

/** Compares in a time that depends only on the length. */
function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
