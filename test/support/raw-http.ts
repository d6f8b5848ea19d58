import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; of a header that stands twice the last one. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawRequest {
  /** Latin-1, exactly as it shall stand in the request line. */
  readonly target: string;
  readonly method?: string;
  /** As lines, so that a header may stand twice. */
  readonly headers?: readonly string[];
  /** Sent with its `Content-Length`, unless `headers` say how long it is. */
  readonly body?: string | Buffer;
}

/** A connection that sends whatever it is told to, also what no HTTP client would send. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    // The hub may cut the connection off while something is still being sent.
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Resolves false when the hub has closed the connection. */
  async write(bytes: string | Buffer): Promise<boolean> {
    if (!this.#socket.writable) return false;
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    return new Promise((resolve) => {
      this.#socket.write(data, (error) => resolve(!error));
    });
  }

  /** Everything that came until the hub closed the connection. */
  async answer(): Promise<RawAnswer> {
    if (!this.#socket.destroyed) await once(this.#socket, 'close');
    return parseAnswer(Buffer.concat(this.#chunks));
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** One request on a connection of its own. */
export async function sendRaw(port: number, request: RawRequest): Promise<RawAnswer> {
  const connection = await RawConnection.open(port);
  await connection.write(headOf(request));
  if (request.body !== undefined) await connection.write(request.body);
  return connection.answer();
}

/** Request line and headers, as bytes. */
export function headOf({ method = 'GET', target, headers = [], body }: RawRequest): Buffer {
  const isFramed = headers.some((line) => /^(?:content-length|transfer-encoding):/i.test(line));
  const length = body === undefined || isFramed ? [] : [`content-length: ${Buffer.byteLength(body)}`];
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'host: hub.test',
    'connection: close',
    ...headers,
    ...length,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

/** A chunk of a body with `transfer-encoding: chunked`; the empty one ends it. */
export function chunkOf(bytes: string | Buffer): Buffer {
  const data = Buffer.from(bytes as string);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

function parseAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return { status: 0, headers: {}, body: bytes.toString('latin1') };
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return {
    status: Number(statusLine.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: bytes.toString('utf8', end + 4),
  };
}
