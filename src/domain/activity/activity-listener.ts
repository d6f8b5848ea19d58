import { Client, type ClientConfig } from 'pg';
import type { Log } from '../../lib/log.ts';
import { ACTIVITY_CHANNEL, readPayload } from './activity-publisher.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const PING_TIMEOUT_MS = 10_000;
const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 15_000;

export interface ActivityListenerOptions {
  /** Of the same database as the pool. */
  readonly connection: ClientConfig;
  readonly log: Log;
  readonly onSubjects: (subjects: readonly string[]) => void;
  /** It listens again after the connection was lost. What happened since then was missed. */
  readonly onGap: (since: Date) => void;
}

/**
 * The one connection of a node that listens. It is opened for the first subscriber and stays until the hub closes; when it breaks, it is
 * opened again, each time after a longer pause.
 */
export class ActivityListener {
  readonly #options: ActivityListenerOptions;
  #client: Client | null = null;
  #opening: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #lostAt: Date | null = null;
  #isClosed = false;

  constructor(options: ActivityListenerOptions) {
    this.#options = options;
  }

  /** Resolves when it listens. @throws the error of the database when it cannot. */
  async start(): Promise<void> {
    if (this.#client) return;
    this.#opening ??= this.open().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  /** Finds out whether the connection still works: networks drop silent ones without a word. */
  async ping(): Promise<void> {
    const client = this.#client;
    if (!client) return;
    try {
      await client.query({ text: 'select 1', query_timeout: PING_TIMEOUT_MS } as { text: string });
    } catch {
      this.lose(client);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#opening?.catch(() => {});
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  private async open(): Promise<void> {
    const { connection, onSubjects, onGap } = this.#options;
    const client = new Client({
      ...connection,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'kohaku-hub activity',
    });
    client.on('error', () => this.lose(client));
    client.on('end', () => this.lose(client));
    client.on('notification', ({ payload = '' }) => onSubjects(readPayload(payload)));
    try {
      await client.connect();
      await client.query(`listen ${ACTIVITY_CHANNEL}`);
    } catch (error) {
      end(client);
      throw error;
    }
    if (this.#isClosed) return end(client);
    this.#client = client;
    const lostAt = this.#lostAt;
    this.#lostAt = null;
    if (lostAt) onGap(lostAt);
  }

  private lose(client: Client): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#lostAt = new Date();
    end(client);
    if (this.#isClosed) return;
    this.#options.log.warn('The connection that listens for activity was lost. It is opened again.');
    this.retryAfter(MIN_RETRY_MS);
  }

  private retryAfter(pauseMs: number): void {
    this.#retry = setTimeout(() => {
      this.start().catch((error: unknown) => {
        if (this.#isClosed) return;
        this.#options.log.warn(`Listening for activity failed: ${String(error)}`);
        this.retryAfter(Math.min(pauseMs * 2, MAX_RETRY_MS));
      });
    }, pauseMs).unref();
  }
}

/** Its end concerns nobody any more. */
function end(client: Client): void {
  client.end().catch(() => {});
}
