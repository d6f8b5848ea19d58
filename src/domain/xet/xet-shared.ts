import type { SignedClaims } from '../signed-claims.ts';
import { XetUrls } from './xet-urls.ts';
import { type XetClaim, xetTokens } from './xet-tokens.ts';

/** What the Xet services of all requests share. */
export interface XetShared {
  readonly instanceId: string;
  readonly tokens: SignedClaims<XetClaim>;
  readonly urls: XetUrls;
  /** Ends what runs beside the requests. */
  close(): Promise<void>;
}

export interface XetOptions {
  /** At least 32 random bytes, the same after a restart and on every node. */
  readonly secret: Uint8Array;
  /** Where clients reach the hub. */
  readonly baseUrl: string;
  readonly instanceId: string;
}

export function createXetShared(options: XetOptions): XetShared {
  return {
    instanceId: options.instanceId,
    tokens: xetTokens(options.secret),
    urls: new XetUrls(options),
    close: async () => undefined,
  };
}
