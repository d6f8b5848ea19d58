import type { FastifyReply } from 'fastify';
import { SESSION_COOKIE, sessionCookie, sessionCookieOptions } from '../../src/domain/auth/session-cookie.ts';
import type { NewSession } from '../../src/domain/auth/session.service.ts';

/** Logs the browser in. @param baseUrl the hub's public address. */
export function setSessionCookie(reply: FastifyReply, session: NewSession, baseUrl: string): void {
  const { name, value, options } = sessionCookie(session, baseUrl);
  reply.setCookie(name, value, options);
}

/** Makes the browser forget its session. */
export function clearSessionCookie(reply: FastifyReply, baseUrl: string): void {
  reply.clearCookie(SESSION_COOKIE, sessionCookieOptions(baseUrl));
}
