/** A request that a client made. */
interface Sent {
  /** Method and URL, such as `GET http://…`. */
  readonly line: string;
  readonly bodyBytes: number;
}

/** `fetch` for a client, which remembers what was sent through it. */
export class RecordingFetch {
  readonly #sent: Sent[] = [];

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, {
      ...init,
      ...(init?.body instanceof ReadableStream && { duplex: 'half' }),
    });
    // The body is read once for counting and sent from memory: uploads of these tests are small.
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : null;
    this.#sent.push({ line: `${request.method} ${request.url}`, bodyBytes: body?.length ?? 0 });
    return globalThis.fetch(request.url, {
      method: request.method,
      headers: request.headers,
      body,
      signal: request.signal,
      redirect: request.redirect,
    });
  };

  /** How many requests match. */
  count(pattern: RegExp): number {
    return this.#sent.filter(({ line }) => pattern.test(line)).length;
  }

  /** Bytes of the bodies of the requests that match. */
  sentBytes(pattern: RegExp): number {
    return this.#sent.reduce((sum, { line, bodyBytes }) => sum + (pattern.test(line) ? bodyBytes : 0), 0);
  }
}
