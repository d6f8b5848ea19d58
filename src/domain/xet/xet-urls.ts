import type { Sha256 } from '../../lib/sha256.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { Forbidden } from '../errors.ts';
import type { Expiring } from '../signed-claims.ts';
import { SealedClaims } from './sealed-claims.ts';

/** Bytes of a serialized xorb; the end is inclusive, as in HTTP. */
export interface XorbSpan {
  readonly start: number;
  readonly end: number;
}

/** The URL may be used to fetch these bytes of this xorb. */
export interface XorbClaim extends Expiring {
  readonly xorb: XorbId;
  readonly hash: XetHash;
  readonly spans: readonly (readonly [start: number, end: number])[];
}

/** The URL may be used to read this content, put together as this Xet file says. */
export interface FileClaim extends Expiring {
  readonly sha256: Sha256;
  readonly fileId: number;
}

/** Makes and reads the addresses of the content-addressed store. Sealed ones need no other permission, like those of an object store. */
export class XetUrls {
  /** Contains the id of the hub's data: clients keep what they know of chunks by this address. */
  readonly casUrl: string;
  readonly #xorbs: SealedClaims<XorbClaim>;
  readonly #files: SealedClaims<FileClaim>;

  constructor(options: {
    readonly secret: Uint8Array;
    readonly baseUrl: string;
    readonly instanceId: string;
  }) {
    const { secret } = options;
    const errors = {
      notValid: () => new Forbidden('This URL was not made by this hub. Ask for the file again.'),
      // hf_xet asks for new URLs after a 403.
      expired: () => new Forbidden('This URL has expired. Ask for the file again.'),
    };
    this.casUrl = `${options.baseUrl}/xet/${options.instanceId}`;
    this.#xorbs = new SealedClaims({ secret, context: 'xet-xorb-v1.', ...errors });
    this.#files = new SealedClaims({ secret, context: 'xet-file-v1.', ...errors });
  }

  /** Where clients with a token learn how to put a file together. Those that know the second version put its number in. */
  reconstruction(hash: XetHash): string {
    return `${this.casUrl}/v1/reconstructions/${hash}`;
  }

  /** Where to fetch parts of a xorb. Give at most `MAX_SPANS` of them. */
  xorb(
    { id, hash }: { readonly id: XorbId; readonly hash: XetHash },
    spans: readonly XorbSpan[],
    expiresAt: Date,
  ): string {
    const claim = {
      xorb: id,
      hash,
      spans: spans.map(({ start, end }) => [start, end] as const),
      expiresAt: expiresAt.getTime(),
    };
    return `${this.casUrl}/xorbs/${hash}?token=${this.#xorbs.seal(claim)}`;
  }

  /** What a URL of `xorb` allows. @throws {Forbidden} */
  readXorb(token: string): XorbClaim {
    return this.#xorbs.read(token);
  }

  /** Where to read a whole content that is kept in xorbs, for clients that know nothing of them. */
  file({ sha256, fileId }: Omit<FileClaim, 'expiresAt'>, expiresAt: Date): string {
    return `${this.casUrl}/files/${sha256}?token=${this.#files.seal({ sha256, fileId, expiresAt: expiresAt.getTime() })}`;
  }

  /** What a URL of `file` allows. @throws {Forbidden} */
  readFile(token: string): FileClaim {
    return this.#files.read(token);
  }
}

/** As many spans as fit into one signed URL. */
export const MAX_SPANS = 16;
