import { createPublicKey, hash } from 'node:crypto';
import { BadRequest } from '../errors.ts';

/** The types of keys that may be added, as OpenSSH names them. */
export const SSH_KEY_TYPES = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'ssh-dss',
] as const;
export type SshKeyType = (typeof SSH_KEY_TYPES)[number];

/** A public key whose numbers were checked. */
export interface SshPublicKey {
  readonly type: SshKeyType;
  /** RFC 4253 6.6: what is base64 in a `.pub` file, and what a client shows at login. */
  readonly blob: Buffer;
  /** `SHA256:<unpadded base64>`, as OpenSSH prints it. */
  readonly fingerprint: string;
}

/** The longest key, RSA of 16384 bits, has 2800 characters; a comment may follow. */
const MAX_TEXT_CHARS = 8192;
const ED25519_BYTES = 32;
const MIN_RSA_BITS = 2048;
/** As in OpenSSH. */
const MAX_RSA_BITS = 16_384;
/** OpenSSL verifies nothing larger for long moduli. */
const MAX_RSA_EXPONENT_BITS = 64;
const CURVES = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', jwk: 'P-256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', jwk: 'P-384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', jwk: 'P-521', bytes: 66 },
} as const;

/**
 * Reads one line of a `.pub` file: type, base64, and a comment that is ignored.
 * @throws {BadRequest} for everything else: other types, options before the key, numbers that make no key, weak keys.
 */
export function parseSshPublicKey(text: string): SshPublicKey {
  const line = text.trim();
  if (line.includes('PRIVATE KEY')) {
    throw new BadRequest('key: this is a private key. Keep it secret, and send the line of its .pub file.');
  }
  if (line.length > MAX_TEXT_CHARS || /[^\P{Cc}\t]/u.test(line)) throw invalid('it is not one line');
  const [name = '', base64 = ''] = line.split(/[ \t]+/);
  const type = SSH_KEY_TYPES.find((known) => known === name);
  if (!type) {
    throw new BadRequest(
      `key: must begin with one of ${SSH_KEY_TYPES.join(', ')}, as the line of a .pub file does.`,
    );
  }
  const blob = Buffer.from(base64, 'base64');
  if (base64 === '' || blob.toString('base64') !== base64) throw invalid('its second word is not base64');
  checkBlob(type, blob);
  return { type, blob, fingerprint: sshFingerprint(blob) };
}

/** Fingerprint of any key, valid or not. */
export function sshFingerprint(blob: Uint8Array): string {
  return `SHA256:${hash('sha256', blob, 'base64').replace(/=+$/, '')}`;
}

function checkBlob(type: SshKeyType, blob: Buffer): void {
  const fields = new Fields(blob);
  if (fields.text() !== type) throw invalid('the type inside differs from the type before it');
  if (type === 'ssh-ed25519') checkEd25519(fields);
  else if (type === 'ssh-rsa') checkRsa(fields);
  else if (type === 'ssh-dss') checkDss(fields);
  else checkEcdsa(type, fields);
  fields.end();
}

function checkEd25519(fields: Fields): void {
  if (fields.bytes().length !== ED25519_BYTES) throw invalid('an ed25519 key has 32 bytes');
}

/** The point must lie on the curve. */
function checkEcdsa(type: keyof typeof CURVES, fields: Fields): void {
  const { name, jwk, bytes } = CURVES[type];
  if (fields.text() !== name) throw invalid('its curve is not that of its type');
  const point = fields.bytes();
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) throw invalid('its point has a wrong form');
  const x = point.toString('base64url', 1, 1 + bytes);
  const y = point.toString('base64url', 1 + bytes);
  try {
    createPublicKey({ key: { kty: 'EC', crv: jwk, x, y }, format: 'jwk' });
  } catch {
    throw invalid('its point is not on the curve');
  }
}

function checkRsa(fields: Fields): void {
  const exponent = fields.integer();
  const modulus = fields.integer();
  const bits = bitLength(modulus);
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    throw new BadRequest(
      `key: an RSA key must have ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits, this one has ${bits}. Better use ed25519.`,
    );
  }
  if (exponent < 3n || bitLength(exponent) > MAX_RSA_EXPONENT_BITS || isEven(exponent) || isEven(modulus)) {
    throw invalid('its numbers make no RSA key');
  }
}

/** SSH knows DSA with 1024 and 160 bits only (RFC 4253 6.6). */
function checkDss(fields: Fields): void {
  const [p, q, g, y] = [fields.integer(), fields.integer(), fields.integer(), fields.integer()];
  const isSized = bitLength(p) === 1024 && bitLength(q) === 160;
  const isGroup = (p - 1n) % q === 0n && g > 1n && g < p;
  if (!isSized || !isGroup || y <= 1n || y >= p) throw invalid('its numbers make no DSA key');
}

/** Strings and numbers of RFC 4251 5, one after the other. */
class Fields {
  readonly #blob: Buffer;
  #at = 0;

  constructor(blob: Buffer) {
    this.#blob = blob;
  }

  bytes(): Buffer {
    const start = this.#at + 4;
    if (start > this.#blob.length) throw invalid('it is cut off');
    const end = start + this.#blob.readUInt32BE(this.#at);
    if (end > this.#blob.length) throw invalid('it is cut off');
    this.#at = end;
    return this.#blob.subarray(start, end);
  }

  text(): string {
    return this.bytes().toString('latin1');
  }

  /** A positive number in its shortest form, so that one key has one fingerprint. */
  integer(): bigint {
    const bytes = this.bytes();
    const isPositive = bytes.length > 0 && bytes[0]! < 0x80;
    const isShortest = bytes[0] !== 0 || (bytes.length > 1 && bytes[1]! >= 0x80);
    if (!isPositive || !isShortest) throw invalid('a number in it is not written as SSH writes numbers');
    return BigInt(`0x${bytes.toString('hex')}`);
  }

  end(): void {
    if (this.#at !== this.#blob.length) throw invalid('something follows the key inside of it');
  }
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function isEven(value: bigint): boolean {
  return value % 2n === 0n;
}

function invalid(reason: string): BadRequest {
  return new BadRequest(`key: this is not a public key: ${reason}. Send the line of a .pub file.`);
}
