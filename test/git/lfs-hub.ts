import { readFile, writeFile } from 'node:fs/promises';
import { test as base } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { buildApp } from '../../src/server/app.ts';
import { freePort } from '../support/hub-command.ts';
import { PART_BYTES, type TestObject } from '../support/lfs-world.ts';
import { openTestHub } from '../support/test-hub.ts';
import type { TestUser } from '../support/world.ts';
import { XetWorld } from '../support/xet-world.ts';
import { GitClient, type GitEnd, GitWorld } from './git-hub.ts';
import { Wire } from './wire.ts';

/** Leaves pointers where files would be. */
export const SKIP_SMUDGE = { GIT_LFS_SKIP_SMUDGE: '1' };

/** A hub that Git clients with git-lfs use through a wire. */
export class GitLfsWorld extends GitWorld {
  readonly wire: Wire;
  /** The same hub for clients of Xet. */
  readonly xet: XetWorld;

  constructor(world: { hub: GitWorld['hub']; app: GitWorld['app'] }, wire: Wire) {
    super(world.hub, world.app);
    this.wire = wire;
    this.xet = new XetWorld(world.hub, world.app);
  }

  /** A repository whose files of these names are LFS objects. */
  async lfsRepo(
    owner: TestUser,
    files: Readonly<Record<string, TestObject>>,
    options: Parameters<GitLfsWorld['repo']>[1] = {},
  ): Promise<RepoRef> {
    const repo = await this.repo(owner, options);
    for (const [path, object] of Object.entries(files)) await this.commitLfs(owner, repo, path, object);
    return repo;
  }

  /** A person's directory with git-lfs, which every test of LFS needs. @throws when it is not installed. */
  async lfsClient(user: TestUser | null = null): Promise<LfsClient> {
    return new LfsClient(await GitClient.make(), this, user);
  }
}

/** A Git client with git-lfs that is one person, or nobody. */
export class LfsClient implements AsyncDisposable {
  readonly #client: GitClient;
  readonly #world: GitLfsWorld;
  readonly #user: TestUser | null;

  constructor(client: GitClient, world: GitLfsWorld, user: TestUser | null) {
    this.#client = client;
    this.#world = world;
    this.#user = user;
  }

  /** Configures the directory: git-lfs for all clones, a name, and no questions. */
  async install(): Promise<this> {
    await this.#client.git('lfs', 'install', '--skip-repo');
    const name = this.#user?.name ?? 'nobody';
    for (const [key, value] of [
      ['user.name', name],
      ['user.email', `${name}@example.test`],
      ['init.defaultBranch', 'main'],
      // One try more is enough for a test that breaks a connection on purpose.
      ['lfs.transfer.maxretries', '1'],
    ] as const)
      await this.#client.git('config', '--global', key, value);
    return this;
  }

  /** Clones to `c`. */
  async clone(repo: RepoRef, options: readonly string[] = []): Promise<void> {
    await this.git('clone', '-q', ...options, this.remote(repo), 'c');
  }

  /** Clones to `c` with pointers in place of files. */
  async clonePointers(repo: RepoRef): Promise<void> {
    await this.#client.with(SKIP_SMUDGE).git('clone', '-q', this.remote(repo), 'c');
  }

  remote(repo: RepoRef): string {
    return this.#world.remote(repo, this.#user);
  }

  /** Output of a command of git-lfs in the clone. @throws when it fails. */
  lfs(...args: readonly string[]): Promise<string> {
    return this.#client.in('c', 'lfs', ...args);
  }

  /** How a command of git-lfs in the clone ends. */
  tryLfs(...args: readonly string[]): Promise<GitEnd> {
    return this.#client.try('-C', this.#client.path('c'), 'lfs', ...args);
  }

  /** Output of a command of git in the clone. */
  in(...args: readonly string[]): Promise<string> {
    return this.#client.in('c', ...args);
  }

  tryIn(...args: readonly string[]): Promise<GitEnd> {
    return this.#client.try('-C', this.#client.path('c'), ...args);
  }

  git(...args: readonly string[]): Promise<string> {
    return this.#client.git(...args);
  }

  try(...args: readonly string[]): Promise<GitEnd> {
    return this.#client.try(...args);
  }

  with(extra: NodeJS.ProcessEnv): LfsClient {
    return new LfsClient(this.#client.with(extra), this.#world, this.#user);
  }

  /** A path in the clone. */
  path(...names: readonly string[]): string {
    return this.#client.path('c', ...names);
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.path(name));
  }

  write(name: string, bytes: Buffer | string): Promise<void> {
    return writeFile(this.path(name), bytes);
  }

  /** Puts an object into the store of the clone, as `git add` does. */
  async keep({ bytes, sha256 }: TestObject): Promise<void> {
    await this.write('kept.bin', bytes);
    await this.in('add', 'kept.bin');
    await this.in('rm', '-q', '--cached', 'kept.bin');
    const pointer = await this.lfs('pointer', '--file=kept.bin');
    if (!pointer.includes(sha256)) throw new Error(pointer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
  }
}

/** `lfs`: one hub behind a wire for each test file. `as`: makes clients, which are removed after the test. */
export const it = base
  .extend('lfs', { scope: 'file' }, async ({}, { onCleanup }) => {
    const [port, hubPort] = [await freePort(), await freePort()];
    const test = await openTestHub({
      BASE_URL: `http://127.0.0.1:${port}`,
      LFS_MULTIPART_THRESHOLD_BYTES: String(PART_BYTES),
      LFS_MULTIPART_CHUNK_SIZE_BYTES: String(PART_BYTES),
    });
    const app = await buildApp(test.hub);
    await app.listen({ port: hubPort, host: '127.0.0.1' });
    const wire = await Wire.between(port, hubPort);
    onCleanup(async () => {
      await wire[Symbol.asyncDispose]();
      app.server.closeAllConnections();
      await app.close();
      await test.close();
    });
    return new GitLfsWorld({ hub: test.hub, app }, wire);
  })
  .extend('as', async ({ lfs }, { onCleanup }) => {
    const clients: LfsClient[] = [];
    lfs.wire.take();
    onCleanup(async () => {
      for (const client of clients) await client[Symbol.asyncDispose]();
    });
    return async (user: TestUser | null): Promise<LfsClient> => {
      const client = await lfs.lfsClient(user);
      clients.push(client);
      return client.install();
    };
  });
