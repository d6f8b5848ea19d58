import { totalmem } from 'node:os';
import { MAX_SHARD_BYTES } from '../../xet/shard.ts';
import { MAX_XORB_BODY_BYTES } from '../../xet/xorb.ts';
import { UploadGate } from './upload-gate.ts';

/** What bounds the uploads of a process. */
export interface UploadGates {
  /** Bytes of xorb bodies. */
  readonly xorbs: UploadGate;
  /** Bytes of shard bodies, which stand for what their registration needs besides. */
  readonly shards: UploadGate;
  /** Shards whose files are being read and hashed. */
  readonly registrations: UploadGate;
}

/** Clients try again a few times, seconds apart: after a longer wait here they would give up. */
const WAIT_MS = 20_000;
const MAX_WAITING = 64;
/** A shard of a large file takes minutes, and a client that is turned away then has to send all its xorbs again. */
const REGISTRATION_WAIT_MS = 10 * 60_000;
const MAX_REGISTRATIONS = 2;
/** Xorb bodies may fill so much of the memory, but three of full length always fit, and more than seven only make each other slower. */
const MEMORY_SHARE = 1 / 16;
const LEAST_XORBS = 3;
const MOST_XORBS = 7;

export function createUploadGates(): UploadGates {
  return {
    xorbs: new UploadGate({ capacity: xorbCapacityBytes(), maxWaiting: MAX_WAITING, waitMs: WAIT_MS }),
    shards: new UploadGate({ capacity: 2 * MAX_SHARD_BYTES, maxWaiting: MAX_WAITING, waitMs: WAIT_MS }),
    registrations: new UploadGate({
      capacity: MAX_REGISTRATIONS,
      maxWaiting: MAX_WAITING,
      waitMs: REGISTRATION_WAIT_MS,
    }),
  };
}

/** @returns a part of the memory that this process may use. */
function xorbCapacityBytes(): number {
  const memoryBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  const xorbs = Math.floor((memoryBytes * MEMORY_SHARE) / MAX_XORB_BODY_BYTES);
  return Math.min(Math.max(xorbs, LEAST_XORBS), MOST_XORBS) * MAX_XORB_BODY_BYTES;
}
