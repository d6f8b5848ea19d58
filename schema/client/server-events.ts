/** One event of a stream as EventSource gives it (HTML Living Standard, 9.2). */
export interface ServerEvent {
  readonly type: string;
  readonly data: string;
  /** Of this event, or of the last one before it that had one. */
  readonly lastEventId: string;
  /** How long to wait before the next connection, when the stream has said so by then. */
  readonly retryMs: number | null;
}

/** Reads `text/event-stream`. Ends with the stream; leaving the loop closes it. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const parser = new EventParser();
  for await (const line of readLines(body)) {
    const event = parser.take(line);
    if (event) yield event;
  }
}

class EventParser {
  #type = '';
  #data: string[] = [];
  #lastEventId = '';
  #retryMs: number | null = null;

  /** @returns an event when the line ends one. */
  take(line: string): ServerEvent | null {
    if (line === '') return this.end();
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    if (name === 'data') this.#data.push(value);
    if (name === 'id' && !value.includes('\0')) this.#lastEventId = value;
    if (name === 'retry' && /^\d+$/.test(value)) this.#retryMs = Number(value);
    return null;
  }

  private end(): ServerEvent | null {
    const [type, data] = [this.#type || 'message', this.#data];
    this.#type = '';
    this.#data = [];
    if (data.length === 0) return null;
    return { type, data: data.join('\n'), lastEventId: this.#lastEventId, retryMs: this.#retryMs };
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
