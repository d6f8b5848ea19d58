import { createHmac, timingSafeEqual } from 'node:crypto';

/** What every signed claim says besides its own content. */
export interface Expiring {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface SignedClaimsOptions {
  /** At least 32 random bytes, the same after a restart and on every node. */
  readonly secret: Uint8Array;
  /** Keeps these signatures apart from any other use of the same secret. */
  readonly context: string;
  /** The error for a text that this hub did not make. */
  readonly notValid: () => Error;
  /** The error for a claim whose time is over. */
  readonly expired: () => Error;
}

const MAX_TOKEN_CHARS = 1024;

/**
 * Tokens that carry a claim and prove that this hub made it, so that nothing needs to be stored.
 * Form: `<base64url of the claim as JSON>.<base64url of its HMAC-SHA256>`.
 */
export class SignedClaims<Claim extends Expiring> {
  readonly #options: SignedClaimsOptions;

  constructor(options: SignedClaimsOptions) {
    this.#options = { ...options, secret: Buffer.from(options.secret) };
  }

  sign(claim: Claim): string {
    const payload = Buffer.from(JSON.stringify(claim)).toString('base64url');
    return `${payload}.${this.mac(payload)}`;
  }

  /** Throws the errors of the options. */
  read(token: string, now = Date.now()): Claim {
    const [payload = '', signature = '', ...rest] = token.slice(0, MAX_TOKEN_CHARS + 1).split('.');
    const isOurs =
      token.length <= MAX_TOKEN_CHARS && rest.length === 0 && sameText(signature, this.mac(payload));
    if (!isOurs) throw this.#options.notValid();
    const claim = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Claim;
    if (claim.expiresAt <= now) throw this.#options.expired();
    return claim;
  }

  private mac(payload: string): string {
    const { secret, context } = this.#options;
    return createHmac('sha256', secret).update(context).update(payload).digest('base64url');
  }
}

/** Compares in a time that depends only on the length. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
