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
 * The announced length, so that memory for the body can be set aside.
 * @throws {BadRequest} there is none. @throws {PayloadTooLarge}
 */
export function requireSize({ sizeBytes }: UploadBody, maxBytes: number): number {
  if (sizeBytes === null) throw new BadRequest('Send the length of the body in a Content-Length header.');
  if (sizeBytes > maxBytes) {
    throw new PayloadTooLarge(`The body may have at most ${maxBytes} bytes, not ${sizeBytes}.`);
  }
  return sizeBytes;
}

/**
 * The whole body, in memory of its own.
 * @throws {BadRequest} it is shorter or longer than announced. Throws what reading it throws.
 */
export async function receiveBody({ bytes }: UploadBody, sizeBytes: number): Promise<Buffer> {
  const body = Buffer.allocUnsafeSlow(sizeBytes);
  let receivedBytes = 0;
  for await (const piece of bytes) {
    if (receivedBytes + piece.length > sizeBytes) throw wrongLength(sizeBytes);
    body.set(piece, receivedBytes);
    receivedBytes += piece.length;
  }
  if (receivedBytes < sizeBytes) throw wrongLength(sizeBytes);
  return body;
}

function wrongLength(sizeBytes: number): BadRequest {
  return new BadRequest(`The body does not have the ${sizeBytes} bytes that its Content-Length announced.`);
}
