import type { UserActor } from '../actor.ts';
import { LfsObjectMissing } from '../errors.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { PushedPointer } from './push-content.ts';
import { listed } from './push-listing.ts';
import { framed, PushRefused } from './push-report.ts';

/**
 * Every object that a new pointer names must be here, brought to this repository or readable by the caller anyway, with the size
 * that the pointer says: as for a commit by API.
 * @throws {PushRefused} naming the path.
 */
export async function checkPointers(
  lfs: LfsService,
  { access, user }: { readonly access: RepoAccess; readonly user: UserActor },
  pointers: readonly PushedPointer[],
): Promise<void> {
  if (pointers.length === 0) return;
  try {
    await lfs.ensureUploaded(access, user, pointers);
  } catch (error) {
    if (!(error instanceof LfsObjectMissing)) throw error;
    const missing = pointers.filter(({ sha256 }) => sha256 === error.details['sha256']);
    throw missingPointers(missing.map(({ path }) => path));
  }
}

/** The sentences of huggingface.co. */
export function missingPointers(paths: readonly string[]): PushRefused {
  return new PushRefused(
    framed([
      'Your push was rejected because an LFS pointer pointed to a file that does not exist.',
      'For instance, this can happen if you used git push --no-verify to push your changes.',
      ...(paths.length > 0 ? ['', 'Offending file:', ...listed(paths)] : []),
    ]),
  );
}
