import { close, read } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type { ByteSpan } from './byte-range.ts';
import type { TransferBuffers } from './transfer-buffers.ts';

/** Of readers that are no HTTP response. */
const READ_BYTES = 512 * 1024;

/** Reads a span of a file into one buffer again and again. Each chunk is valid until the next one is asked for. */
export async function* chunksInto(
  buffer: Buffer,
  handle: FileHandle,
  span: ByteSpan,
): AsyncGenerator<Buffer> {
  const end = span.offsetBytes + span.lengthBytes;
  for (let position = span.offsetBytes; position < end;) {
    const length = Math.min(buffer.length, end - position);
    const { bytesRead } = await handle.read({ buffer, offset: 0, length, position });
    if (bytesRead === 0) throw new FileShrank();
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

const readDescriptor = promisify(read);

/** A span of an open file in one buffer, without the pieces of a stream. */
export async function readSpan(
  fd: number,
  { offsetBytes, lengthBytes }: ByteSpan,
  signal?: AbortSignal,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(lengthBytes);
  for (let at = 0; at < lengthBytes;) {
    const { bytesRead } = await readDescriptor(fd, bytes, at, lengthBytes - at, offsetBytes + at);
    if (bytesRead === 0) throw new FileShrank();
    signal?.throwIfAborted();
    at += bytesRead;
  }
  return bytes;
}

/**
 * An open file as a stream; it closes the file. `pipe` into an HTTP response (so also a server's `send`) copies
 * through shared buffers, reading ahead while the socket writes. That is safe there only: a response calls back when
 * the bytes have left, while a transform may have passed the buffer itself on. All else gets buffers of its own.
 */
export class FileStream extends Readable {
  readonly #fd: number;
  readonly #buffers: TransferBuffers;
  readonly #end: number;
  #position: number;
  #isReading = false;
  #afterRead = () => {};
  /** Read ahead, for the response. */
  #filled: Filled | null = null;
  /** On its way to the response. */
  #sent: Buffer | null = null;

  /** @param fd a descriptor: a `FileHandle` leaves some 5 KB of garbage for each read. */
  constructor(fd: number, span: ByteSpan, buffers: TransferBuffers) {
    super({ highWaterMark: READ_BYTES });
    this.#fd = fd;
    this.#buffers = buffers;
    this.#position = span.offsetBytes;
    this.#end = span.offsetBytes + span.lengthBytes;
  }

  override _read(): void {
    if (this.#position === this.#end) {
      this.push(null);
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, this.#end - this.#position));
    this.readNext(buffer, (error, chunk) => {
      if (error) this.destroy(error);
      else this.push(chunk);
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#filled) this.#buffers.giveBack(this.#filled.buffer);
    // A response that closes may never call back.
    if (this.#sent) this.#buffers.forget(this.#sent);
    this.#filled = this.#sent = null;
    const end = () => close(this.#fd, (closeError) => callback(error ?? closeError));
    // Closed now, the descriptor could be another file's before the read takes place.
    if (this.#isReading) this.#afterRead = end;
    else end();
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (!(destination instanceof ServerResponse) || this.readableDidRead)
      return super.pipe(destination, options);
    const onClose = () => this.destroy();
    destination.once('close', onClose);
    this.copyTo(destination, () => {
      destination.off('close', onClose);
      if (options?.end !== false) destination.end();
      this.push(null);
      this.resume();
    });
    return destination;
  }

  /** Takes the next steps of copying the rest of the file: one buffer is filled while another is sent. */
  private copyTo(destination: ServerResponse, onEnd: () => void): void {
    if (this.destroyed) return;
    if (this.#sent === null && this.#filled !== null) this.send(destination, this.#filled, onEnd);
    if (this.#isReading || this.#filled !== null) return;
    if (this.#position < this.#end) this.fill(destination, onEnd);
    else if (this.#sent === null) onEnd();
  }

  private fill(destination: ServerResponse, onEnd: () => void): void {
    const buffer = this.#buffers.take(this.#end - this.#position);
    this.readNext(buffer, (error, chunk) => {
      if (error || this.destroyed) {
        this.#buffers.giveBack(buffer);
        if (error) this.destroy(error);
        return;
      }
      this.#filled = { buffer, chunk };
      this.copyTo(destination, onEnd);
    });
  }

  private send(destination: ServerResponse, { buffer, chunk }: Filled, onEnd: () => void): void {
    this.#filled = null;
    this.#sent = buffer;
    destination.write(chunk, (error) => {
      if (this.#sent !== buffer) return;
      if (error) {
        this.destroy();
        return;
      }
      this.#sent = null;
      this.#buffers.giveBack(buffer);
      this.copyTo(destination, onEnd);
    });
  }

  private readNext(buffer: Buffer, done: (error: Error | null, chunk: Buffer) => void): void {
    const length = Math.min(buffer.length, this.#end - this.#position);
    this.#isReading = true;
    read(this.#fd, buffer, 0, length, this.#position, (error, bytesRead) => {
      this.#isReading = false;
      this.#position += bytesRead;
      done(error ?? (bytesRead === 0 ? new FileShrank() : null), buffer.subarray(0, bytesRead));
      this.#afterRead();
    });
  }
}

/** A buffer and its part that was read. */
interface Filled {
  readonly buffer: Buffer;
  readonly chunk: Buffer;
}

class FileShrank extends Error {
  override readonly message = 'The stored file is shorter than it was when it was opened.';
}
