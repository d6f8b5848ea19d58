import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';

/** One request and the status of its answer. */
export interface Seen {
  /** Method and path, without the query. */
  readonly what: string;
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
}

interface Break {
  readonly path: string;
  readonly afterBytes: number;
}

/** The way from clients to a hub. It notes what passes, and can break the connection in the middle of an answer. */
export class Wire implements AsyncDisposable {
  readonly #server: Server;
  readonly #hubPort: number;
  #seen: Seen[] = [];
  #break: Break | null = null;

  private constructor(hubPort: number) {
    this.#hubPort = hubPort;
    this.#server = createServer((incoming, answer) => {
      const { method, url = '', headers } = incoming;
      const outgoing = request({ host: '127.0.0.1', port: this.#hubPort, method, path: url, headers });
      outgoing.on('response', (response) => {
        const path = url.split('?', 1)[0]!;
        const status = response.statusCode ?? 0;
        this.#seen.push({ what: `${method} ${path}`, headers, status });
        answer.writeHead(status, response.rawHeaders);
        const breaks = this.takeBreak(path);
        const passes = breaks ? passPart(response, answer, breaks.afterBytes) : pipeline(response, answer);
        passes.catch(() => answer.destroy());
      });
      // The client learns of it as it would without a wire.
      outgoing.on('error', () => answer.destroy());
      pipeline(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  static async between(clientPort: number, hubPort: number): Promise<Wire> {
    const wire = new Wire(hubPort);
    wire.#server.listen(clientPort, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  /** What passed since this was last called. */
  take(): readonly Seen[] {
    return this.#seen.splice(0);
  }

  /** The next answer from a path that begins so ends after so many bytes: the client gets them, and then the end of the connection. */
  breakNext(path: string, afterBytes: number): void {
    this.#break = { path, afterBytes };
  }

  private takeBreak(path: string): Break | null {
    const breaks = this.#break;
    if (!breaks || !path.startsWith(breaks.path)) return null;
    this.#break = null;
    return breaks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

async function passPart(response: IncomingMessage, answer: ServerResponse, byteCount: number): Promise<void> {
  await pipeline(firstBytes(response, byteCount), answer, { end: false });
  answer.socket!.end();
}

async function* firstBytes(response: IncomingMessage, byteCount: number): AsyncGenerator<Buffer> {
  let passed = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    yield chunk;
    passed += chunk.length;
    if (passed >= byteCount) return;
  }
}
