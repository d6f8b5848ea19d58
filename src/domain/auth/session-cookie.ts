/** The cookie that holds a session's secret (specification: login). */
export const SESSION_COOKIE = 'session_id';

const PREFIX = `${SESSION_COOKIE}=`;

/** The session's secret in a `Cookie` header, or null. */
export function sessionSecretOf(cookieHeader: string | undefined): string | null {
  const pair = cookieHeader?.split(';').find((part) => part.trim().startsWith(PREFIX));
  return pair?.trim().slice(PREFIX.length) || null;
}
