import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Call {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** A stream goes out as it is read; give it a `content-length`. */
  readonly body?: Buffer | Readable;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** From the call to the last byte of the answer. */
  readonly durationMs: number;
}

/** One connection that is kept open, as clients that make many requests have it. */
export class Connection implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** @throws unless the answer is a success. */
  async call({ method = 'GET', url, headers = {}, body }: Call): Promise<Answer> {
    const start = performance.now();
    const outgoing = request(url, { method, headers, agent: this.#agent });
    const arrived = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    const sent = body && !Buffer.isBuffer(body) ? pipeline(body, outgoing) : outgoing.end(body);
    const [[response]] = await Promise.all([arrived, sent]);
    const answer = Buffer.concat(await response.toArray());
    const durationMs = performance.now() - start;
    const status = response.statusCode!;
    if (status < 200 || status > 299) {
      throw new Error(`${method} ${url}: ${status} ${answer.toString('utf8', 0, 500)}`);
    }
    return { status, headers: response.headers, body: answer, durationMs };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
