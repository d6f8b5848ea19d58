import type { Brand } from '../lib/brand.ts';
import { BadRequest } from '../lib/domain-error.ts';
import type { Sha256 } from '../lib/sha256.ts';

/** Name of an object in the store. Only the functions of this file make one. */
export type ObjectKey = Brand<string, 'ObjectKey'>;

const MAX_KEY_CHARS = 512;
const SEGMENT = '[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}';
const KEY = new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`);
const XET_HASH = /^[0-9a-f]{64}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where each kind of object lives, for sweeps and fsck. */
export const objectPrefixes = {
  lfs: 'lfs/',
  segments: 'segments/',
  uploads: 'uploads/',
  xorbs: 'xorbs/',
} as const;
export type ObjectPrefix = (typeof objectPrefixes)[keyof typeof objectPrefixes];

/**
 * Accepts a key as it comes from the database or from a listing. Keys are ASCII names joined by `/`, none of which
 * starts with a dot, so that no key can leave the store's root or hide in it.
 */
export function parseObjectKey(value: string): ObjectKey {
  if (value.length > MAX_KEY_CHARS || !KEY.test(value)) {
    throw new BadRequest(`Not an object key: ${JSON.stringify(value.slice(0, 100))}.`);
  }
  return value as ObjectKey;
}

/**
 * `lfs/ab/cd/<sha256>-<uuid>`: the verified bytes of one upload. As for xorbs, each upload has a key of its own and folders are named by the
 * uuid: neither the key, which clients see in URLs, nor the time it takes to make it tells whether the bytes were here before.
 */
export function lfsKey(sha256: Sha256, uploadId: string): ObjectKey {
  checkUuid(uploadId);
  return parseObjectKey(`${objectPrefixes.lfs}${fanOut(uploadId)}/${sha256}-${uploadId}`);
}

/**
 * `segments/ab/cd/<storeId>-<uuid>.pack` or `….idx`: one immutable Git pack of one repository's store, and its
 * index. The fan-out is the end of the UUID, because version 7 starts with the time.
 */
export function segmentKey(storeId: number | bigint, uuid: string, kind: 'pack' | 'idx'): ObjectKey {
  checkCounter('storeId', storeId);
  checkUuid(uuid);
  return parseObjectKey(`${objectPrefixes.segments}${fanOut(uuid.slice(-4))}/${storeId}-${uuid}.${kind}`);
}

/** `uploads/ab/<uuid>`, where `ab` ends the UUID: bytes that a client sent and that nobody has verified yet. */
export function uploadKey(uploadId: string): ObjectKey {
  checkUuid(uploadId);
  return parseObjectKey(`${objectPrefixes.uploads}${uploadId.slice(-2)}/${uploadId}`);
}

/**
 * `xorbs/ab/cd/<hash>-<uuid>`: one uploaded xorb. Each upload has a key of its own, so that no writer meets a deletion. Folders are named by the
 * uuid: one that is there already, of an earlier upload of the same xorb, would make a second upload faster.
 */
export function xorbKey(hash: string, uploadId: string): ObjectKey {
  if (!XET_HASH.test(hash)) throw new BadRequest('Expected a Xet hash for an object key.');
  checkUuid(uploadId);
  return parseObjectKey(`${objectPrefixes.xorbs}${fanOut(uploadId)}/${hash}-${uploadId}`);
}

function fanOut(hex: string): string {
  return `${hex.slice(0, 2)}/${hex.slice(2, 4)}`;
}

function checkUuid(value: string): void {
  if (!UUID.test(value)) throw new BadRequest('Expected a lower-case UUID for an object key.');
}

function checkCounter(name: string, value: number | bigint): void {
  const valid = typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && value >= 0;
  if (!valid) throw new BadRequest(`${name} must be a whole number, 0 or more.`);
}
