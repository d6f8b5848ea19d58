import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { run } from './command.ts';
import { GitRepo } from './git-repo.ts';
import { Nginx } from './nginx.ts';
import { TempDir } from './temp-dir.ts';

/** Git's own HTTP server, `git http-backend`, behind nginx and fcgiwrap, as its manual page describes. It asks nobody for a password. */
export class GitBackend implements AsyncDisposable {
  readonly #nginx: Nginx;
  readonly #wrapper: ChildProcess;
  readonly #dir: TempDir;

  private constructor(nginx: Nginx, wrapper: ChildProcess, dir: TempDir) {
    this.#nginx = nginx;
    this.#wrapper = wrapper;
    this.#dir = dir;
  }

  static async start(): Promise<GitBackend> {
    const dir = await TempDir.make();
    const socket = `unix:${dir.file('socket')}`;
    const workers = 2 * availableParallelism();
    const wrapper = spawn('fcgiwrap', ['-s', socket, '-c', `${workers}`], {
      env: { PATH: process.env['PATH'], GIT_CONFIG_NOSYSTEM: '1', HOME: dir.path },
      stdio: ['ignore', 'ignore', 'inherit'],
      // A group of its own: its workers outlive it otherwise.
      detached: true,
    });
    await once(wrapper, 'spawn');
    const program = `${(await run('git', ['--exec-path'])).trim()}/git-http-backend`;
    const nginx = await Nginx.start({ locations: location(program, dir.path, socket) });
    return new GitBackend(nginx, wrapper, dir);
  }

  urlOf(name: string): string {
    return `${this.#nginx.url}/${name}.git`;
  }

  /** Where a repository lies. */
  directoryOf(name: string): string {
    return this.#dir.file(`${name}.git`);
  }

  /** A bare repository that takes pushes. */
  async create(name: string): Promise<GitRepo> {
    const repo = await GitRepo.init(this.directoryOf(name));
    await repo.git('config', 'http.receivepack', 'true');
    return repo;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nginx[Symbol.asyncDispose]();
    const exit = once(this.#wrapper, 'exit');
    process.kill(-this.#wrapper.pid!, 'SIGTERM');
    await exit;
    await this.#dir[Symbol.asyncDispose]();
  }
}

function location(program: string, root: string, socket: string): string {
  const params = {
    SCRIPT_FILENAME: program,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: '$http_git_protocol',
    PATH_INFO: '$uri',
    QUERY_STRING: '$query_string',
    REQUEST_METHOD: '$request_method',
    CONTENT_TYPE: '$content_type',
    CONTENT_LENGTH: '$content_length',
    REMOTE_USER: 'bench',
  };
  const lines = Object.entries(params).map(([name, value]) => `fastcgi_param ${name} ${value};`);
  return `location ~ \\.git/ { fastcgi_pass ${socket}; ${lines.join(' ')} }`;
}
