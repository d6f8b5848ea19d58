import { XetPool } from '../../xet/xet-pool.ts';
import type { SignedClaims } from '../signed-claims.ts';
import { createUploadGates, type UploadGates } from './upload-gates.ts';
import { UploadSpool } from './upload-spool.ts';
import { DedupKeys } from './dedup-keys.ts';
import { XetUrls } from './xet-urls.ts';
import { type XetClaim, xetTokens } from './xet-tokens.ts';

/** What the Xet services of all requests share. */
export interface XetShared {
  readonly instanceId: string;
  readonly tokens: SignedClaims<XetClaim>;
  readonly urls: XetUrls;
  readonly dedupKeys: DedupKeys;
  readonly pool: XetPool;
  readonly gates: UploadGates;
  readonly spool: UploadSpool;
  /** Ends what runs beside the requests. */
  close(): Promise<void>;
}

export interface XetOptions {
  /** At least 32 random bytes, the same after a restart and on every node. */
  readonly secret: Uint8Array;
  /** Where clients reach the hub. */
  readonly baseUrl: string;
  readonly instanceId: string;
  /** For bodies of uploads; other nodes may use the same directory. */
  readonly spoolDirectory: string;
}

export function createXetShared(options: XetOptions): XetShared {
  const pool = new XetPool();
  const gates = createUploadGates();
  return {
    instanceId: options.instanceId,
    tokens: xetTokens(options.secret),
    urls: new XetUrls(options),
    dedupKeys: new DedupKeys(options.secret),
    pool,
    gates,
    spool: new UploadSpool(options.spoolDirectory, gates.spool),
    close: () => pool.close(),
  };
}
