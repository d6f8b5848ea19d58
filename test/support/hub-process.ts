import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'src/main.ts');
const START_MS = 60_000;
const POLL_MS = 25;

export interface HubProcessOptions {
  readonly dataDir: string;
  /** More variables for the child. */
  readonly env?: Readonly<Record<string, string>>;
  /** Fixed, so that a restarted hub keeps its URLs. */
  readonly port?: number;
}

/** The hub as its users start it: a process of its own, listening on loopback. */
export class HubProcess {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  #output = '';

  private constructor(child: ChildProcess, env: NodeJS.ProcessEnv, port: number) {
    this.#child = child;
    this.#env = env;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
      });
    }
  }

  /** Starts a hub and waits until it answers `/health`. */
  static async start({ dataDir, env = {}, port }: HubProcessOptions): Promise<HubProcess> {
    const chosen = port ?? (await freePort());
    const childEnv = {
      ...process.env,
      KOHAKU_HUB_DATA_DIR: dataDir,
      KOHAKU_HUB_PORT: String(chosen),
      KOHAKU_HUB_LOG_LEVEL: 'warn',
      ...env,
    };
    const child = spawn(process.execPath, [MAIN, 'serve'], {
      env: childEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hub = new HubProcess(child, childEnv, chosen);
    await hub.ready();
    return hub;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The end of what it printed. */
  get output(): string {
    return this.#output;
  }

  /** Runs one `hub` command beside it and returns what that printed. Throws when the command fails. */
  async command(...args: string[]): Promise<string> {
    return runHubCommand(args, this.#env);
  }

  /** Makes an account and a token of role `write`. */
  async account(name: string): Promise<{ name: string; token: string }> {
    await this.command('user', 'add', name, '--password', 'correct horse battery');
    const token = await this.command('token', 'create', name, '--name', 'test');
    return { name, token: token.trim() };
  }

  /** Ends it as a machine crash would. */
  async kill(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  /** Ends it as its operator would, and waits. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) throw new Error(`the hub ended while starting:\n${this.#output}`);
      const isUp = await fetch(`${this.url}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (isUp) return;
      await delay(POLL_MS);
    }
    throw new Error(`the hub did not start in ${START_MS} ms:\n${this.#output}`);
  }
}

/** Runs one `hub` command in a process of its own. */
export async function runHubCommand(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
