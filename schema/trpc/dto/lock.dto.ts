import type { HeldLock } from '../../../src/domain/lfs/lfs-lock.ts';

export function lockDto({ id, path, ownerName, lockedAt }: HeldLock) {
  return { id, path, ownerName, lockedAt: lockedAt.toISOString() };
}
