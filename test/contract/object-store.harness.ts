import { createHash, randomUUID } from 'node:crypto';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { lfsKey } from '../../src/storage/keys.ts';
import type { ObjectKey, ObjectStore } from '../../src/storage/object-store.ts';
import type { BigObjectStore } from './object-store-big.ts';

/** A store on its own, and what the suite must know about it. */
export interface StoreHarness {
  readonly store: ObjectStore;
  /** The same store, with nothing behind it. */
  readonly unreachable: ObjectStore;
  /** How a child process opens this store. */
  readonly big: BigObjectStore;
  /** Names of unfinished writes for this key. */
  leftovers(key: ObjectKey): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Bytes that differ from call to call, and their address. */
export function someObject(sizeBytes = 1000) {
  const bytes = Buffer.alloc(sizeBytes, randomUUID());
  const sha256 = parseSha256(createHash('sha256').update(bytes).digest('hex'));
  return { bytes, sizeBytes, sha256, key: lfsKey(sha256, randomUUID()) };
}
