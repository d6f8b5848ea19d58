import type { SignedClaims } from '../signed-claims.ts';
import { type LfsClaim, lfsCredentials } from './lfs-credentials.ts';
import { type UploadClaim, uploadTokens } from './upload-tokens.ts';
import { Verifications } from './verifications.ts';

/** What LFS services of all requests share. */
export interface LfsShared {
  readonly tokens: SignedClaims<UploadClaim>;
  readonly credentials: SignedClaims<LfsClaim>;
  readonly verifications: Verifications;
}

/** @param secret at least 32 random bytes, the same after a restart and on every node. */
export function createLfsShared(secret: Uint8Array): LfsShared {
  return {
    tokens: uploadTokens(secret),
    credentials: lfsCredentials(secret),
    verifications: new Verifications(),
  };
}
