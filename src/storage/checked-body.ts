import { createHash } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import { ObjectMismatch } from './errors.ts';
import type { ObjectBody, PutOptions } from './object-store.ts';

/**
 * Passes a body through and throws `ObjectMismatch` at its end (or as soon as it is too long) when it is not what
 * was promised. A consumer that publishes only after the end therefore never publishes wrong bytes.
 */
export async function* checkedBody(body: ObjectBody, options: PutOptions): AsyncGenerator<Uint8Array> {
  const { sizeBytes, sha256, signal } = options;
  const hash = sha256 === undefined ? null : createHash('sha256');
  let receivedBytes = 0;
  for await (const chunk of chunksOf(body, signal)) {
    signal?.throwIfAborted();
    receivedBytes += chunk.length;
    if (receivedBytes > sizeBytes) throw wrongSize(sizeBytes, `more than ${sizeBytes}`);
    hash?.update(chunk);
    yield chunk;
  }
  if (receivedBytes < sizeBytes) throw wrongSize(sizeBytes, `${receivedBytes}`);
  if (hash !== null && hash.digest('hex') !== sha256) {
    throw new ObjectMismatch('The bytes sent do not have the promised sha256. Nothing was stored.', {
      expectedSha256: sha256,
    });
  }
}

function chunksOf(
  body: ObjectBody,
  signal: AbortSignal | undefined,
): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) return [body];
  return signal !== undefined && body instanceof Readable ? addAbortSignal(signal, body) : body;
}

/** A body, or a file, is shorter or longer than was promised. */
export function wrongSize(expectedBytes: number, received: string): ObjectMismatch {
  return new ObjectMismatch(`Expected ${expectedBytes} bytes and received ${received}. Nothing was stored.`, {
    expectedBytes,
  });
}

/** The key is taken by an object of another size. */
export function takenByAnotherSize(sizeBytes: number, storedBytes: number): ObjectMismatch {
  return new ObjectMismatch(
    `The key already holds ${storedBytes} bytes, not ${sizeBytes}. Stored objects are never replaced.`,
    { expectedBytes: sizeBytes, storedBytes },
  );
}
