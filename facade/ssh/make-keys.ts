import { generateKeyPairSync, randomBytes } from 'node:crypto';

/**
 * New private keys as text. ssh2 makes them too, but one of 256 of its Ed25519 keys lacks a byte: it takes the zero that a key may
 * begin with for padding.
 */

const LINE_CHARS = 70;
const BLOCK_BYTES = 8;

/** An Ed25519 key in OpenSSH's format without a passphrase (PROTOCOL.key). */
export function makeEd25519Key(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x, d } = privateKey.export({ format: 'jwk' });
  const publicBytes = Buffer.from(x!, 'base64url');
  const secretBytes = Buffer.concat([Buffer.from(d!, 'base64url'), publicBytes]);
  const type = string('ssh-ed25519');
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, type, string(publicBytes), string(secretBytes), string('')]);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    uint32(1),
    string(Buffer.concat([type, string(publicBytes)])),
    string(padded(secret)),
  ]);
  const lines = file.toString('base64').match(new RegExp(`.{1,${LINE_CHARS}}`, 'g'))!;
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join(
    '\n',
  );
}

/** A key of the curve nistp256 in the format of RFC 5915. */
export function makeEcdsaKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'sec1', format: 'pem' }) as string;
}

function string(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** With 1, 2, 3 and so on, up to whole blocks. */
function padded(bytes: Buffer): Buffer {
  const missing = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}
