import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { HubProcess } from '../../test/support/hub-process.ts';
import { type Answer, Connection } from './connection.ts';
import { TempDir } from './temp-dir.ts';

/** Requests are logged, as in a hub that nobody configured. */
const ENV = { KOHAKU_HUB_LOG_LEVEL: 'info' };
const OWNER = 'bench';
/** The job looks every 15 s, and reads 1 GB in 10 s. */
const PRESENTED_MS = 120_000;
const POLL_MS = 500;

/** A hub on a directory of its own, with one account. */
export class BenchHub implements AsyncDisposable {
  readonly token: string;
  readonly connection = new Connection();
  readonly #dir: TempDir;
  #process: HubProcess;

  private constructor(dir: TempDir, process: HubProcess, token: string) {
    this.#dir = dir;
    this.#process = process;
    this.token = token;
  }

  static async open(): Promise<BenchHub> {
    const dir = await TempDir.make();
    const process = await HubProcess.start({ dataDir: dir.path, env: ENV });
    const { token } = await process.account(OWNER);
    return new BenchHub(dir, process, token);
  }

  get url(): string {
    return this.#process.url;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get dataDir(): string {
    return this.#dir.path;
  }

  get authorization(): { readonly authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }

  /** A fresh process on the same data: nothing is in its memory. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  async start(): Promise<void> {
    const { port } = this.#process;
    this.#process = await HubProcess.start({ dataDir: this.#dir.path, env: ENV, port });
  }

  /** @returns its full name. */
  async createModel(name: string, visibility: 'public' | 'private' = 'public'): Promise<string> {
    await this.post('/api/repos/create', { type: 'model', name, private: visibility === 'private' });
    return `${OWNER}/${name}`;
  }

  async get(path: string): Promise<Answer> {
    return this.connection.call({ url: `${this.url}${path}`, headers: this.authorization });
  }

  async post(path: string, body: object): Promise<unknown> {
    const answer = await this.connection.call({
      method: 'POST',
      url: `${this.url}${path}`,
      headers: { ...this.authorization, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(body)),
    });
    return JSON.parse(answer.body.toString());
  }

  /** Commits NDJSON, from memory or from a file, to `main`. */
  async commit(repo: string, ndjson: Buffer | { readonly file: string }): Promise<Answer> {
    const isMemory = Buffer.isBuffer(ndjson);
    return this.connection.call({
      method: 'POST',
      url: `${this.url}/api/models/${repo}/commit/main`,
      headers: {
        ...this.authorization,
        'content-type': 'application/x-ndjson',
        'content-length': isMemory ? ndjson.length : (await stat(ndjson.file)).size,
      },
      body: isMemory ? ndjson : createReadStream(ndjson.file, { highWaterMark: 2 ** 20 }),
    });
  }

  /** Waits until Xet clients can have a file too, which was uploaded by LFS. */
  async presentedToXet(url: string): Promise<void> {
    for (let waitedMs = 0; waitedMs < PRESENTED_MS; waitedMs += POLL_MS) {
      const { headers } = await fetch(url, { method: 'HEAD' });
      if (headers.has('x-xet-hash')) return;
      await setTimeout(POLL_MS);
    }
    throw new Error(`${url} has no chunks`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection[Symbol.dispose]();
    if (!(await this.isUp())) console.error(`The hub had ended:\n${this.#process.output}`);
    await this.#process.stop();
    await this.#dir[Symbol.asyncDispose]();
  }

  private isUp(): Promise<boolean> {
    return fetch(`${this.url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}
