import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SshDoor } from '../../facade/ssh/ssh-door.ts';
import type { SshLimits } from '../../facade/ssh/ssh-limits.ts';
import { type RepoRef, webPrefix } from '../../src/domain/repo/repo-ref.ts';
import { buildApp } from '../../src/server/app.ts';
import { openSsh } from '../../src/server/ssh.ts';
import { freePort } from '../support/hub-command.ts';
import { openTestHub, type TestHub } from '../support/test-hub.ts';
import type { TestUser } from '../support/world.ts';
import { type GitClient, type GitEnd, GitWorld, it as base } from './git-hub.ts';

const execFileAsync = promisify(execFile);

/** What `ssh-keygen -t` makes, with the type that the hub calls it. */
export const KEY_KINDS = [
  { type: 'ssh-ed25519', args: ['-t', 'ed25519'] },
  { type: 'ecdsa-sha2-nistp256', args: ['-t', 'ecdsa', '-b', '256'] },
  { type: 'ecdsa-sha2-nistp384', args: ['-t', 'ecdsa', '-b', '384'] },
  { type: 'ecdsa-sha2-nistp521', args: ['-t', 'ecdsa', '-b', '521'] },
  { type: 'ssh-rsa', args: ['-t', 'rsa', '-b', '2048'] },
] as const;

/** One pair of keys that the real ssh-keygen made. */
export interface KeyPair {
  /** Of the private key. */
  readonly file: string;
  /** The line of the `.pub` file. */
  readonly line: string;
}

/** What `ssh` is given besides its arguments. */
export interface SshCall {
  /** Null keeps it open, without a word. */
  readonly input?: string | null;
  /** Of Git's protocol. */
  readonly version?: string | null;
  readonly settings?: readonly string[];
  /** Name to log in by. */
  readonly user?: string;
}

/** The real ssh and git, with a home, keys and known hosts of their own. */
export class SshClient implements AsyncDisposable {
  readonly directory: string;
  #keyCount = 0;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** @throws when there is no ssh here: without it, nothing is tested. */
  static async make(): Promise<SshClient> {
    await execFileAsync('ssh', ['-V']);
    return new SshClient(await mkdtemp(join(tmpdir(), 'ssh-client-')));
  }

  async keyPair(args: readonly string[] = KEY_KINDS[0].args): Promise<KeyPair> {
    const file = join(this.directory, `key${++this.#keyCount}`);
    await execFileAsync('ssh-keygen', ['-q', ...args, '-N', '', '-C', 'test', '-f', file]);
    return { file, line: await readFile(`${file}.pub`, 'utf8') };
  }

  /** How ssh must be called: with this key only, and hosts that are remembered here. */
  options(key: KeyPair | null, ...more: readonly string[]): string[] {
    const settings = [
      'BatchMode=yes',
      'StrictHostKeyChecking=accept-new',
      `UserKnownHostsFile=${join(this.directory, 'known_hosts')}`,
      'IdentitiesOnly=yes',
      'LogLevel=ERROR',
      ...more,
    ];
    const identity = key ? ['-i', key.file] : ['-o', 'PubkeyAuthentication=no'];
    return ['-F', 'none', ...identity, ...settings.flatMap((setting) => ['-o', setting])];
  }

  /** Runs `ssh` to the end. */
  async ssh(
    door: SshDoor,
    key: KeyPair | null,
    { input = '', version = null, settings = [], user = 'git' }: SshCall,
    ...args: readonly string[]
  ): Promise<GitEnd> {
    const more = version === null ? settings : [...settings, 'SendEnv=GIT_PROTOCOL'];
    const all = [...this.options(key, ...more), '-p', String(door.port), '-l', user, '127.0.0.1', ...args];
    return this.run('ssh', all, {
      input,
      env: version === null ? {} : { GIT_PROTOCOL: `version=${version}` },
    });
  }

  async run(
    program: string,
    args: readonly string[],
    { input = '', env = {} }: { readonly input?: string | null; readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<GitEnd> {
    const running = execFileAsync(program, args, {
      cwd: this.directory,
      env: { PATH: process.env['PATH'], HOME: this.directory, LC_ALL: 'C', ...env },
      maxBuffer: 1 << 28,
    });
    // It may end without reading.
    running.child.stdin?.on('error', () => {});
    if (input !== null) running.child.stdin?.end(input);
    try {
      return { code: 0, ...(await running) };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as Partial<GitEnd>;
      return { code: Number(code), stdout, stderr };
    }
  }

  /** Git over this ssh with a key. */
  git(client: GitClient, key: KeyPair, ...more: readonly string[]): GitClient {
    const command = ['ssh', ...this.options(key, ...more)].map((word) => `'${word}'`).join(' ');
    return client.with({ GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A hub that listens for HTTP and SSH. */
export class SshWorld extends GitWorld {
  readonly door: SshDoor;
  readonly test: TestHub;

  constructor(test: TestHub, app: Awaited<ReturnType<typeof buildApp>>, door: SshDoor) {
    super(test.hub, app);
    this.test = test;
    this.door = door;
  }

  /** `ssh://git@host:port/ada/tiny.git` */
  sshRemote({ type, namespace, name }: RepoRef): string {
    return `${this.door.url}/${webPrefix(type)}${namespace}/${name}.git`;
  }

  async addKey(user: TestUser, { line }: KeyPair): Promise<number> {
    const { id } = await this.hub.services().sshKeys.add(user.actor, { title: 'test', key: line });
    return id;
  }

  /** Bytes that cannot be compressed. */
  noise(sizeBytes: number): Buffer {
    return randomBytes(sizeBytes);
  }

  /** A user with a key. */
  async sshUser(client: SshClient): Promise<{ user: TestUser; key: KeyPair; keyId: number }> {
    const user = await this.user();
    const key = await client.keyPair();
    return { user, key, keyId: await this.addKey(user, key) };
  }

  /** Changes a column of an account behind the hub's back, as its operator would. */
  async setAccount(
    user: TestUser,
    assignment: 'is_active = false' | 'email_verified_at = null',
  ): Promise<void> {
    await this.hub.deps.sql.execute({
      text: `update account set ${assignment} where name = $1`,
      values: [user.name],
    });
  }
}

/** Opens a hub with both doors. */
export async function openSshWorld(
  settings: Readonly<Record<string, string>> = {},
  limits: Partial<SshLimits> = {},
): Promise<SshWorld & AsyncDisposable> {
  const port = await freePort();
  const test = await openTestHub({ BASE_URL: `http://127.0.0.1:${port}`, SSH_PORT: '0', ...settings });
  const app = await buildApp(test.hub);
  await app.listen({ port, host: '127.0.0.1' });
  const door = (await openSsh(test.hub, limits))!;
  const world = new SshWorld(test, app, door);
  return Object.assign(world, {
    async [Symbol.asyncDispose]() {
      await door.close(0);
      app.server.closeAllConnections();
      await app.close();
      await test.close();
    },
  });
}

/** `ssh`: one hub for each test file. `terminal`: ssh and keys, for each test. */
export const it = base
  .extend('ssh', { scope: 'file' }, async ({}, { onCleanup }) => {
    const world = await openSshWorld();
    onCleanup(() => world[Symbol.asyncDispose]());
    return world;
  })
  .extend('terminal', async ({}, { onCleanup }) => {
    const terminal = await SshClient.make();
    onCleanup(() => terminal[Symbol.asyncDispose]());
    return terminal;
  });
