import { InvalidCredentials } from '../errors.ts';
import { type Expiring, SignedClaims } from '../signed-claims.ts';

/** What the holder may do; uploading includes reading. */
export type LfsOperation = 'download' | 'upload';

/** What a credential says: this user, who logged in by this SSH key, may do this with the LFS objects of this repository. */
export interface LfsClaim extends Expiring {
  readonly userId: number;
  readonly keyId: number;
  readonly repoId: number;
  readonly operation: LfsOperation;
}

/** Scheme of an `Authorization` header with such a credential. */
export const LFS_SCHEME = 'Kohaku-LFS';

/**
 * Credentials that SSH gives to git-lfs, which then speaks HTTP. They are worth nothing without the key and the account that they name.
 * Reading one throws {InvalidCredentials}.
 * @param secret at least 32 random bytes, the same after a restart and on every node.
 */
export function lfsCredentials(secret: Uint8Array): SignedClaims<LfsClaim> {
  return new SignedClaims({
    secret,
    context: 'lfs-credential-v1.',
    notValid: () => new InvalidCredentials(),
    expired: () => new InvalidCredentials('This credential of git-lfs has expired. Run the command again.'),
  });
}

/** Value of the `Authorization` header. */
export function lfsAuthorization(credentials: SignedClaims<LfsClaim>, claim: LfsClaim): string {
  return `${LFS_SCHEME} ${credentials.sign(claim)}`;
}
