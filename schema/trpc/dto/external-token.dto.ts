import type { ExternalTokenInfo } from '../../../src/domain/fallback/external-token.service.ts';

/** A user's token for another hub, masked. */
export function externalTokenDto({ url, tokenPreview, createdAt, updatedAt }: ExternalTokenInfo) {
  return { url, tokenPreview, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}
