/**
 * What the hub and its git-runner say to each other on one socket, which lives as long as one process: frames of a
 * kind, a length and bytes. The hub sends `start` and `input`, and `inputEnd` once; the runner sends `output` and `end` once.
 *
 * When the hub has all input before it starts git, nothing follows `inputEnd`, and git gets the socket itself to write to: its output is not
 * framed, and does not pass through the runner. The end comes as an `EndNote` by the channel between both processes.
 */
export const FRAME = { start: 1, input: 2, inputEnd: 3, output: 4, end: 5 } as const;
export type FrameKind = (typeof FRAME)[keyof typeof FRAME];

export interface Frame {
  readonly kind: number;
  readonly bytes: Buffer;
}

/** Content of `start`: what to run. */
export interface StartMessage {
  readonly args: readonly string[];
  /** All variables of the process but `PATH`. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeLimitMs: number;
  /** Address space of each process; null for no limit. */
  readonly memoryBytes: number | null;
  /** Git starts when all input is here, and writes to the socket. Names the run in notes. Null for frames. */
  readonly directId: number | null;
}

/** Content of `end`: how it ended. */
export interface EndMessage {
  /** Null when it did not end by itself. */
  readonly exitCode: number | null;
  /** The first kilobytes. */
  readonly stderr: string;
  readonly reason: 'exited' | 'killed' | 'time is over' | 'not installed' | 'not started';
}

/** By the channel: a git that wrote to its socket has ended. */
export interface EndNote {
  readonly directId: number;
  readonly end: EndMessage;
}

const HEADER_BYTES = 5;
/** Both sides cut their bytes into chunks of streams, which are smaller. */
const MAX_FRAME_BYTES = 1024 * 1024;

export function encodeFrame(kind: FrameKind, bytes: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([frameHead(kind, bytes.length), bytes]);
}

/** What comes before the bytes of a frame. */
export function frameHead(kind: FrameKind, length: number): Buffer {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(length, 1);
  return head;
}

/** Puts frames together from the chunks of a socket. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are complete now. @throws {Error} for a frame that is too long: the peer is not ours. */
  push(chunk: Buffer): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length >= at + HEADER_BYTES) {
      const length = bytes.readUInt32BE(at + 1);
      if (length > MAX_FRAME_BYTES) throw new Error(`a frame of ${length} bytes`);
      const end = at + HEADER_BYTES + length;
      if (bytes.length < end) break;
      frames.push({ kind: bytes.readUInt8(at), bytes: bytes.subarray(at + HEADER_BYTES, end) });
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}
