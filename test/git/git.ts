import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ENVIRONMENT = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
};

/** A bare repository in a temporary directory, driven by the real git. Fails when git is missing. */
export class ScratchRepo implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'hub-git-'));

  constructor() {
    this.git(['init', '--quiet', '--bare', '--initial-branch=main', '.']);
  }

  /** Standard output of a git command. @throws when it exits with an error. */
  git(args: readonly string[], input: string | Uint8Array = ''): Buffer {
    return execFileSync('git', args, {
      cwd: this.dir,
      input,
      env: ENVIRONMENT,
      maxBuffer: 1 << 30,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  /** Whether git accepts the command. */
  accepts(args: readonly string[], input: string | Uint8Array = ''): boolean {
    try {
      this.git(args, input);
      return true;
    } catch {
      return false;
    }
  }

  /** The ids of the objects that `git fsck --strict` calls wrong in themselves; missing links do not count. */
  brokenObjects(): Set<string> {
    const { stdout, stderr } = spawnSync('git', ['fsck', '--strict', '--no-dangling'], {
      cwd: this.dir,
      env: ENVIRONMENT,
    });
    const found = `${stdout.toString()}${stderr.toString()}`.matchAll(/^error in \w+ ([0-9a-f]{40})/gm);
    return new Set(Array.from(found, (match) => match[1]!));
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
