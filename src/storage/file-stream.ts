import type { FileHandle } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { callbackify } from 'node:util';
import type { ByteSpan } from './byte-range.ts';

const LARGE_BYTES = 512 * 1024;
const SMALL_BYTES = 64 * 1024;
/** Bounds what slow readers can hold: 64 MiB of large buffers, then small ones. */
const MAX_LENT = 128;
/** What an idle store keeps: 8 MiB. */
const MAX_FREE = 16;

/** Buffers that downloads share: fresh ones cost a page fault for every 4 KiB, half of the throughput. */
export class TransferBuffers {
  readonly #free: Buffer[] = [];
  #lent = 0;

  take(neededBytes: number): Buffer {
    if (neededBytes <= SMALL_BYTES || this.#lent >= MAX_LENT) {
      return Buffer.allocUnsafeSlow(Math.min(neededBytes, SMALL_BYTES));
    }
    this.#lent += 1;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
  }

  /** Gives a buffer back that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.length === LARGE_BYTES && this.#free.length < MAX_FREE) this.#free.push(buffer);
    this.forget(buffer);
  }

  /** For a buffer that somebody may still read. */
  forget(buffer: Buffer): void {
    if (buffer.length === LARGE_BYTES) this.#lent -= 1;
  }
}

/** Reads a span of a file into one buffer again and again. Each chunk is valid until the next one is asked for. */
export async function* chunksInto(
  buffer: Buffer,
  handle: FileHandle,
  span: ByteSpan,
): AsyncGenerator<Buffer> {
  const end = span.offsetBytes + span.lengthBytes;
  for (let position = span.offsetBytes; position < end;) {
    const chunk = await readChunk(handle, {
      buffer,
      position,
      length: Math.min(buffer.length, end - position),
    });
    yield chunk;
    position += chunk.length;
  }
}

/**
 * An open file as a stream; it closes the handle. `pipe` into an HTTP response (so also a server's `send`) copies
 * through shared buffers, reading ahead while the socket writes. That is safe there only: a response calls back when
 * the bytes have left, while a transform may have passed the buffer itself on. All else gets buffers of its own.
 */
export class FileStream extends Readable {
  readonly #handle: FileHandle;
  readonly #buffers: TransferBuffers;
  readonly #end: number;
  #position: number;
  #abandonWrite = () => {};

  constructor(handle: FileHandle, span: ByteSpan, buffers: TransferBuffers) {
    super({ highWaterMark: LARGE_BYTES });
    this.#handle = handle;
    this.#buffers = buffers;
    this.#position = span.offsetBytes;
    this.#end = span.offsetBytes + span.lengthBytes;
  }

  override _read(): void {
    if (this.#position === this.#end) {
      this.push(null);
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(Math.min(LARGE_BYTES, this.#end - this.#position));
    this.readNext(buffer).then(
      (chunk) => this.push(chunk),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#abandonWrite();
    const close = callbackify(() => this.#handle.close());
    close((closeError) => callback(error ?? closeError));
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (!(destination instanceof ServerResponse) || this.readableDidRead)
      return super.pipe(destination, options);
    const stop = () => this.destroy();
    destination.once('close', stop);
    this.copyTo(destination).then(
      (complete) => {
        destination.off('close', stop);
        if (!complete) return this.destroy();
        if (options?.end !== false) destination.end();
        this.push(null);
        return this.resume();
      },
      (error: Error) => this.destroy(error),
    );
    return destination;
  }

  /** Copies the rest of the file. Resolves to false when the destination or this stream was closed on the way. */
  private async copyTo(destination: ServerResponse): Promise<boolean> {
    let writing = Promise.resolve(true);
    while (this.#position < this.#end && !this.destroyed) {
      const buffer = this.#buffers.take(this.#end - this.#position);
      const chunk = await this.readLent(buffer);
      if (!(await writing)) {
        this.#buffers.giveBack(buffer);
        return false;
      }
      writing = this.write(destination, buffer, chunk.length);
    }
    return (await writing) && !this.destroyed;
  }

  private async readLent(buffer: Buffer): Promise<Buffer> {
    try {
      return await this.readNext(buffer);
    } catch (error) {
      this.#buffers.giveBack(buffer);
      throw error;
    }
  }

  /** A destination that closes may never call back, so closing settles the write as well. */
  private async write(destination: ServerResponse, buffer: Buffer, length: number): Promise<boolean> {
    if (this.destroyed) {
      this.#buffers.giveBack(buffer);
      return false;
    }
    const written = await new Promise<boolean>((resolve) => {
      this.#abandonWrite = () => resolve(false);
      destination.write(buffer.subarray(0, length), (error) =>
        resolve(error === null || error === undefined),
      );
    });
    if (written) this.#buffers.giveBack(buffer);
    else this.#buffers.forget(buffer);
    return written;
  }

  private async readNext(buffer: Buffer): Promise<Buffer> {
    const length = Math.min(buffer.length, this.#end - this.#position);
    const chunk = await readChunk(this.#handle, { buffer, position: this.#position, length });
    this.#position += chunk.length;
    return chunk;
  }
}

async function readChunk(
  handle: FileHandle,
  at: { buffer: Buffer; position: number; length: number },
): Promise<Buffer> {
  const { bytesRead } = await handle.read({ ...at, offset: 0 });
  if (bytesRead === 0) throw new Error('The stored file is shorter than it was when it was opened.');
  return at.buffer.subarray(0, bytesRead);
}
