import type { RepoPath } from '../../git/path.ts';
import { BadRequest, Conflict } from '../errors.ts';

/** A lock as everybody sees it who may read the repository's files. */
export interface HeldLock {
  readonly id: number;
  readonly path: string;
  readonly ownerId: number;
  /** Name of the account. */
  readonly ownerName: string;
  readonly lockedAt: Date;
}

/** Locks in the order in which they were made. */
export interface LockPage {
  readonly locks: readonly HeldLock[];
  /** Where the next page begins, or null after the last. */
  readonly nextCursor: string | null;
}

export interface LockQuery {
  readonly path: RepoPath | null;
  /** As the hub gave it out; anything else matches nothing. */
  readonly id: string | null;
  readonly cursor: string | null;
  /** Null is as many as the hub gives at once. */
  readonly limit: number | null;
}

/** The path has a lock already, perhaps the caller's own. */
export class LfsLockTaken extends Conflict {
  readonly lock: HeldLock;

  constructor(lock: HeldLock) {
    super(`This file is locked by ${lock.ownerName} since ${lock.lockedAt.toISOString()}.`);
    this.lock = lock;
  }
}

/** The number of a lock in text from a client, or null when it can be none. */
export function parseLockId(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

/** @throws {BadRequest} for text that is no `nextCursor`. */
export function parseLockCursor(cursor: string | null): number {
  if (cursor === null) return 0;
  const after = parseLockId(cursor);
  if (after === null)
    throw new BadRequest(
      'The cursor is not one that this hub gave for this list. Start from the first page.',
    );
  return after;
}
