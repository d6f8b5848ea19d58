import { Forbidden, Unauthenticated } from './errors.ts';
import type { TokenRole } from './auth/access-token.entity.ts';

/** How a user proved who he is. Cookie sessions need a same-origin check before they may write. */
export type Credential =
  | { readonly kind: 'session'; readonly sessionId: number }
  | { readonly kind: 'token'; readonly tokenId: number; readonly name: string; readonly role: TokenRole }
  | { readonly kind: 'ssh-key'; readonly keyId: number }
  | { readonly kind: 'password' };

export interface UserActor {
  readonly kind: 'user';
  readonly id: number;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly credential: Credential;
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
 * @throws {Unauthenticated} for anonymous callers. @throws {Forbidden} for tokens of role `read`.
 */
export function requireWriter(actor: Actor): UserActor {
  const user = requireUser(actor);
  if (user.credential.kind === 'token' && user.credential.role === 'read') {
    throw new Forbidden('This access token may only read. Create one with the role "write".');
  }
  return user;
}
