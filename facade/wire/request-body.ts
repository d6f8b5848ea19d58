import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { BadRequest, PayloadTooLarge } from '../../src/domain/errors.ts';
import { hasErrorCode } from '../../src/lib/error-code.ts';

export interface BodyLimits {
  /** Of the decompressed body. */
  readonly bodyBytes: number;
  /** How long one read may wait for the client. */
  readonly idleMs: number;
  /** How long all reads together may wait for the client. */
  readonly waitMs: number;
  /** What to do when a body is too large; by default what helps a commit. */
  readonly advice?: string;
}

const COMMIT_ADVICE = 'Split the commit, or upload large files with Git LFS.';

export interface StreamedBody {
  readonly stream: Readable;
  readonly contentEncoding: string | undefined;
}

/**
 * The bytes of a request whose content-type parser hands the stream through, decompressed and bounded: Fastify's
 * `bodyLimit` and Node's `requestTimeout` do not look at such streams. The stream itself stays open when reading stops early,
 * so that the answer can still be sent.
 * @throws {PayloadTooLarge} @throws {BadRequest} bad gzip, unknown encoding, a client that is too slow or goes away.
 */
export async function* readBody(
  body: StreamedBody,
  limits: BodyLimits,
): AsyncGenerator<Buffer, void, undefined> {
  let totalBytes = 0;
  for await (const chunk of decoded(body, withinTime(body.stream, limits))) {
    totalBytes += chunk.length;
    if (totalBytes > limits.bodyBytes) {
      throw new PayloadTooLarge(
        `The body is larger than ${limits.bodyBytes} bytes. ${limits.advice ?? COMMIT_ADVICE}`,
      );
    }
    yield chunk;
  }
}

function decoded(
  { contentEncoding = 'identity' }: StreamedBody,
  chunks: AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  const encoding = contentEncoding.trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return chunks;
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzip(chunks);
  throw new BadRequest('Content-Encoding must be gzip or identity.');
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const unzip = createGunzip();
  const feeding = pipeline(chunks, unzip);
  // Its error also destroys `unzip`, and is thrown from there.
  feeding.catch(() => {});
  try {
    yield* unzip as AsyncIterable<Buffer>;
  } catch (error) {
    if (hasErrorCode(error, 'Z_DATA_ERROR', 'Z_BUF_ERROR'))
      throw new BadRequest('The body is not valid gzip.');
    throw error;
  }
}

async function* withinTime(
  stream: Readable,
  { idleMs, waitMs }: BodyLimits,
): AsyncGenerator<Buffer, void, undefined> {
  // A small body has arrived by now: one read gives all of it, without a timer.
  if (stream instanceof IncomingMessage && stream.complete && !stream.destroyed) {
    const whole = stream.read() as Buffer | null;
    if (whole !== null) yield whole;
    return;
  }
  const reader = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let waitLeftMs = waitMs;
  for (;;) {
    const startedAt = performance.now();
    const { done, value } = await beforeTimeout(reader.next(), Math.min(idleMs, waitLeftMs));
    if (done) return;
    waitLeftMs -= performance.now() - startedAt;
    yield value;
  }
}

async function beforeTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new BadRequest('The body arrives too slowly.')), Math.max(ms, 0));
  try {
    return await Promise.race([work, timeout]);
  } catch (error) {
    // `work` may still fail later, when the connection is closed.
    work.catch(() => {});
    if (hasErrorCode(error, 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE')) {
      throw new BadRequest('The connection closed before the whole body had arrived.', {}, { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** As long as the client may take to read an answer that comes before the end of its body. */
const LINGER_MS = 30_000;

/**
 * Takes the rest of a body that nobody wants: a client that is still sending does not read, and would never see the answer. A client that
 * goes on for too long is cut off.
 */
export function discardRest(stream: Readable): void {
  if (stream.readableEnded || stream.destroyed) return;
  const timer = setTimeout(() => stream.destroy(), LINGER_MS).unref();
  stream.once('close', () => clearTimeout(timer));
  // What is left of an iteration over the stream, begun or not, would hold it back.
  stream.removeAllListeners('readable');
  setImmediate(() => stream.resume());
}
