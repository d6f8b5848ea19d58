import { MAX_SHARD_BYTES } from '../../xet/shard.ts';
import { MAX_XORB_BODY_BYTES } from '../../xet/xorb.ts';
import { UploadGate } from './upload-gate.ts';

/** What bounds the uploads of a process. */
export interface UploadGates {
  /** Bytes of bodies that are arriving, or have arrived and wait on disk. */
  readonly spool: UploadGate;
  /** Bytes of xorbs that have arrived and are being verified and stored. Those that go to S3 are in memory. */
  readonly xorbs: UploadGate;
  /** Bytes of shard bodies in memory, which stand for what their registration needs besides. */
  readonly shards: UploadGate;
  /** Shards whose files are being read and hashed. */
  readonly registrations: UploadGate;
  /** Answers that tell which chunks need no upload, while they are written. */
  readonly dedupAnswers: UploadGate;
}

/** Clients try again a few times, seconds apart: after a longer wait here they would give up. */
const WAIT_MS = 20_000;
const MAX_WAITING = 64;
/** A shard of a large file takes minutes, and a client that is turned away then has to send all its xorbs again. */
const REGISTRATION_WAIT_MS = 10 * 60_000;
const MAX_REGISTRATIONS = 2;
/** Slow lines hold disk, not memory. One user can take half of it. */
const SPOOL_BYTES = 2 * 2 ** 30;
/** Bodies that have arrived need a second each; who waits here has sent everything already. */
const ARRIVED_WAIT_MS = 60_000;
const MAX_ARRIVED = 4096;
/** One is read, one is verified and one is stored. More only make each other slower. */
const MAX_XORBS = 3;
/** One takes 70 ms of the only thread, in turns, and some megabytes. Clients ask many times at once, and wait cheaply. */
const MAX_DEDUP_ANSWERS = 4;
const MAX_DEDUP_WAITING = 1024;

export function createUploadGates(): UploadGates {
  return {
    spool: new UploadGate({
      capacity: SPOOL_BYTES,
      capacityPerUser: SPOOL_BYTES / 2,
      maxWaiting: MAX_WAITING,
      waitMs: WAIT_MS,
    }),
    xorbs: new UploadGate({
      capacity: MAX_XORBS * MAX_XORB_BODY_BYTES,
      maxWaiting: MAX_ARRIVED,
      waitMs: ARRIVED_WAIT_MS,
    }),
    shards: new UploadGate({ capacity: 2 * MAX_SHARD_BYTES, maxWaiting: MAX_WAITING, waitMs: WAIT_MS }),
    registrations: new UploadGate({
      capacity: MAX_REGISTRATIONS,
      maxWaiting: MAX_WAITING,
      waitMs: REGISTRATION_WAIT_MS,
    }),
    dedupAnswers: new UploadGate({
      capacity: MAX_DEDUP_ANSWERS,
      capacityPerUser: MAX_DEDUP_ANSWERS / 2,
      maxWaiting: MAX_DEDUP_WAITING,
      waitMs: WAIT_MS,
    }),
  };
}
