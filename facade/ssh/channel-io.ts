import type { Socket } from 'node:net';
import type { Connection, ServerChannel } from 'ssh2';
import { Unavailable } from '../../src/domain/errors.ts';
import type { SshLimits } from './ssh-limits.ts';
import { isExchangingKeys, outgoingFlow } from './ssh2-internals.ts';

export interface ChannelIoOptions {
  readonly channel: ServerChannel;
  readonly client: Connection;
  readonly socket: Socket;
  readonly limits: SshLimits;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** Ends the command for a reason of this side. */
  readonly abort: (reason: Error) => void;
}

/** ssh2 hands data to the socket as fast as the client's window allows, and that is the client's word. */
const MAX_SOCKET_BYTES = 1024 * 1024;
const SLICE_BYTES = 32 * 1024;

/** Bytes from and to a client on one channel. What the client does not take or does not say in time ends the command. */
export class ChannelIo {
  readonly #options: ChannelIoOptions;
  sentBytes = 0;
  receivedBytes = 0;

  constructor(options: ChannelIoOptions) {
    this.#options = options;
  }

  /**
   * What the client sends. It ends when the client says so, which some never do.
   * @param isPausing whether the client may be busy with something else, and say nothing for long.
   */
  async *input(isPausing = (): boolean => false): AsyncGenerator<Buffer, void, undefined> {
    const { channel, limits, signal } = this.#options;
    const chunks = channel.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
    for (;;) {
      signal.throwIfAborted();
      const limitMs = isPausing() ? limits.pauseMs : limits.inputMs;
      const next = await this.within(limitMs, 'The client said nothing for too long.', chunks.next());
      signal.throwIfAborted();
      if (next.done) return;
      this.receivedBytes += next.value.length;
      yield next.value;
    }
  }

  /** Sends at the pace of the client. @throws the reason of the signal. */
  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
      const slice = bytes.subarray(at, at + SLICE_BYTES);
      await this.within(
        this.#options.limits.outputMs,
        'The client took nothing for too long.',
        this.send(slice),
      );
      this.sentBytes += slice.length;
    }
  }

  /** Says something to the user. It is dropped when the client takes nothing: ssh2 mixes up what waits on both streams. */
  say(text: string): void {
    const { channel } = this.#options;
    const bytes = Buffer.from(text);
    if (outgoingFlow(channel).window > bytes.length) channel.stderr.write(bytes);
  }

  /** Ends the channel. */
  exit(code: number): void {
    const { channel } = this.#options;
    channel.exit(code);
    channel.eof();
    channel.close();
  }

  private async send(slice: Buffer): Promise<void> {
    const { channel, client, socket } = this.#options;
    while (isExchangingKeys(client)) await this.event(client, 'rekey');
    while (socket.writableLength > MAX_SOCKET_BYTES) await this.event(socket, 'drain');
    await this.until((done) => void channel.write(slice, () => done()));
  }

  private event(emitter: { once(name: string, listener: () => void): unknown }, name: string): Promise<void> {
    return this.until((done) => void emitter.once(name, done));
  }

  /** ssh2 calls nobody back when the channel has closed. */
  private until(start: (done: () => void) => void): Promise<void> {
    const { signal } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      start(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
    });
  }

  private async within<T>(limitMs: number, reason: string, work: Promise<T>): Promise<T> {
    const { signal, abort } = this.#options;
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => abort(new Unavailable(reason)), limitMs);
    try {
      return await Promise.race([work, ended]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
