import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that no compression makes smaller; the same for the same seed. */
export function noise(seed: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return new Uint8Array(cipher.update(Buffer.alloc(sizeBytes)));
}

/** Float32 weights around zero, as a model has them; the same for the same seed. */
export function floats(seed: string, count: number): Uint8Array<ArrayBuffer> {
  const random = new Uint16Array(noise(seed, 2 * count).buffer);
  const weights = Float32Array.from(random, (value) => (value / 65_536 - 0.5) / 16);
  return new Uint8Array(weights.buffer);
}
