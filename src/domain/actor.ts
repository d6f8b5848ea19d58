import { Forbidden, Unauthenticated } from './errors.ts';
import type { LfsOperation } from './lfs/lfs-credentials.ts';
import type { TokenRole } from './auth/access-token.entity.ts';

/** How a user proved who he is. Cookie sessions need a same-origin check before they may write. */
export type Credential =
  | { readonly kind: 'session'; readonly sessionId: number }
  | { readonly kind: 'token'; readonly tokenId: number; readonly name: string; readonly role: TokenRole }
  | { readonly kind: 'ssh-key'; readonly keyId: number }
  | LfsCredential
  | { readonly kind: 'password' };

/** What SSH gives to git-lfs: for one repository. */
export interface LfsCredential {
  readonly kind: 'lfs';
  readonly keyId: number;
  readonly repoId: number;
  readonly operation: LfsOperation;
}

export interface UserActor {
  readonly kind: 'user';
  readonly id: number;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly credential: Credential;
  /** Where the request came from; the audit log keeps it. */
  readonly address?: string | undefined;
}

/** Who is calling. Every service method takes one first. */
export type Actor = { readonly kind: 'anonymous' } | UserActor;

export const ANONYMOUS: Actor = { kind: 'anonymous' };

/** @throws {Unauthenticated} for anonymous callers. */
export function requireUser(actor: Actor): UserActor {
  if (actor.kind === 'anonymous') throw new Unauthenticated();
  return actor;
}

/**
 * The caller as somebody who may change things.
 * @throws {Unauthenticated} for anonymous callers. @throws {Forbidden} for tokens of role `read` and LFS credentials for downloads.
 */
export function requireWriter(actor: Actor): UserActor {
  const user = requireUser(actor);
  if (user.credential.kind === 'token' && user.credential.role === 'read') {
    throw new Forbidden('This access token may only read. Create one with the role "write".');
  }
  if (user.credential.kind === 'lfs' && user.credential.operation === 'download') {
    throw new Forbidden('This credential of git-lfs may only download.');
  }
  return user;
}

/** The caller as an administrator of the site. @throws {Forbidden} */
export function requireAdmin(user: UserActor): UserActor {
  if (!user.isAdmin) throw new Forbidden('Only administrators of this hub may do this.');
  return user;
}
