import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Expiring, SignedClaimsOptions } from '../signed-claims.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAX_TOKEN_CHARS = 1024;
/** Lengths tell nothing either, such as how large a number is. */
const PAD_CHARS = 64;

/**
 * As `SignedClaims`, for what the holder of a token must not read: numbers of rows tell what was here first.
 * Form: base64url of a nonce, the claim as JSON in AES-256-GCM, and the tag.
 */
export class SealedClaims<Claim extends Expiring> {
  readonly #key: Buffer;
  readonly #options: SignedClaimsOptions;

  constructor(options: SignedClaimsOptions) {
    this.#options = options;
    this.#key = createHmac('sha256', options.secret).update(`sealed ${options.context}`).digest();
  }

  seal(claim: Claim): string {
    const text = JSON.stringify(claim);
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    const padded = text.padEnd(Math.ceil(text.length / PAD_CHARS) * PAD_CHARS);
    const sealed = [nonce, cipher.update(padded), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** Throws the errors of the options. */
  read(token: string, now = Date.now()): Claim {
    const claim = this.open(token);
    if (claim === null) throw this.#options.notValid();
    if (claim.expiresAt <= now) throw this.#options.expired();
    return claim;
  }

  private open(token: string): Claim | null {
    if (token.length > MAX_TOKEN_CHARS) return null;
    const bytes = Buffer.from(token, 'base64url');
    // The same bytes can be written in other ways, which nobody but a forger would do.
    if (bytes.length <= NONCE_BYTES + TAG_BYTES || bytes.toString('base64url') !== token) return null;
    const decipher = createDecipheriv(CIPHER, this.#key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      decipher.final();
    } catch {
      // It was not this hub that sealed it.
      return null;
    }
    return JSON.parse(text.toString()) as Claim;
  }
}
