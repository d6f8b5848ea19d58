// Types of its own come with it: clients compile what the router's type names, and nothing else.
import '@fastify/cookie';
import { SESSION_COOKIE, sessionCookie, sessionCookieOptions } from '../src/domain/auth/session-cookie.ts';
import type { NewSession } from '../src/domain/auth/session.service.ts';
import type { SchemaContext } from './context.ts';

/** Logs the caller's browser in. */
export function setSessionCookie({ reply, config }: SchemaContext, session: NewSession): void {
  const { name, value, options } = sessionCookie(session, config.baseUrl);
  reply.setCookie(name, value, options);
}

/** Makes the caller's browser forget its session. */
export function clearSessionCookie({ reply, config }: SchemaContext): void {
  reply.clearCookie(SESSION_COOKIE, sessionCookieOptions(config.baseUrl));
}
