import { allows } from '../repo/repo.policy.ts';
import type { OpenUpload } from './lfs-upload.queries.ts';
import type { LfsStatus } from './lfs.queries.ts';

/**
 * Whether the caller has proved possession: a writer by an upload to this repository, everybody by being able to read
 * the object anyway. Knowing a hash proves nothing.
 */
export function mayUse(status: LfsStatus, isWriter: boolean): boolean {
  return (
    status.link === 'committed' ||
    (isWriter && status.link === 'uploaded') ||
    status.isOffered ||
    status.isReadableElsewhere
  );
}

/** Writers share what they bring to their repository; what a reader brings for a pull request is his alone. */
export function mayUseUpload(
  upload: OpenUpload,
  user: { readonly id: number; readonly isWriter: boolean },
): boolean {
  return upload.uploaderId === user.id || (user.isWriter && allows(upload.uploaderRole, false, 'write'));
}
