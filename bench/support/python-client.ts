import { access, mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from './command.ts';

const SCRIPT = join(import.meta.dirname, 'hub_client.py');

/** How large files travel. */
export type Protocol = 'xet' | 'lfs';

/** The newest huggingface_hub with hf_xet, in a virtual environment that the client tests share. Needs python3 with venv and pip. */
export class PythonClient {
  readonly #python: string;
  readonly #home: string;

  private constructor(python: string, home: string) {
    this.#python = python;
    this.#home = home;
  }

  /** @param home a folder for the client's caches. */
  static async open(home: string): Promise<PythonClient> {
    const cache =
      process.env['KOHAKU_CLIENTS_CACHE'] ??
      join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kohaku-hub-clients');
    const venv = join(cache, 'bench');
    const python = join(venv, 'bin/python');
    await access(python).catch(() => run('python3', ['-m', 'venv', venv]));
    await run(python, ['-m', 'pip', 'install', '--quiet', '--upgrade', 'huggingface_hub', 'hf_xet']);
    return new PythonClient(python, home);
  }

  /** Names and versions, as the report shows them. */
  versions(): Promise<string> {
    const code =
      'import huggingface_hub as h, importlib.metadata as m; print("huggingface_hub", h.__version__ + ", hf_xet", m.version("hf_xet"))';
    return run(this.#python, ['-c', code]).then((text) => text.trim());
  }

  /** Seconds of one call, with caches that know nothing. */
  async call(
    hub: { readonly url: string; readonly token: string },
    protocol: Protocol,
    args: readonly string[],
  ): Promise<number> {
    await rm(this.#home, { recursive: true, force: true });
    await mkdir(this.#home, { recursive: true });
    const env = {
      ...process.env,
      HF_ENDPOINT: hub.url,
      HF_TOKEN: hub.token,
      HF_HOME: this.#home,
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
      HF_HUB_DISABLE_XET: protocol === 'lfs' ? '1' : '0',
    };
    return Number((await run(this.#python, [SCRIPT, ...args], { env })).trim().split('\n').at(-1));
  }
}
