import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import ssh2, {
  type AuthContext,
  type Connection,
  type ServerChannel,
  type ServerConfig,
  type Session,
} from 'ssh2';
import type { UserActor } from '../../src/domain/actor.ts';
import { DomainError, Unavailable } from '../../src/domain/errors.ts';
import { ChannelIo } from './channel-io.ts';
import type { HostKey } from './host-keys.ts';
import { runCommand } from './run-command.ts';
import { oneLine } from './one-line.ts';
import { parseSshCommand } from './ssh-command.ts';
import type { SshLimits } from './ssh-limits.ts';
import { answerLogin, SIGNATURE_ALGORITHMS } from './ssh-login.ts';
import type { SshServices } from './ssh-services.ts';
import { announceSignatures, outgoingFlow } from './ssh2-internals.ts';

export interface SshConnectionOptions {
  readonly socket: Socket;
  readonly hostKeys: readonly HostKey[];
  readonly services: () => SshServices;
  readonly limits: SshLimits;
  readonly siteName: string;
  readonly log: Logger;
}

/**
 * What is quick, safe and in every client of the last years. Large groups would keep the event loop; chacha20 is slow in JavaScript;
 * compression would let a client make the hub unpack.
 */
const ALGORITHMS: NonNullable<ServerConfig['algorithms']> = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
};
const KEEPALIVE_MS = 30_000;
const MISSED_KEEPALIVES = 3;
/** So long a client may take to close what the hub has closed. */
const CLOSING_MS = 2000;
/** Far above what the hub itself puts there: the rest is a client that makes the hub answer and does not read. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** Twice the window that ssh2 gives: more comes only from a client that does not keep to it. */
const MAX_UNPROCESSED_BYTES = 4 * 1024 * 1024;
/** OpenSSH says 32 KiB. */
const MIN_PACKET_BYTES = 1024;
const MAX_PROTOCOL_CHARS = 256;

/** One client: its login, and the commands that it runs. */
export class SshConnection {
  /** Resolves when the socket has closed. */
  readonly closed: Promise<void>;
  readonly #options: SshConnectionOptions;
  readonly #gone = new AbortController();
  readonly #channels = new Set<ServerChannel>();
  #client: Connection | undefined;
  #actor: UserActor | null = null;
  #tries = 0;
  #openCount = 0;
  #totalCount = 0;
  #isDraining = false;
  #timer: NodeJS.Timeout;

  constructor(options: SshConnectionOptions) {
    this.#options = options;
    const { socket, hostKeys, limits } = options;
    this.#timer = setTimeout(() => socket.destroy(), limits.loginMs);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        clearTimeout(this.#timer);
        this.#gone.abort(new Unavailable('The connection was closed.'));
        resolve();
      });
    });
    const server = new ssh2.Server(
      {
        hostKeys: hostKeys.map(({ key }) => ({ key })),
        algorithms: ALGORITHMS,
        ident: 'KohakuHub',
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: MISSED_KEEPALIVES,
      },
      (client) => this.serve(client),
    );
    server.injectSocket(socket);
    socket.on('data', () => this.checkBounds());
  }

  /** Whether it is known who this is. */
  get isLoggedIn(): boolean {
    return this.#actor !== null;
  }

  /** Takes no more commands, and closes when those that run are done. */
  drain(): void {
    this.#isDraining = true;
    if (this.#openCount === 0) this.end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#options.socket.destroy();
  }

  private serve(client: Connection): void {
    const { log } = this.#options;
    this.#client = client;
    announceSignatures(client, SIGNATURE_ALGORITHMS);
    client.on('error', (error: Error) => log.debug({ error: error.message }, 'an SSH connection failed'));
    client.on('authentication', (context) => {
      this.authenticate(context).catch((error: unknown) => {
        log.error({ err: error }, 'a login by SSH failed');
        this.destroy();
      });
    });
    client.on('ready', () => this.restartIdleTimer());
    client.on('session', (accept, reject) => {
      const { channels, channelsInTotal } = this.#options.limits;
      if (this.#isDraining || this.#openCount >= channels || this.#totalCount >= channelsInTotal)
        return reject();
      this.#openCount++;
      this.#totalCount++;
      clearTimeout(this.#timer);
      this.openSession(accept());
    });
  }

  private async authenticate(context: AuthContext): Promise<void> {
    if (++this.#tries > this.#options.limits.loginTries) return this.end();
    this.#actor = await answerLogin(context, this.#options.services());
  }

  private openSession(session: Session): void {
    let protocol: string | undefined;
    let isStarted = false;
    const gone = new AbortController();
    session.once('close', () => {
      gone.abort(new Unavailable('The client has gone.'));
      this.#openCount--;
      this.restartIdleTimer();
    });
    session.on('env', (accept, reject, { key, val }) => {
      const isTaken = key === 'GIT_PROTOCOL' && val.length <= MAX_PROTOCOL_CHARS;
      if (isTaken) protocol = val;
      (isTaken ? accept : reject)?.();
    });
    const start = (accept: () => ServerChannel, line: string | null): void => {
      if (isStarted) return;
      isStarted = true;
      void this.execute({ channel: accept(), line, protocol, gone });
    };
    session.on('exec', (accept, _reject, { command }) => start(accept, command));
    session.on('shell', (accept) => start(accept, null));
  }

  /** Runs what a channel is for, and ends the channel. Never throws. */
  private async execute({ channel, line, protocol, gone }: Execution): Promise<void> {
    const { socket, limits } = this.#options;
    if (outgoingFlow(channel).packetSize < MIN_PACKET_BYTES) return this.destroy();
    channel.on('error', () => {
      // The connection reports it, and ends the command.
    });
    this.#channels.add(channel);
    const signal = AbortSignal.any([gone.signal, this.#gone.signal]);
    const abort = (reason: Error): void => gone.abort(reason);
    const io = new ChannelIo({ channel, client: this.#client!, socket, limits, signal, abort });
    const timer = setTimeout(() => abort(new Unavailable('The command took too long.')), limits.commandMs);
    try {
      const code = await this.answer({ line, protocol, io, signal });
      io.exit(code);
    } finally {
      clearTimeout(timer);
      this.#channels.delete(channel);
    }
  }

  private async answer(asked: Asked): Promise<number> {
    const { line, io } = asked;
    const { log, services, siteName } = this.#options;
    const startedAt = performance.now();
    const actor = await this.currentUser();
    if (!actor) {
      io.say('ERROR: You are not logged in any more.\n');
      return 1;
    }
    if (line === null) {
      io.say(`Hi ${actor.name}, you are logged in to ${siteName}. It has no shell, but it knows Git.\n`);
      return 0;
    }
    const command = parseSshCommand(line);
    const call = { ...asked, actor, services: services(), newServices: services };
    const code = command ? await this.run({ ...call, command }) : refuse(io);
    const { repo, kind } = command ?? { repo: null, kind: null };
    const { sentBytes, receivedBytes } = io;
    const durationMs = Math.round(performance.now() - startedAt);
    log.info({ user: actor.name, kind, repo, code, sentBytes, receivedBytes, durationMs }, 'ssh');
    return code;
  }

  private async run(call: Parameters<typeof runCommand>[0]): Promise<number> {
    const { io, signal } = call;
    try {
      await runCommand(call);
      return 0;
    } catch (error) {
      const isOurs = !(error instanceof DomainError) && error !== signal.reason;
      if (isOurs) this.#options.log.error({ err: error }, 'a command by SSH failed');
      io.say(`ERROR: ${isOurs ? 'Internal error of the hub.' : oneLine((error as Error).message)}\n`);
      return 1;
    }
  }

  /** A key that was deleted, or an account that was suspended, ends what a connection may do. */
  private async currentUser(): Promise<UserActor | null> {
    const { services, log } = this.#options;
    try {
      return this.#actor && (await services().sshKeys.refresh(this.#actor));
    } catch (error) {
      log.error({ err: error }, 'the user of an SSH connection cannot be looked up');
      return null;
    }
  }

  private restartIdleTimer(): void {
    clearTimeout(this.#timer);
    if (this.#openCount > 0) return;
    if (this.#isDraining) return this.end();
    this.#timer = setTimeout(() => this.end(), this.#options.limits.idleMs);
  }

  private end(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.destroy(), CLOSING_MS);
    this.#client?.end();
  }

  /** Whether the client makes the hub hold more than a client that keeps to the protocol could. */
  private checkBounds(): void {
    const { socket, log } = this.#options;
    const isTooMuch =
      socket.writableLength > MAX_UNREAD_BYTES ||
      [...this.#channels].some((channel) => channel.readableLength > MAX_UNPROCESSED_BYTES);
    if (!isTooMuch) return;
    log.warn({ user: this.#actor?.name }, 'an SSH client does not read, or sends more than it may');
    this.destroy();
  }
}

interface Execution {
  readonly channel: ServerChannel;
  /** Null for a login without a command. */
  readonly line: string | null;
  readonly protocol: string | undefined;
  readonly gone: AbortController;
}

interface Asked {
  readonly line: string | null;
  readonly protocol: string | undefined;
  readonly io: ChannelIo;
  readonly signal: AbortSignal;
}

function refuse(io: ChannelIo): number {
  io.say(
    'ERROR: The hub runs only commands of Git and git-lfs, for repositories such as ada/model or datasets/ada/set.\n',
  );
  return 1;
}
