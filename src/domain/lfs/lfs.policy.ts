import type { LfsStatus } from './lfs.queries.ts';

/**
 * Whether the caller has proved possession: a writer by an upload to this repository, everybody by being able to read
 * the object anyway. Knowing a hash proves nothing.
 */
export function mayUse(status: LfsStatus, isWriter: boolean): boolean {
  return (
    status.link === 'committed' || (isWriter && status.link === 'uploaded') || status.isReadableElsewhere
  );
}
