import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { hasErrorCode } from '../lib/error-code.ts';
import {
  type EndMessage,
  type EndNote,
  encodeFrame,
  type Frame,
  FRAME,
  FrameReader,
  type StartMessage,
} from './frames.ts';

/**
 * The git-runner: a small process that starts git for the hub. Starting a process copies the page tables of its parent, and the
 * hub is large. It listens on a socket in a directory of its own, which only this user may enter, and ends with the hub.
 */
const MAX_STDERR_BYTES = 8 * 1024;

const running = new Set<GitProcess>();
const directory = mkdtempSync(join(tmpdir(), 'hub-git-'));
const socketPath = join(directory, 's');

type GitChild = ChildProcess & { readonly stdin: Writable; readonly stderr: Readable };

/** One git with all that it starts, for one connection. */
class GitProcess {
  readonly #socket: Socket;
  readonly #directId: number | null;
  readonly #child: GitChild;
  readonly #timer: NodeJS.Timeout;
  #stderr = Buffer.alloc(0);
  #killedFor: EndMessage['reason'] | null = null;

  constructor(socket: Socket, { args, env, timeLimitMs, memoryBytes, directId }: StartMessage) {
    this.#socket = socket;
    this.#directId = directId;
    // A process group of its own, so that what git starts can be ended with it.
    const [file, ...fileArgs] = memoryBytes === null ? ['git', ...args] : withMemoryLimit(args, memoryBytes);
    this.#child = spawn(file, fileArgs, {
      // Not where the hub was started: that may be a repository with settings of its own.
      cwd: directory,
      env: { PATH: process.env['PATH'], GIT_CEILING_DIRECTORIES: dirname(directory), ...env },
      stdio: ['pipe', directId === null ? 'pipe' : socket, 'pipe'],
      detached: true,
    }) as GitChild;
    this.#timer = setTimeout(() => this.kill('time is over'), timeLimitMs);
    running.add(this);
    this.connect();
  }

  /** True when git takes more now. */
  input(bytes: Buffer): boolean {
    return this.#child.stdin.write(bytes);
  }

  onDrain(listener: () => void): void {
    this.#child.stdin.once('drain', listener);
  }

  inputEnd(): void {
    this.#child.stdin.end();
  }

  kill(reason: EndMessage['reason']): void {
    const { pid } = this.#child;
    // Afterwards the number may be another's.
    if (pid === undefined || this.#killedFor !== null || !running.has(this)) return;
    this.#killedFor = reason;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // The group is gone already.
      if (!hasErrorCode(error, 'ESRCH')) throw error;
    }
  }

  private connect(): void {
    const child = this.#child;
    const ended = Promise.withResolvers<EndMessage>();
    child.stdin.on('error', () => {
      // Git may end before it has read everything.
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = Buffer.concat([this.#stderr, chunk]).subarray(0, MAX_STDERR_BYTES);
    });
    const framer = child.stdout && this.frame(child.stdout, ended.promise);
    child.on('error', (error) => {
      const reason = hasErrorCode(error, 'ENOENT') ? 'not installed' : 'not started';
      this.forget();
      const end: EndMessage = { exitCode: null, stderr: error.message, reason };
      if (!framer) return this.note(end);
      framer.destroy();
      this.#socket.end(endFrame(end));
    });
    child.on('close', (exitCode) => {
      this.forget();
      const stderr = this.#stderr.toString('utf8');
      const reason = this.#killedFor ?? (exitCode === null ? 'killed' : 'exited');
      ended.resolve({ exitCode, stderr, reason });
    });
    if (framer) return;
    void ended.promise.then((end) => this.note(end));
    // To see when the hub closes it; nothing else comes. Giving it to git has stopped this.
    this.#socket.resume();
  }

  private frame(output: Readable, ended: Promise<EndMessage>): Transform {
    const framer = new Transform({
      transform: (chunk: Buffer, _encoding, done) => done(null, encodeFrame(FRAME.output, chunk)),
      flush: (done) => {
        void finish(ended, done);
      },
    });
    output.pipe(framer).pipe(this.#socket);
    return framer;
  }

  /** The hub reads its socket until git and the runner have both closed it. */
  private note(end: EndMessage): void {
    const note: EndNote = { directId: this.#directId!, end };
    // When nobody hears it, the runner ends too.
    process.send?.(note, undefined, undefined, () => {});
    this.#socket.destroy();
  }

  private forget(): void {
    clearTimeout(this.#timer);
    running.delete(this);
  }
}

/** A shell sets the limit, where the system knows it, and becomes git. */
function withMemoryLimit(args: readonly string[], memoryBytes: number): [string, ...string[]] {
  const kib = String(Math.floor(memoryBytes / 1024));
  return ['sh', '-c', 'ulimit -v "$0" 2>/dev/null; exec git "$@"', kib, ...args];
}

/** All output was framed; git itself may end a moment later, or may have ended long ago. */
async function finish(ended: Promise<EndMessage>, done: (error: null, last: Buffer) => void): Promise<void> {
  done(null, endFrame(await ended));
}

function endFrame(end: EndMessage): Buffer {
  return encodeFrame(FRAME.end, Buffer.from(JSON.stringify(end)));
}

/** What one connection asks for. */
class Conversation {
  readonly #socket: Socket;
  #git: GitProcess | undefined;
  /** Of a git that starts when all of its input is here. */
  #start: StartMessage | undefined;
  #input: Buffer[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  take({ kind, bytes }: Frame): void {
    if (kind === FRAME.start) this.start(JSON.parse(bytes.toString('utf8')));
    else if (this.#start) this.hold(kind, bytes);
    else if (kind === FRAME.inputEnd) this.#git?.inputEnd();
    else if (this.#git && !this.#git.input(bytes)) {
      this.#socket.pause();
      this.#git.onDrain(() => this.#socket.resume());
    }
  }

  kill(): void {
    this.#git?.kill('killed');
  }

  private start(message: StartMessage): void {
    if (message.directId === null) this.#git = new GitProcess(this.#socket, message);
    else this.#start = message;
  }

  private hold(kind: number, bytes: Buffer): void {
    if (kind === FRAME.input) {
      this.#input.push(bytes);
      return;
    }
    this.#git = new GitProcess(this.#socket, this.#start!);
    for (const held of this.#input.splice(0)) this.#git.input(held);
    this.#git.inputEnd();
  }
}

function serve(socket: Socket): void {
  const reader = new FrameReader();
  const conversation = new Conversation(socket);
  socket.on('error', () => socket.destroy());
  // The hub keeps its side open until it has seen the end. When it closes earlier, nobody waits for git any more.
  socket.on('end', () => conversation.kill());
  socket.on('close', () => conversation.kill());
  socket.on('data', (chunk) => {
    for (const frame of reader.push(chunk)) conversation.take(frame);
  });
}

function end(): never {
  for (const git of running) git.kill('killed');
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
}

// A terminal or a service manager signals the hub and its children alike, and the hub wants to finish what runs.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', end);
createServer({ allowHalfOpen: true }, serve).listen(socketPath, () => process.send?.({ socketPath }));
