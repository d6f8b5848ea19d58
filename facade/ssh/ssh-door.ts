import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import type { SshConfig } from '../../src/config.ts';
import { addressKey } from '../../src/domain/auth/client-address.ts';
import { hasErrorCode } from '../../src/lib/error-code.ts';
import { StartError } from '../../src/lib/start-error.ts';
import { type HostKey, loadHostKeys } from './host-keys.ts';
import { SshConnection } from './ssh-connection.ts';
import { SSH_LIMITS, type SshLimits } from './ssh-limits.ts';
import type { SshServices } from './ssh-services.ts';

export interface SshDoorOptions {
  readonly config: SshConfig;
  /** Public URL of the hub over HTTP. */
  readonly baseUrl: string;
  readonly dataDir: string;
  readonly siteName: string;
  readonly log: Logger;
  /** A set for each login and command. */
  readonly services: () => SshServices;
  readonly limits?: Partial<SshLimits>;
}

/** Listens for Git clients that come by SSH. */
export class SshDoor {
  readonly #options: SshDoorOptions;
  readonly #limits: SshLimits;
  readonly #hostKeys: readonly HostKey[];
  readonly #server: Server;
  readonly #connections = new Set<SshConnection>();
  readonly #countByAddress = new Map<string, number>();

  private constructor(options: SshDoorOptions, hostKeys: readonly HostKey[]) {
    this.#options = options;
    this.#limits = { ...SSH_LIMITS, ...options.limits };
    this.#hostKeys = hostKeys;
    this.#server = createServer({ noDelay: true }, (socket) => this.accept(socket));
  }

  /** Loads or makes the host keys, and listens. @throws {StartError} with a sentence that says what to do. */
  static async open(options: SshDoorOptions): Promise<SshDoor> {
    const { dataDir, config } = options;
    const hostKeys = await loadHostKeys({ dataDir, files: config.hostKeyFiles });
    const door = new SshDoor(options, hostKeys);
    await door.listen();
    return door;
  }

  /** The port that it listens on. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many clients are connected. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** What stands before `/ada/model` in a clone URL. */
  get url(): string {
    const { config, baseUrl } = this.#options;
    if (config.baseUrl) return config.baseUrl;
    const port = this.port === 22 ? '' : `:${this.port}`;
    return `ssh://git@${new URL(baseUrl).hostname}${port}`;
  }

  /** Fingerprints of the host keys, as `ssh` shows them to who connects for the first time. */
  get fingerprints(): readonly string[] {
    return this.#hostKeys.map(({ key, fingerprint }) => `${key.type} ${fingerprint}`);
  }

  /** Takes nobody new, lets running commands finish for so long, and closes. */
  async close(timeoutMs: number): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    const open = [...this.#connections];
    for (const connection of open) connection.drain();
    const cutOff = setTimeout(() => {
      this.#options.log.warn('Some commands by SSH did not finish in time and are cut off.');
      for (const connection of open) connection.destroy();
    }, timeoutMs);
    await Promise.all(open.map((connection) => connection.closed));
    clearTimeout(cutOff);
    await closed;
  }

  private async listen(): Promise<void> {
    const { host, port } = this.#options.config;
    try {
      this.#server.listen({ host, port });
      await once(this.#server, 'listening');
    } catch (error) {
      if (!hasErrorCode(error, 'EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND')) throw error;
      throw new StartError(
        `The hub cannot listen for SSH on port ${port} of ${host}: ${(error as Error).message}. ` +
          'Choose another with KOHAKU_HUB_SSH_PORT, or "off" for no SSH.',
        { cause: error },
      );
    }
    this.#server.on('error', (error) => this.#options.log.error({ err: error }, 'the SSH server failed'));
  }

  private accept(socket: Socket): void {
    // Until ssh2 listens for them itself.
    socket.on('error', () => {});
    const address = addressKey(socket.remoteAddress);
    const count = (this.#countByAddress.get(address) ?? 0) + 1;
    if (this.isFull(count)) {
      socket.destroy();
      return;
    }
    this.#countByAddress.set(address, count);
    const { services, siteName, log } = this.#options;
    const connection = new SshConnection({
      socket,
      hostKeys: this.#hostKeys,
      services,
      limits: this.#limits,
      siteName,
      log,
    });
    this.#connections.add(connection);
    void connection.closed.then(() => this.forget(connection, address));
  }

  private isFull(countOfAddress: number): boolean {
    const { maxConnections, maxConnectionsPerAddress } = this.#options.config;
    if (countOfAddress > maxConnectionsPerAddress || this.#connections.size >= maxConnections) return true;
    const isNew = [...this.#connections].filter(({ isLoggedIn }) => !isLoggedIn);
    return isNew.length >= this.#limits.newConnections;
  }

  private forget(connection: SshConnection, address: string): void {
    this.#connections.delete(connection);
    const left = (this.#countByAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#countByAddress.set(address, left);
    else this.#countByAddress.delete(address);
  }
}
