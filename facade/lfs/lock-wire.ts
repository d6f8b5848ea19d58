import { z } from 'zod';
import type { HeldLock, LockPage } from '../../src/domain/lfs/lfs-lock.ts';
import type { VerifiedLocks } from '../../src/domain/lfs/lfs-lock.service.ts';
import { wireDate } from '../wire/dates.ts';
import { Ref } from './lfs-wire.ts';

/** Clients may send what they have nothing for as an empty text, as a zero, or not at all. */
const orNull = z
  .string()
  .nullish()
  .transform((text) => text || null);
const limitOrNull = z.coerce
  .number()
  .int()
  .min(0)
  .nullish()
  .transform((limit) => limit || null);

export const CreateLockBody = z.object({ path: z.string(), ref: Ref });

/** The ref of a lock is for servers whose rights depend on it; here a lock is for all branches. */
export const ListLocksQuery = z.object({
  path: orNull,
  id: orNull,
  cursor: orNull,
  limit: limitOrNull,
  refspec: z.string().max(1000).optional(),
});

export const VerifyLocksBody = z.object({ cursor: orNull, limit: limitOrNull, ref: Ref });

export const UnlockBody = z.object({ force: z.boolean().nullish(), ref: Ref });
export const UnlockParams = { id: z.string() };

/** The body of one lock, as text: the media type is not one that the framework writes. */
export function presentLock(lock: HeldLock): string {
  return JSON.stringify({ lock: lockFields(lock) });
}

export function presentLocks({ locks, nextCursor }: LockPage): string {
  return JSON.stringify({ locks: locks.map(lockFields), ...cursorField(nextCursor) });
}

export function presentVerifiedLocks({ ours, theirs, nextCursor }: VerifiedLocks): string {
  return JSON.stringify({
    ours: ours.map(lockFields),
    theirs: theirs.map(lockFields),
    ...cursorField(nextCursor),
  });
}

/** One lock in the words of the LFS API. */
export function lockFields({ id, path, lockedAt, ownerName }: HeldLock) {
  return { id: String(id), path, locked_at: wireDate(lockedAt), owner: { name: ownerName } };
}

function cursorField(nextCursor: string | null) {
  return nextCursor === null ? {} : { next_cursor: nextCursor };
}
