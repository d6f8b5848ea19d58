import { BadRequest, PayloadTooLarge } from '../errors.ts';

/** Who uploads, before it is checked. */
export interface XetCaller {
  readonly token: string;
  /** From the address. */
  readonly instanceId: string;
}

/** The body of an upload. Nothing of it is read before it is iterated over. */
export interface UploadBody {
  /** As the client announced it; null when it did not. */
  readonly sizeBytes: number | null;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Aborted when the client has gone away. */
  readonly signal: AbortSignal;
}

/**
 * The announced length, so that room for the body can be set aside.
 * @throws {BadRequest} there is none. @throws {PayloadTooLarge}
 */
export function requireSize({ sizeBytes }: UploadBody, maxBytes: number): number {
  if (sizeBytes === null) throw new BadRequest('Send the length of the body in a Content-Length header.');
  if (sizeBytes > maxBytes) {
    throw new PayloadTooLarge(`The body may have at most ${maxBytes} bytes, not ${sizeBytes}.`);
  }
  return sizeBytes;
}
