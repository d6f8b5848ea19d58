import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { end } from './command.ts';

/** A small server in a Node process of its own. */
export class NodeServer implements AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.pid = child.pid!;
    this.url = url;
  }

  /** Starts a program of this folder, which says its port as soon as it listens. */
  static async start(
    program: 'fixed-answer' | 'bare-fastify',
    options: FixedAnswer = { headers: {}, body: '' },
  ): Promise<NodeServer> {
    const child = spawn(process.execPath, [join(import.meta.dirname, `${program}.ts`)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.send(options);
    const [port] = (await once(child, 'message')) as [number];
    return new NodeServer(child, `http://127.0.0.1:${port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#child);
  }
}

/** What a server answers to everything. */
export interface FixedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
