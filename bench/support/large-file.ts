import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface LargeFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

const BLOCK_BYTES = 2 ** 20;

/** Writes a file that does not compress and differs from every other one. */
export async function writeLargeFile(path: string, sizeBytes: number): Promise<LargeFile> {
  const block = randomBytes(BLOCK_BYTES);
  const hash = createHash('sha256');
  await using file = await open(path, 'w');
  for (let written = 0; written < sizeBytes; written += BLOCK_BYTES) {
    block.writeDoubleLE(written, 0);
    const part = block.subarray(0, Math.min(BLOCK_BYTES, sizeBytes - written));
    hash.update(part);
    await file.write(part);
  }
  await file.sync();
  return { path, sizeBytes, sha256: hash.digest('hex') };
}
