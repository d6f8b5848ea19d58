import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { run, runReading } from './command.ts';

/** No settings of this machine. */
const ENV = { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
const FAST_IMPORT = ['fast-import', '--quiet', '--depth=0', '--date-format=now'];

/**
 * A bare repository on disk that does the same work as the hub: no deltas, the same compression, and what is answered
 * is on disk.
 */
export class GitRepo {
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
  }

  static async init(dir: string): Promise<GitRepo> {
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', dir], { env: ENV });
    const repo = new GitRepo(dir);
    for (const setting of [
      ['core.fsync', 'all'],
      ['core.fsyncMethod', 'fsync'],
      ['core.compression', '1'],
    ]) {
      await repo.git('config', ...setting);
    }
    return repo;
  }

  /** A repository that is there already. */
  static at(dir: string): GitRepo {
    return new GitRepo(dir);
  }

  /** A bare clone. */
  static async clone(url: string, dir: string, args: readonly string[] = []): Promise<GitRepo> {
    await run('git', ['clone', '--quiet', '--bare', ...args, url, dir], { env: ENV });
    return new GitRepo(dir);
  }

  async git(...args: string[]): Promise<string> {
    return run('git', ['-C', this.#dir, ...args], { env: ENV });
  }

  /** Reads commits from a file. */
  async importFile(input: string): Promise<void> {
    await runReading('git', ['-C', this.#dir, ...FAST_IMPORT], { input, env: ENV });
  }

  /** Reads commits from memory. */
  async importBytes(input: string): Promise<void> {
    const child = spawn('git', ['-C', this.#dir, ...FAST_IMPORT], {
      env: ENV,
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin.end(input);
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`git fast-import ended with ${code}`);
  }
}
