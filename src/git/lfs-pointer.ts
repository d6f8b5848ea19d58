import { isUtf8 } from 'node:buffer';

import { isSha256 } from '../lib/sha256.ts';
import type { Sha256 } from '../lib/sha256.ts';

/** What a Git LFS pointer file says: which bytes, and how many. */
export interface LfsPointer {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** Larger blobs are never pointers (git-lfs docs/spec.md, "The Pointer"). */
export const MAX_LFS_POINTER_BYTES = 1024;

const VERSION_LINE = 'version https://git-lfs.github.com/spec/v1\n';
const SHA256_METHOD = 'sha256:';
const EXTENSION_KEY = /^ext-\d-\w+$/;

/**
 * Reads a pointer as docs/spec.md of git-lfs defines it: UTF-8, the version first, then `key value` lines sorted by key, each
 * ended by one line feed. Extension lines are allowed. Anything else is an ordinary file: null.
 */
export function parseLfsPointer(bytes: Uint8Array): LfsPointer | null {
  if (bytes.length > MAX_LFS_POINTER_BYTES || !isUtf8(bytes)) return null;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (!text.startsWith(VERSION_LINE) || !text.endsWith('\n')) return null;
  const fields = parseFields(text.slice(VERSION_LINE.length, -1).split('\n'));
  if (!fields) return null;

  const sha256 = parseMethodAndHash(fields.get('oid'));
  const sizeBytes = parseSize(fields.get('size'));
  return sha256 === null || sizeBytes === null ? null : { sha256, sizeBytes };
}

/** The bytes that every git-lfs client writes for this pointer. */
export function encodeLfsPointer({ sha256, sizeBytes }: LfsPointer): Buffer {
  return Buffer.from(`${VERSION_LINE}oid ${SHA256_METHOD}${sha256}\nsize ${sizeBytes}\n`, 'latin1');
}

function parseFields(lines: readonly string[]): Map<string, string> | null {
  const fields = new Map<string, string>();
  let previous = '';
  for (const line of lines) {
    const space = line.indexOf(' ');
    const key = line.slice(0, space);
    const value = line.slice(space + 1);
    if (space < 0 || key <= previous || !isKnownField(key, value)) return null;
    fields.set(key, value);
    previous = key;
  }
  return fields;
}

function isKnownField(key: string, value: string): boolean {
  if (key === 'oid' || key === 'size') return true;
  return EXTENSION_KEY.test(key) && parseMethodAndHash(value) !== null;
}

function parseMethodAndHash(value = ''): Sha256 | null {
  if (!value.startsWith(SHA256_METHOD)) return null;
  const hash = value.slice(SHA256_METHOD.length);
  return isSha256(hash) ? hash : null;
}

function parseSize(value = ''): number | null {
  if (!/^(?:0|[1-9]\d{0,15})$/.test(value)) return null;
  const sizeBytes = Number(value);
  return Number.isSafeInteger(sizeBytes) ? sizeBytes : null;
}
