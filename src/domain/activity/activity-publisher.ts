import type { Log } from '../../lib/log.ts';

/** What PostgreSQL's NOTIFY goes through; databases have channels of their own. */
export const ACTIVITY_CHANNEL = 'kohaku_activity';

/** What happens within these is told by one statement. */
const COALESCE_MS = 5;
/** On a busy hub statements are so far apart, each with more to tell. */
const PAUSE_MS = 50;
/** PostgreSQL takes less than 8000 bytes. */
const MAX_PAYLOAD_CHARS = 7000;
/** While the database does not answer, more than these are not remembered. */
const MAX_PENDING = 10_000;

/** Sends payloads to all nodes. */
export type Notify = (payloads: readonly string[]) => Promise<unknown>;

/**
 * Tells all nodes what committed transactions announced. NOTIFY takes a lock of the whole database until its transaction has ended, so it
 * never belongs to a transaction that does something else: what was announced is collected, and sent behind the requests, one statement at
 * a time. What cannot be sent is dropped: those who wait miss an event, and no commit fails.
 */
export class ActivityPublisher {
  readonly #notify: Notify;
  readonly #log: Log;
  #pending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #sentAt = -PAUSE_MS;
  #lost = 0;

  constructor({ notify, log }: { readonly notify: Notify; readonly log: Log }) {
    this.#notify = notify;
    this.#log = log;
  }

  /** Takes subjects (see `subjects.ts`). The same one twice within a few milliseconds is sent once. */
  announce(subjects: Iterable<string>): void {
    for (const subject of subjects) {
      if (this.#pending.size < MAX_PENDING) this.#pending.add(subject);
      else this.#lost++;
    }
    if (this.#pending.size > 0 && !this.#sending) this.schedule();
  }

  /** Sends what was announced before the call. */
  async flush(): Promise<void> {
    await this.#sending;
    await this.send();
  }

  private schedule(): void {
    const afterPause = this.#sentAt + PAUSE_MS - performance.now();
    this.#timer ??= setTimeout(() => void this.send(), Math.max(COALESCE_MS, afterPause)).unref();
  }

  /** One statement at a time; what comes meanwhile is the next one. */
  private send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.sendAll().finally(() => {
      this.#sending = null;
      this.#sentAt = performance.now();
      if (this.#pending.size > 0) this.schedule();
    });
    return this.#sending;
  }

  private async sendAll(): Promise<void> {
    const subjects = this.#pending;
    if (subjects.size === 0) return;
    this.#pending = new Set();
    try {
      await this.#notify([...inPayloads(subjects)]);
    } catch (error) {
      this.#log.warn(`${subjects.size} events of activity were not sent to subscribers: ${String(error)}`);
    }
    if (this.#lost > 0) this.#log.warn(`${this.#lost} events of activity were too many and are not sent.`);
    this.#lost = 0;
  }
}

function* inPayloads(subjects: Iterable<string>): Generator<string> {
  let payload = '';
  for (const subject of subjects) {
    if (payload.length + subject.length > MAX_PAYLOAD_CHARS) {
      yield payload;
      payload = '';
    }
    payload += payload ? ` ${subject}` : subject;
  }
  if (payload) yield payload;
}

/** The subjects of a payload. */
export function readPayload(payload: string): readonly string[] {
  return payload.split(' ').filter(Boolean);
}
