import type { CreatedToken, TokenInfo } from '../../../src/domain/auth/token.service.ts';

/** An API token without its secret. */
export function tokenDto({ lastUsedAt, expiresAt, createdAt, ...token }: TokenInfo) {
  return {
    ...token,
    lastUsedAt: lastUsedAt && lastUsedAt.toISOString(),
    expiresAt: expiresAt && expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}

/** With the secret, which is shown now and never again. */
export function createdTokenDto({ id, token, expiresAt }: CreatedToken) {
  return { id, token, expiresAt: expiresAt && expiresAt.toISOString() };
}
