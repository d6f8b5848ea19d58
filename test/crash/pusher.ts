import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ENV = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Pusher',
  GIT_AUTHOR_EMAIL: 'pusher@example.test',
  GIT_COMMITTER_NAME: 'Pusher',
  GIT_COMMITTER_EMAIL: 'pusher@example.test',
};

/** A real Git client of one repository. */
export class Pusher {
  readonly #dir: string;
  readonly #url: string;

  private constructor(dir: string, url: string) {
    this.#dir = dir;
    this.#url = url;
  }

  /** @param url with name and token. */
  static async clone(dir: string, url: string): Promise<Pusher> {
    await run('git', ['clone', '--quiet', url, dir], { env: ENV });
    return new Pusher(dir, url);
  }

  /** Commits a file on top of what it has. @returns the commit. */
  async commit(path: string, content: Buffer): Promise<string> {
    const file = join(this.#dir, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', `Add ${path}`);
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  /** Pushes its head, or deletes the branch. @returns whether the hub acknowledged it. */
  async push(branch: string, what: 'head' | 'nothing'): Promise<boolean> {
    const refspec = `${what === 'head' ? 'HEAD' : ''}:refs/heads/${branch}`;
    return this.git('push', '--quiet', 'origin', refspec).then(
      () => true,
      (error: Error) => {
        if (/rejected|denied|forbidden/i.test(error.message)) throw error;
        return false;
      },
    );
  }

  /** Clones everything and lets git check it. @throws what git finds. */
  async check(): Promise<void> {
    const mirror = `${this.#dir}.mirror`;
    await run('git', ['clone', '--quiet', '--mirror', this.#url, mirror], { env: ENV });
    await run('git', ['-C', mirror, 'fsck', '--strict', '--full'], { env: ENV, maxBuffer: 2 ** 26 });
    await rm(mirror, { recursive: true });
  }

  private async git(...args: string[]): Promise<string> {
    return (await run('git', ['-C', this.#dir, ...args], { env: ENV })).stdout;
  }
}
