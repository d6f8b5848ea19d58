import type { Sha256 } from '../../lib/sha256.ts';
import { Forbidden } from '../errors.ts';
import { type Expiring, SignedClaims } from '../signed-claims.ts';

/** What a token says: this user was granted this upload. */
export interface UploadClaim extends Expiring {
  readonly uploadId: string;
  readonly repoId: number;
  readonly uploaderId: number;
  readonly sha256: Sha256;
}

/**
 * Tokens that make URLs of the hub authenticate themselves: clients complete a multipart upload without any
 * credentials. Reading one throws {Forbidden}.
 * @param secret at least 32 random bytes, the same after a restart and on every node.
 */
export function uploadTokens(secret: Uint8Array): SignedClaims<UploadClaim> {
  return new SignedClaims({
    secret,
    context: 'lfs-upload-v1.',
    notValid: () => new Forbidden('The token of this upload is not valid. Ask the hub for a new upload.'),
    expired: () => new Forbidden('This upload has expired. Ask the hub for a new one.'),
  });
}
