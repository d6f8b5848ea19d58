import { InvalidCredentials } from '../errors.ts';
import { type Expiring, SignedClaims } from '../signed-claims.ts';

export type XetScope = 'read' | 'write';

/** What a Xet token says: this user (null: anybody) may read or upload files of this repository. */
export interface XetClaim extends Expiring {
  readonly userId: number | null;
  readonly repoId: number;
  /** As the client asked for it. */
  readonly revision: string;
  /** `write` includes `read`. */
  readonly scope: XetScope;
  /** What the token was asked for with, so that all downloads of a program count together; absent when anonymous. */
  readonly clientKey?: string | undefined;
}

/** Tokens for the content-addressed store. Reading one throws {InvalidCredentials}, so that clients ask for a new one. */
export function xetTokens(secret: Uint8Array): SignedClaims<XetClaim> {
  return new SignedClaims({
    secret,
    context: 'xet-token-v1.',
    notValid: () => new InvalidCredentials('The Xet token is not valid. Ask the hub for a new one.'),
    expired: () => new InvalidCredentials('The Xet token has expired. Ask the hub for a new one.'),
  });
}
