import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { test as base } from 'vitest';
import { type RepoRef, webPrefix } from '../../src/domain/repo/repo-ref.ts';
import { buildApp } from '../../src/server/app.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { loadConfig } from '../../src/config.ts';
import type { FastifyInstance } from 'fastify';
import { ContentWorld } from '../support/content.ts';
import { freePort } from '../support/hub-command.ts';
import { openTestHub } from '../support/test-hub.ts';
import type { TestUser } from '../support/world.ts';

const execFileAsync = promisify(execFile);

/** How one git command ended. */
export interface GitEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options that say who commits. */
export const IDENTITY = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'] as const;

/** A directory in which the real git runs as a client that knows nobody. */
export class GitClient implements AsyncDisposable {
  readonly directory: string;

  readonly #extra: NodeJS.ProcessEnv;

  private constructor(directory: string, extra: NodeJS.ProcessEnv = {}) {
    this.directory = directory;
    this.#extra = extra;
  }

  static async make(): Promise<GitClient> {
    return new GitClient(await mkdtemp(join(tmpdir(), 'git-client-')));
  }

  /** The same directory with more variables. */
  with(extra: NodeJS.ProcessEnv): GitClient {
    return new GitClient(this.directory, { ...this.#extra, ...extra });
  }

  path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  /** Output of a command. @throws when it fails. */
  async git(...args: readonly string[]): Promise<string> {
    const end = await this.try(...args);
    if (end.code !== 0) throw new Error(`git ${args.join(' ')} (${end.code}): ${end.stderr}`);
    return end.stdout.trimEnd();
  }

  /** Output of a command in a clone. */
  in(clone: string, ...args: readonly string[]): Promise<string> {
    return this.git('-C', this.path(clone), ...args);
  }

  async try(...args: readonly string[]): Promise<GitEnd> {
    const options = { cwd: this.directory, env: this.environment, maxBuffer: 1 << 28 };
    try {
      return { code: 0, ...(await execFileAsync('git', args, options)) };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as Partial<GitEnd>;
      return { code: Number(code), stdout, stderr };
    }
  }

  /** Writes files of a clone. A null content removes the file. */
  async write(clone: string, files: Readonly<Record<string, string | Buffer | null>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const file = this.path(clone, path);
      if (content === null) await rm(file);
      else {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      }
    }
  }

  /** Commits whatever differs in a clone and returns the commit's id. */
  async commitAll(clone: string, message = 'Change files'): Promise<string> {
    await this.in(clone, 'add', '-A');
    await this.in(clone, ...IDENTITY, 'commit', '-q', '--allow-empty', '-m', message);
    return this.in(clone, 'rev-parse', 'HEAD');
  }

  /** A tree that git itself would not write. */
  async treeOf(
    clone: string,
    entries: readonly { readonly mode: string; readonly name: string; readonly oid: string }[],
  ): Promise<string> {
    const file = this.path('tree');
    const parts = entries.map(({ mode, name, oid }) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]),
    );
    await writeFile(file, Buffer.concat(parts));
    return this.in(clone, 'hash-object', '-t', 'tree', '-w', '--literally', file);
  }

  /** Makes a branch `import` of one commit with so many small files in a folder. */
  async importFiles(clone: string, folder: string, count: number, perFolder = Infinity): Promise<void> {
    const files = Array.from({ length: count }, (_, index) => {
      const text = `file ${index} `.repeat(20 + (index % 50));
      const part = perFolder < count ? `/${Math.floor(index / perFolder)}` : '';
      return `M 100644 inline ${folder}${part}/f${index}.txt\ndata ${text.length}\n${text}\n`;
    });
    const head = 'commit refs/heads/import\ncommitter A <a@example.org> 1800000000 +0000\ndata 1\nx\n';
    await this.fastImport(clone, `reset refs/heads/import\n\n${head}${files.join('')}`);
  }

  /** Pushes from a clone, to `origin` and its current branch unless it is told otherwise. */
  push(clone: string, ...args: readonly string[]): Promise<GitEnd> {
    return this.try('-C', this.path(clone), 'push', ...(args.length > 0 ? args : ['origin', 'HEAD']));
  }

  /** Adds a line of so many commits to a clone, which only it knows. */
  async commitLocally(clone: string, count: number): Promise<void> {
    const commits = Array.from(
      { length: count },
      (_, index) =>
        `commit refs/heads/local\ncommitter A <a@example.org> ${1_800_000_000 + index} +0000\ndata 1\nx\n`,
    );
    await this.fastImport(clone, commits.join(''));
  }

  private async fastImport(clone: string, input: string): Promise<void> {
    const args = ['-C', this.path(clone), 'fast-import', '--quiet', '--force'];
    const child = spawn('git', args, { env: this.environment });
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number];
    if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  }

  /** Complaints of `git fsck` about a clone, and the id of its `HEAD`. */
  async check(clone: string): Promise<{ fsck: string; head: string }> {
    const { stdout, stderr, code } = await this.try('-C', this.path(clone), 'fsck', '--strict', '--full');
    const said = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => line && !/^(?:notice|Checking|dangling)/.test(line));
    return {
      fsck: [...said, ...(code ? [`code ${code}`] : [])].join('\n'),
      head: await this.in(clone, 'rev-parse', 'HEAD'),
    };
  }

  get environment(): NodeJS.ProcessEnv {
    return {
      // `run-versions.sh` puts other releases of git here, for clients only.
      PATH: [process.env['TEST_GIT_PATH'], process.env['PATH']].filter(Boolean).join(delimiter),
      HOME: this.directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
      ...this.#extra,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A hub that listens, and what Git clients call its repositories. */
export class GitWorld extends ContentWorld {
  readonly url: string;

  constructor(hub: Hub, app: Awaited<ReturnType<typeof buildApp>>) {
    super(hub, app);
    this.url = hub.config.baseUrl;
  }

  /** @param user whose token the URL carries. */
  remote(repo: RepoRef, user: { readonly token: string } | null = null): string {
    const url = new URL(`${this.url}/${webPrefix(repo.type)}${repo.namespace}/${repo.name}`);
    if (user) Object.assign(url, { username: 'anybody', password: user.token });
    return url.href;
  }

  /** Commits `count` files in one commit. */
  manyFiles(owner: TestUser, repo: RepoRef, count: number): Promise<string> {
    const files = Array.from({ length: count }, (_, index) => [
      `d${index % 10}/f${index}.txt`,
      `file ${index} `.repeat(20 + (index % 50)),
    ]);
    return this.commit(owner, repo, Object.fromEntries(files));
  }

  storeId(owner: TestUser, repo: RepoRef): Promise<number> {
    return this.hub
      .services()
      .access.require(owner.actor, repo, 'read')
      .then(({ storeId }) => storeId);
  }

  get cacheDirectory(): string {
    return join(this.hub.config.dataDir, 'cache', 'git');
  }
}

/** A second process would be like this: its own data directory and caches, the same database and objects. */
export interface TwinHub {
  readonly url: string;
}

/**
 * `test`: one hub for each test file. `world`: the same, listening. `twin`: another hub on the same database and objects.
 * `client`: a directory for each test.
 */
export const it = base
  .extend('test', { scope: 'file' }, async ({}, { onCleanup }) => {
    const port = await freePort();
    const test = await openTestHub({ BASE_URL: `http://127.0.0.1:${port}` });
    onCleanup(() => test.close());
    return { ...test, port };
  })
  .extend('world', { scope: 'file' }, async ({ test }, { onCleanup }) => {
    const app = await listen(test.hub, test.port);
    onCleanup(() => stop(app));
    return new GitWorld(test.hub, app);
  })
  .extend('twin', { scope: 'file' }, async ({ test }, { onCleanup }): Promise<TwinHub> => {
    const port = await freePort();
    const dataDir = await mkdtemp(join(tmpdir(), 'hub-twin-'));
    const objects = join(dataDir, 'objects');
    await symlink(join(test.hub.config.dataDir, 'objects'), objects);
    const env = {
      ...test.env,
      KOHAKU_HUB_DATA_DIR: dataDir,
      KOHAKU_HUB_BASE_URL: `http://127.0.0.1:${port}`,
    };
    const hub = await openHub(loadConfig(env), test.hub.log, { migrate: false });
    const app = await listen(hub, port);
    onCleanup(async () => {
      await stop(app);
      await hub.close();
      await rm(objects);
      await rm(dataDir, { recursive: true, force: true });
    });
    return { url: hub.config.baseUrl };
  })
  .extend('client', async ({}, { onCleanup }) => {
    const client = await GitClient.make();
    onCleanup(() => client[Symbol.asyncDispose]());
    return client;
  });

async function listen(hub: Hub, port: number): Promise<FastifyInstance> {
  const app = await buildApp(hub);
  await app.listen({ port, host: '127.0.0.1' });
  return app;
}

async function stop(app: FastifyInstance): Promise<void> {
  app.server.closeAllConnections();
  await app.close();
}
