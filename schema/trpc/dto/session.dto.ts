import type { NewSession, SessionInfo } from '../../../src/domain/auth/session.service.ts';

/** A login by browser. */
export function sessionDto({ createdAt, expiresAt, ...session }: SessionInfo) {
  return { ...session, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

/** A login that was just made. Its secret is only in the cookie. */
export function newSessionDto({ username, expiresAt }: NewSession) {
  return { username, expiresAt: expiresAt.toISOString() };
}
