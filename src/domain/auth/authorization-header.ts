import { InvalidCredentials } from '../errors.ts';
import { LFS_SCHEME } from '../lfs/lfs-credentials.ts';
import { TOKEN_PREFIX } from './secrets.ts';

/** What an `Authorization` header claims. `none` leaves room for a session cookie. */
export type Claim =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly token: string }
  /** What SSH gave to git-lfs. */
  | { readonly kind: 'lfs'; readonly token: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string };

const NONE: Claim = { kind: 'none' };
const SCHEME = /^([A-Za-z-]+)(?: +(.*))?$/;

/**
 * Reads `Bearer` and `Basic`; scheme names ignore case (RFC 9110 11.1).
 *
 * Bearer grammar of the hub: `<token>|<url>,<token>|<url>,<token>…`. Only the first part is the hub's own, the others
 * are for fallback sources; an empty first part claims nothing. A token may stand as the Basic password, whatever the
 * user name, or as the user name with an empty password, as Git clients send it.
 *
 * @throws {InvalidCredentials} for another scheme or broken base64.
 */
export function parseAuthorization(header: string | undefined): Claim {
  const value = header?.trim();
  if (!value) return NONE;
  const [, scheme = '', parameters = ''] = SCHEME.exec(value) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return bearer(parameters);
    case 'basic':
      return basic(parameters.trim());
    case LFS_SCHEME.toLowerCase():
      return { kind: 'lfs', token: parameters.trim() };
    default:
      throw new InvalidCredentials();
  }
}

function bearer(parameters: string): Claim {
  const [own = ''] = parameters.split('|', 1);
  const token = own.trim();
  return token ? { kind: 'token', token } : NONE;
}

function basic(parameters: string): Claim {
  const decoded = Buffer.from(parameters, 'base64').toString('utf8');
  const colonAt = decoded.indexOf(':');
  if (colonAt === -1) throw new InvalidCredentials();
  const username = decoded.slice(0, colonAt);
  const password = decoded.slice(colonAt + 1);
  const token = password || username;
  return token.startsWith(TOKEN_PREFIX) ? { kind: 'token', token } : { kind: 'password', username, password };
}
