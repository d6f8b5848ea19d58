import type { XetGrant } from '../../src/domain/xet/xet-access.service.ts';

/** A token for the content-addressed store, as clients read it from headers. */
export function xetTokenHeaders({ accessToken, expiresAt, casUrl }: XetGrant) {
  return {
    'X-Xet-Cas-Url': casUrl,
    'X-Xet-Access-Token': accessToken,
    'X-Xet-Token-Expiration': String(expiresAt.getTime() / 1000),
  } as const;
}
