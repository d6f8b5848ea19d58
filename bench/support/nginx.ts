import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../test/support/hub-command.ts';
import { end } from './command.ts';
import { TempDir } from './temp-dir.ts';

const START_MS = 10_000;
const POLL_MS = 20;

export interface NginxOptions {
  /** What every answer carries, beside the headers of nginx. */
  readonly headers?: Readonly<Record<string, string>>;
  /** More `location` blocks. */
  readonly locations?: string;
}

/** nginx as the Debian package configures it (sendfile, a worker for each core, access log), serving files of one directory. */
export class Nginx implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dir: TempDir;

  private constructor(child: ChildProcess, dir: TempDir, url: string) {
    this.#child = child;
    this.#dir = dir;
    this.url = url;
  }

  static async start(options: NginxOptions = {}): Promise<Nginx> {
    const dir = await TempDir.make();
    const port = await freePort();
    await mkdir(dir.file('root'));
    await writeFile(dir.file('nginx.conf'), configuration(dir.path, port, options));
    const child = spawn('nginx', ['-c', dir.file('nginx.conf'), '-e', dir.file('error.log')], {
      stdio: 'inherit',
    });
    const nginx = new Nginx(child, dir, `http://127.0.0.1:${port}`);
    await nginx.ready();
    return nginx;
  }

  /** Where a file lies that is served as `/name`. */
  file(name: string): string {
    return this.#dir.file(`root/${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#child);
    await this.#dir[Symbol.asyncDispose]();
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (this.#child.exitCode !== null) break;
      const isUp = await fetch(this.url).then(
        () => true,
        () => false,
      );
      if (isUp) return;
      await delay(POLL_MS);
    }
    throw new Error('nginx did not start');
  }
}

function configuration(dir: string, port: number, { headers = {}, locations = '' }: NginxOptions): string {
  const fields = Object.entries(headers).map(
    ([name, value]) => `add_header ${name} '${value.replaceAll("'", String.raw`\'`)}';`,
  );
  return `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off;
    worker_processes auto;
    pid ${dir}/pid;
    events { worker_connections 768; }
    http {
      sendfile on;
      tcp_nopush on;
      default_type application/octet-stream;
      types { application/json json; text/plain txt; }
      access_log ${dir}/access.log;
      client_body_temp_path ${dir}/body;
      proxy_temp_path ${dir}/proxy;
      fastcgi_temp_path ${dir}/fastcgi;
      uwsgi_temp_path ${dir}/uwsgi;
      scgi_temp_path ${dir}/scgi;
      server {
        listen 127.0.0.1:${port};
        root ${dir}/root;
        client_max_body_size 0;
        ${fields.join('\n        ')}
        location /put/ { dav_methods PUT; create_full_put_path on; }
        ${locations}
      }
    }`;
}
