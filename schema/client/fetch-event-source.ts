import { readServerEvents, type ServerEvent } from './server-events.ts';

export interface FetchEventSourceInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch;
}

const DEFAULT_RETRY_MS = 3000;

/** EventSource over `fetch`: it sends headers, which that of browsers cannot, and Node has none. */
export class FetchEventSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readyState: number = FetchEventSource.CONNECTING;
  readonly url: string;
  readonly #init: FetchEventSourceInit;
  readonly #aborter = new AbortController();
  #retryMs = DEFAULT_RETRY_MS;
  #lastEventId = '';

  constructor(url: string, init: FetchEventSourceInit = {}) {
    super();
    this.url = url;
    this.#init = init;
    void this.run();
  }

  close(): void {
    this.readyState = this.CLOSED;
    this.#aborter.abort();
  }

  private async run(): Promise<void> {
    while (this.readyState !== this.CLOSED) {
      try {
        await this.connect();
      } catch {
        // A lost connection looks like this: it is made anew.
      }
      if (this.readyState === this.CLOSED) return;
      this.readyState = this.CONNECTING;
      this.dispatchEvent(new Event('error'));
      await this.pause();
    }
  }

  /** Resolves when the stream ends. A refusal closes for good, as EventSource has it. */
  private async connect(): Promise<void> {
    const send = this.#init.fetch ?? fetch;
    const response = await send(this.url, {
      headers: {
        ...this.#init.headers,
        accept: 'text/event-stream',
        ...(this.#lastEventId && { 'last-event-id': this.#lastEventId }),
      },
      signal: this.#aborter.signal,
    });
    if (!response.ok || !response.body || !isEventStream(response)) return this.fail();
    this.readyState = this.OPEN;
    this.dispatchEvent(new Event('open'));
    for await (const event of readServerEvents(response.body)) this.dispatch(event);
  }

  private dispatch({ type, data, lastEventId, retryMs }: ServerEvent): void {
    this.#lastEventId = lastEventId;
    this.#retryMs = retryMs ?? this.#retryMs;
    this.dispatchEvent(new MessageEvent(type, { data, lastEventId }));
  }

  private fail(): void {
    this.close();
    this.dispatchEvent(new Event('error'));
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#retryMs);
      this.#aborter.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') ?? false;
}
