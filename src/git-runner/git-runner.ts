import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { DomainError } from '../lib/domain-error.ts';
import {
  type EndMessage,
  type EndNote,
  encodeFrame,
  FRAME,
  frameHead,
  FrameReader,
  type StartMessage,
} from './frames.ts';
import { ProcessSlots } from './process-slots.ts';

export type { EndMessage } from './frames.ts';

/** Git is not installed here, or is too old. */
export class GitMissing extends DomainError {
  readonly code = 'NotImplemented';
  constructor() {
    super(
      'This hub has no Git, so its repositories can be used through the API only. Its operator can install Git 2.34 or newer.',
    );
  }
}

export interface GitRunnerOptions {
  /** An empty directory: the home of every git. */
  readonly homeDir: string;
  /** So many run at once; others wait. */
  readonly maxProcesses: number;
  readonly maxWaiting: number;
  /** So many may take in what clients send, beside the others. Most of that time they wait for their clients. */
  readonly maxIntakes: number;
  /** So long one may wait for its turn. */
  readonly waitMs: number;
  /** So long one may run. */
  readonly timeLimitMs: number;
  /** So long a reader may leave output unread. */
  readonly maxStallMs: number;
}

export interface GitCommand {
  readonly args: readonly string[];
  /** More variables, such as `GIT_PROTOCOL`. */
  readonly env?: Readonly<Record<string, string>>;
  /** A stream is read at the pace of git, and no longer when git has ended; its error ends git. */
  readonly input?: Buffer | AsyncIterable<Buffer>;
  /** Address space that one process may have; by default there is no limit. */
  readonly memoryBytes?: number;
  /** Ends git with everything that it started. */
  readonly signal: AbortSignal;
}

/** What git writes, and at last how it ended. */
export type GitOutput = AsyncGenerator<Buffer, EndMessage, undefined>;

/** A place among the processes, for several commands. They start when they are read, and no longer wait for anything. */
export interface GitPlace extends Disposable {
  run(command: GitCommand): GitOutput;
}

/** Which kind of place: one that works, or one that mostly waits for its client. */
export type GitPlaceKind = 'work' | 'intake';

interface Runner {
  readonly process: ChildProcess;
  readonly socketPath: string;
  /** Runs that wait for a note of their end. */
  readonly ends: Map<number, PromiseWithResolvers<EndMessage>>;
}

const RUNNER_FILE = new URL('./runner-main.ts', import.meta.url);
/** As much as a socket gives at once, so that the other side need not put frames together. */
const INPUT_FRAME_BYTES = 64 * 1024 - 5;
const OLDEST = [2, 34] as const;
const VERSION = /^git version (\d+)\.(\d+)/;
/** What differs from the machine's settings to the hub's: nobody's configuration, no hooks, no questions. */
const ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ATTR_NOSYSTEM: '1',
  LC_ALL: 'C',
};

/** Runs git by a small process of its own, which is started when it is first needed and again when it died. */
export class GitRunner {
  readonly #options: GitRunnerOptions;
  readonly #slots: Readonly<Record<GitPlaceKind, ProcessSlots>>;
  #runner: Promise<Runner> | undefined;
  #isUsable = false;
  #isClosed = false;
  #lastId = 0;

  constructor(options: GitRunnerOptions) {
    this.#options = options;
    this.#slots = {
      work: new ProcessSlots(options),
      intake: new ProcessSlots({ ...options, maxProcesses: options.maxIntakes }),
    };
  }

  /** How many run now. */
  get runningCount(): number {
    return this.#slots.work.takenCount + this.#slots.intake.takenCount;
  }

  /** Process id of the runner, or null while there is none. */
  async runnerPid(): Promise<number | null> {
    return (await this.#runner)?.process.pid ?? null;
  }

  /** Looks until git was found once. @throws {GitMissing} */
  async requireGit(): Promise<void> {
    if (this.#isUsable) return;
    const version = await this.version(AbortSignal.timeout(this.#options.waitMs));
    const [, major = '0', minor = '0'] = VERSION.exec(version) ?? [];
    const isOld = Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]);
    if (isOld) throw new GitMissing();
    this.#isUsable = true;
  }

  /** What git calls itself, such as `git version 2.43.0`. @throws as `run`. */
  async version(signal: AbortSignal): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.run({ args: ['version'], signal })) chunks.push(chunk);
    return Buffer.concat(chunks).toString().trim();
  }

  /**
   * What git writes, and at last how it ended. Git starts when there is room for it and somebody reads; reading to the end, ceasing to
   * read and the signal all end it and free its place.
   * @throws {GitsBusy} too many run and wait. @throws {GitMissing} @throws the reason of the signal.
   */
  async *run(command: GitCommand): GitOutput {
    using place = await this.hold(command.signal);
    return yield* place.run(command);
  }

  /** A place, until it is disposed of. @throws {GitsBusy} @throws the reason of the signal. */
  async hold(signal: AbortSignal, kind: GitPlaceKind = 'work'): Promise<GitPlace> {
    const release = await this.#slots[kind].take(signal);
    return { run: (command) => this.start(command), [Symbol.dispose]: release };
  }

  /** Ends the runner and every git. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const runner = await this.#runner?.catch(() => undefined);
    if (!runner || runner.process.exitCode !== null || runner.process.signalCode !== null) return;
    const exited = once(runner.process, 'exit');
    runner.process.ref();
    runner.process.disconnect();
    await exited;
  }

  private async *start(command: GitCommand): GitOutput {
    const { signal, input = Buffer.alloc(0) } = command;
    const runner = await this.runner();
    const socket = await connectTo(runner, signal);
    const onAbort = (): void => void socket.destroy(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      if (Buffer.isBuffer(input)) return yield* this.hear(runner, socket, { ...command, input });
      return yield* this.converse(socket, command, input);
    } finally {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
    }
  }

  /** Git writes to the socket itself. */
  private async *hear(
    runner: Runner,
    socket: Socket,
    command: GitCommand & { readonly input: Buffer },
  ): GitOutput {
    const id = ++this.#lastId;
    const ended = Promise.withResolvers<EndMessage>();
    // The socket may fail first.
    ended.promise.catch(() => {});
    runner.ends.set(id, ended);
    try {
      socket.write(this.startFrame(command, id));
      for (const part of inputParts(command.input)) writeInput(socket, part);
      socket.write(encodeFrame(FRAME.inputEnd));
      for await (const chunk of socket as AsyncIterable<Buffer>) yield* this.passOn(socket, chunk);
      return checked(await ended.promise);
    } finally {
      runner.ends.delete(id);
    }
  }

  private async *converse(socket: Socket, command: GitCommand, input: AsyncIterable<Buffer>): GitOutput {
    socket.write(this.startFrame(command, null));
    sendInput(socket, input).catch((error: Error) => socket.destroy(error));
    const reader = new FrameReader();
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      for (const { kind, bytes } of reader.push(chunk)) {
        if (kind === FRAME.end) return checked(JSON.parse(bytes.toString('utf8')) as EndMessage);
        yield* this.passOn(socket, bytes);
      }
    }
    throw new Error('the git-runner ended while git ran');
  }

  /** A reader that leaves bytes lying would keep git, and the place of others. */
  private *passOn(socket: Socket, bytes: Buffer): Generator<Buffer, void, undefined> {
    const timer = setTimeout(
      () => socket.destroy(new Error('the client stopped reading')),
      this.#options.maxStallMs,
    );
    try {
      yield bytes;
    } finally {
      clearTimeout(timer);
    }
  }

  private startFrame({ args, env, memoryBytes }: GitCommand, directId: number | null): Buffer {
    const { homeDir, timeLimitMs } = this.#options;
    const message: StartMessage = {
      args,
      env: { ...ENVIRONMENT, HOME: homeDir, ...env },
      timeLimitMs,
      memoryBytes: memoryBytes ?? null,
      directId,
    };
    return encodeFrame(FRAME.start, Buffer.from(JSON.stringify(message)));
  }

  private runner(): Promise<Runner> {
    if (this.#isClosed) throw new Error('the git-runner is closed');
    if (this.#runner) return this.#runner;
    const started = start(() => {
      if (this.#runner === started) this.#runner = undefined;
    });
    this.#runner = started;
    return started;
  }
}

async function connectTo({ socketPath }: Runner, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connect(socketPath);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Writes input as fast as the socket takes it. It ends with the socket, also while it waits: a client that has sent all that git
 * wanted may keep its stream open.
 */
async function sendInput(socket: Socket, input: AsyncIterable<Buffer>): Promise<void> {
  const { promise: closed, resolve } = Promise.withResolvers<'closed'>();
  socket.once('close', () => resolve('closed'));
  const chunks = input[Symbol.asyncIterator]();
  for (;;) {
    const read = chunks.next();
    const next = await Promise.race([read, closed]);
    if (next === 'closed') return leave(chunks, read);
    if (next.done) break;
    for (const part of inputParts(next.value)) {
      if (writeInput(socket, part)) continue;
      await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
    }
  }
  socket.write(encodeFrame(FRAME.inputEnd));
}

/** Nobody wants the rest. What is being read may still fail, or never come. */
function leave(chunks: AsyncIterator<Buffer>, read: Promise<unknown>): void {
  read.catch(() => {});
  chunks.return?.().catch(() => {});
}

function* inputParts(input: Buffer): Generator<Buffer> {
  for (let at = 0; at < input.length; at += INPUT_FRAME_BYTES)
    yield input.subarray(at, at + INPUT_FRAME_BYTES);
}

/** Without a copy: a push may bring gigabytes. @returns false when the socket has enough for now. */
function writeInput(socket: Socket, part: Buffer): boolean {
  socket.cork();
  socket.write(frameHead(FRAME.input, part.length));
  const wantsMore = socket.write(part);
  socket.uncork();
  return wantsMore;
}

/** @param onExit is called when it has ended, also when it never got ready. */
async function start(onExit: () => void): Promise<Runner> {
  const runner = fork(RUNNER_FILE, {
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = Promise.withResolvers<string>();
  const ends: Runner['ends'] = new Map();
  runner.once('message', (message) => ready.resolve((message as { socketPath: string }).socketPath));
  runner.once('error', (error) => ready.reject(error));
  runner.once('exit', (code) => {
    onExit();
    ready.reject(new Error(`the git-runner ended with code ${code} before it was ready`));
    for (const { reject } of ends.values()) reject(new Error('the git-runner ended while git ran'));
  });
  const socketPath = await ready.promise;
  runner.on('message', (message) => {
    const { directId, end } = message as EndNote;
    ends.get(directId)?.resolve(end);
    ends.delete(directId);
  });
  // It removes its directory itself, unless it was killed.
  runner.once('exit', () => rmSync(dirname(socketPath), { recursive: true, force: true }));
  // It ends with the hub and does not keep it alive.
  runner.unref();
  runner.channel?.unref();
  return { process: runner, socketPath, ends };
}

function checked(end: EndMessage): EndMessage {
  if (end.reason === 'not installed') throw new GitMissing();
  if (end.reason === 'not started') throw new Error(`git did not start: ${end.stderr}`);
  return end;
}
