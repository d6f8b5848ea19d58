import { setTimeout as delay } from 'node:timers/promises';
import { freePort, HubCommand } from './hub-command.ts';

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
  readonly #serving: HubCommand;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(env: Readonly<Record<string, string>>, port: number) {
    this.#serving = new HubCommand(['serve'], env);
    this.#env = env;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a hub and waits until it answers `/health`. */
  static async start({ dataDir, env = {}, port }: HubProcessOptions): Promise<HubProcess> {
    const chosen = port ?? (await freePort());
    const variables = {
      ...inherited(),
      KOHAKU_HUB_DATA_DIR: dataDir,
      KOHAKU_HUB_PORT: String(chosen),
      KOHAKU_HUB_LOG_LEVEL: 'warn',
      // Several hubs run on one machine.
      KOHAKU_HUB_SSH_PORT: 'off',
      ...env,
    };
    const hub = new HubProcess(variables, chosen);
    await hub.ready();
    return hub;
  }

  get pid(): number {
    return this.#serving.child.pid!;
  }

  /** What it printed. */
  get output(): string {
    return this.#serving.stdout + this.#serving.stderr;
  }

  /** Runs one `hub` command beside it and returns what that printed. Throws when the command fails. */
  async command(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await new HubCommand(args, this.#env).ended;
    if (code !== 0) throw new Error(`hub ${args.join(' ')} failed (${code}):\n${stdout}${stderr}`);
    return stdout;
  }

  /** Makes an account and a token of role `write`. */
  async account(name: string): Promise<{ name: string; token: string }> {
    await this.command('user', 'add', name, '--password', 'correct horse battery');
    const token = await this.command('token', 'create', name, '--name', 'test');
    return { name, token: token.trim() };
  }

  /** Ends it as a machine crash would. */
  async kill(): Promise<void> {
    await this.#serving.signal('SIGKILL');
  }

  /** Ends it as its operator would, and waits. */
  async stop(): Promise<void> {
    await this.#serving.signal('SIGTERM');
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (this.#serving.child.exitCode !== null) {
        throw new Error(`the hub ended while starting:\n${this.output}`);
      }
      const isUp = await fetch(`${this.url}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (isUp) return;
      await delay(POLL_MS);
    }
    throw new Error(`the hub did not start in ${START_MS} ms:\n${this.output}`);
  }
}

/** The variables of this process. */
function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}
