import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { hasErrorCode } from '../lib/error-code.ts';
import { type EndMessage, encodeFrame, FRAME, FrameReader, type StartMessage } from './frames.ts';

/**
 * The git-runner: a small process that starts git for the hub. Starting a process copies the page tables of its parent, and the
 * hub is large. It listens on a socket in a directory of its own, which only this user may enter, and ends with the hub.
 */
const MAX_STDERR_BYTES = 8 * 1024;

const running = new Set<GitProcess>();
const directory = mkdtempSync(join(tmpdir(), 'hub-git-'));
const socketPath = join(directory, 's');

/** One git with all that it starts, for one connection. */
class GitProcess {
  readonly #socket: Socket;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #timer: NodeJS.Timeout;
  #stderr = Buffer.alloc(0);
  #killedFor: EndMessage['reason'] | null = null;

  constructor(socket: Socket, { args, env, timeLimitMs, memoryBytes }: StartMessage) {
    this.#socket = socket;
    // A process group of its own, so that what git starts can be ended with it.
    const [file, ...fileArgs] = memoryBytes === null ? ['git', ...args] : withMemoryLimit(args, memoryBytes);
    this.#child = spawn(file, fileArgs, {
      // Not where the hub was started: that may be a repository with settings of its own.
      cwd: directory,
      env: { PATH: process.env['PATH'], GIT_CEILING_DIRECTORIES: dirname(directory), ...env },
      stdio: 'pipe',
      detached: true,
    });
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
    const framer = new Transform({
      transform: (chunk: Buffer, _encoding, done) => done(null, encodeFrame(FRAME.output, chunk)),
      flush: (done) => {
        void finish(ended.promise, done);
      },
    });
    child.stdout.pipe(framer).pipe(this.#socket);
    child.on('error', (error) => {
      const reason = hasErrorCode(error, 'ENOENT') ? 'not installed' : 'not started';
      this.forget();
      framer.destroy();
      this.#socket.end(endFrame({ exitCode: null, stderr: error.message, reason }));
    });
    child.on('close', (exitCode) => {
      this.forget();
      const stderr = this.#stderr.toString('utf8');
      ended.resolve({
        exitCode,
        stderr,
        reason: this.#killedFor ?? (exitCode === null ? 'killed' : 'exited'),
      });
    });
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

function serve(socket: Socket): void {
  const reader = new FrameReader();
  let git: GitProcess | undefined;
  socket.on('error', () => socket.destroy());
  // The hub keeps its side open until it has seen the end. When it closes earlier, nobody waits for git any more.
  socket.on('end', () => git?.kill('killed'));
  socket.on('close', () => git?.kill('killed'));
  socket.on('data', (chunk) => {
    for (const { kind, bytes } of reader.push(chunk)) {
      if (kind === FRAME.start) git = new GitProcess(socket, JSON.parse(bytes.toString('utf8')));
      else if (kind === FRAME.inputEnd) git?.inputEnd();
      else if (git && !git.input(bytes)) {
        socket.pause();
        git.onDrain(() => socket.resume());
      }
    }
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
