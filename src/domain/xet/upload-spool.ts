import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../lib/error-code.ts';
import { BadRequest, Unavailable } from '../errors.ts';
import type { UploadBody } from './upload-body.ts';
import type { UploadGate } from './upload-gate.ts';

/** A body that has arrived. */
export interface SpooledBody {
  readonly fd: number;
  readonly sizeBytes: number;
  /** The first bytes of it, or all, in memory of their own. */
  read(lengthBytes?: number): Promise<Buffer>;
  /** The first bytes of it, in pieces of which each is valid until the next is asked for. */
  pieces(lengthBytes: number): AsyncGenerator<Buffer>;
}

/** Written and read at once. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Where bodies of uploads wait until they are complete, so that slow lines hold disk instead of memory. Their files lose their names as soon
 * as they are open: whatever happens to the process, nothing stays.
 */
export class UploadSpool {
  readonly #directory: string;
  readonly #gate: UploadGate;
  #made: Promise<unknown> | undefined;

  constructor(directory: string, gate: UploadGate) {
    this.#directory = directory;
    this.#gate = gate;
  }

  /**
   * Receives a body when there is room for it, and keeps it while the work runs. Until there is room, nothing of it is read.
   *
   * @throws {BadRequest} it is shorter or longer than announced. @throws {Unavailable} the hub is busy, or its disk is full. Throws what
   *   reading the body throws, and the reason of its signal.
   */
  async receive<Result>(
    {
      userId,
      body,
      sizeBytes,
    }: { readonly userId: number; readonly body: UploadBody; readonly sizeBytes: number },
    work: (spooled: SpooledBody) => Promise<Result>,
  ): Promise<Result> {
    return this.#gate.run({ userId, weight: sizeBytes, signal: body.signal }, async () => {
      const handle = await this.openNameless();
      try {
        await write(handle, body, sizeBytes);
        return await work({
          fd: handle.fd,
          sizeBytes,
          read: (lengthBytes = sizeBytes) => readStart(handle, lengthBytes),
          pieces: (lengthBytes) => piecesOf(handle, lengthBytes),
        });
      } finally {
        await handle.close();
      }
    });
  }

  private async openNameless(): Promise<FileHandle> {
    this.#made ??= mkdir(this.#directory, { recursive: true });
    await this.#made;
    const path = join(this.#directory, randomUUID());
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return handle;
  }
}

async function write(handle: FileHandle, { bytes }: UploadBody, sizeBytes: number): Promise<void> {
  let receivedBytes = 0;
  for await (const piece of bytes) {
    if (receivedBytes + piece.length > sizeBytes) throw wrongLength(sizeBytes);
    receivedBytes += piece.length;
    await writePiece(handle, piece);
  }
  if (receivedBytes < sizeBytes) throw wrongLength(sizeBytes);
}

async function writePiece(handle: FileHandle, piece: Uint8Array): Promise<void> {
  try {
    for (let written = 0; written < piece.length;)
      written += (await handle.write(piece, written)).bytesWritten;
  } catch (error) {
    if (!hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'EFBIG')) throw error;
    throw new Unavailable('The disk of the hub is full. Try again later.', {}, { cause: error });
  }
}

async function readStart(handle: FileHandle, lengthBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(lengthBytes);
  for (let at = 0; at < lengthBytes;) at += await readAt(handle, bytes.subarray(at), at);
  return bytes;
}

async function* piecesOf(handle: FileHandle, lengthBytes: number): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, lengthBytes));
  for (let at = 0; at < lengthBytes;) {
    const count = await readAt(handle, buffer.subarray(0, lengthBytes - at), at);
    yield buffer.subarray(0, count);
    at += count;
  }
}

/** @returns how many bytes of the buffer are filled: one at least. */
async function readAt(handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  if (bytesRead === 0) throw new Error('a spooled upload is shorter than what was written');
  return bytesRead;
}

function wrongLength(sizeBytes: number): BadRequest {
  return new BadRequest(`The body does not have the ${sizeBytes} bytes that its Content-Length announced.`);
}
