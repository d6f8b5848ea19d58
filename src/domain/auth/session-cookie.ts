import type { NewSession } from './session.service.ts';

/** The cookie that holds a session's secret (specification: login). */
export const SESSION_COOKIE = 'session_id';

const PREFIX = `${SESSION_COOKIE}=`;

/** The session's secret in a `Cookie` header, or null. */
export function sessionSecretOf(cookieHeader: string | undefined): string | null {
  const pair = cookieHeader?.split(';').find((part) => part.trim().startsWith(PREFIX));
  return pair?.trim().slice(PREFIX.length) || null;
}

/** Only the hub reads the cookie; other sites' pages cannot make the browser send it with a change. On https it never travels in clear. */
export function sessionCookieOptions(baseUrl: string) {
  return { path: '/', httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:') } as const;
}

/** The cookie that logs a browser in until the session ends. @param baseUrl the hub's public address. */
export function sessionCookie({ secret, expiresAt }: NewSession, baseUrl: string) {
  const maxAge = Math.floor((expiresAt.getTime() - Date.now()) / 1000);
  return {
    name: SESSION_COOKIE,
    value: secret,
    options: { ...sessionCookieOptions(baseUrl), maxAge },
  } as const;
}
