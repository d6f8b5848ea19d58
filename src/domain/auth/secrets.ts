import { createHmac, hash, randomBytes, randomInt } from 'node:crypto';

/** What every API token starts with, so that clients and secret scanners know it. */
export const TOKEN_PREFIX = 'hf_';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TOKEN_CHARS = 40;
const SECRET_BYTES = 32;

/** A new API token: 238 bits of randomness in letters and digits. */
export function newAccessToken(): string {
  return TOKEN_PREFIX + Array.from({ length: TOKEN_CHARS }, () => BASE62[randomInt(BASE62.length)]).join('');
}

/** A new secret for a cookie or a mailed link: 256 bits, safe in URLs. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** The form in which tokens, sessions and mailed secrets are stored. They are random, so one fast hash is enough. */
export function hashSecret(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/**
 * The `session_secret` of the login answer (32 hex digits). It belongs to the session, but nobody can log in with it:
 * scripts of a page may see it, while the cookie's value stays out of their reach.
 */
export function publicSessionSecret(sessionSecret: string): string {
  return createHmac('sha256', sessionSecret).update('session_secret').digest('hex').slice(0, 32);
}
