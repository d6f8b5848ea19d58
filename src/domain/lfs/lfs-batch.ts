import type { DomainError } from '../errors.ts';
import type { XetGrant } from '../xet/xet-access.service.ts';

/** A request of the LFS batch API, as far as the domain is concerned. Oids are not checked yet. */
export interface LfsBatchRequest {
  readonly operation: 'upload' | 'download';
  readonly objects: readonly { readonly oid: string; readonly sizeBytes: number }[];
  /** Transfers that the client can do; empty means `basic`. */
  readonly transfers: readonly string[];
  readonly hashAlgo: string;
  /** The ref the client is going to write, or null: uploads for a pull request name none. */
  readonly refName: string | null;
  /** The hub itself takes the bytes, on the connection that asks: then no store limits one request. */
  readonly isStreamed?: boolean;
  /** Where an anonymous client is. */
  readonly address?: string | undefined;
}

export interface LfsAction {
  readonly href: string;
  /** For a multipart upload: `chunk_size` and the URL of each part under its zero-padded number. */
  readonly header?: Readonly<Record<string, string>>;
  /** What its `href` permits, for clients that call the hub elsewhere. */
  readonly token?: string;
  /** For an upload by Xet: then `href` is where the client gets a new token. */
  readonly xet?: XetUpload;
  readonly expiresAt: Date;
}

export interface XetUpload extends XetGrant {
  /** Clients send it with every request of the upload. */
  readonly sessionId: string;
}

export type LfsTransfer = 'basic' | 'multipart' | 'xet';

/** Without `actions` there is nothing to do: the object is here. */
export interface LfsObjectAnswer {
  readonly oid: string;
  readonly sizeBytes: number;
  readonly actions?: Readonly<Partial<Record<'upload' | 'verify' | 'download', LfsAction>>>;
  readonly error?: DomainError;
}

export interface LfsBatchAnswer {
  readonly transfer: LfsTransfer;
  /** One for each distinct oid, in the order of the request. */
  readonly objects: readonly LfsObjectAnswer[];
}

/** huggingface_hub asks for 256 at a time, git-lfs for 100. */
export const MAX_BATCH_OBJECTS = 1000;
