import type { FastifyReply } from 'fastify';
import { SESSION_COOKIE } from '../../src/domain/auth/session-cookie.ts';
import type { NewSession } from '../../src/domain/auth/session.service.ts';

/** Only the hub reads the cookie; other sites' pages cannot make the browser send it with a change. */
function options(baseUrl: string) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:') } as const;
}

/** Logs the browser in. @param baseUrl the hub's public address; on https the cookie never travels in clear. */
export function setSessionCookie(reply: FastifyReply, session: NewSession, baseUrl: string): void {
  const maxAge = Math.floor((session.expiresAt.getTime() - Date.now()) / 1000);
  reply.setCookie(SESSION_COOKIE, session.secret, { ...options(baseUrl), maxAge });
}

/** Makes the browser forget its session. */
export function clearSessionCookie(reply: FastifyReply, baseUrl: string): void {
  reply.clearCookie(SESSION_COOKIE, options(baseUrl));
}
