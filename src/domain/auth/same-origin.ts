import { Forbidden } from '../errors.ts';

/** The parts of a request that say which page sent it. */
export interface RequestOrigin {
  readonly method: string;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  /** `Sec-Fetch-Site`, which every current browser sends and no page can forge. */
  readonly fetchSite?: string | undefined;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Guards what the browser's cookie can do by itself: a change must come from a page of this hub.
 * @param baseUrl the hub's public address.
 * @throws {Forbidden} for a change that another site's page sent.
 */
export function requireSameOrigin(request: RequestOrigin, baseUrl: string): void {
  if (SAFE_METHODS.has(request.method) || isSameOrigin(request, baseUrl)) return;
  throw new Forbidden(
    'This request came from a page of another site. Use an access token to change things from there.',
  );
}

function isSameOrigin({ origin, host, fetchSite }: RequestOrigin, baseUrl: string): boolean {
  if (origin === undefined) return fetchSite === undefined || fetchSite === 'same-origin';
  if (!URL.canParse(origin)) return false;
  const from = new URL(origin);
  return from.origin === new URL(baseUrl).origin || (host !== undefined && from.host === host.toLowerCase());
}
