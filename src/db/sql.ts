import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { type Pool, type PoolClient, type QueryConfig, TypeOverrides, types as defaultTypes } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A statement with its values. A `name` makes PostgreSQL parse and plan it once per connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** What queries run on: the pool, or one transaction of it. */
export interface SqlExecutor {
  /** All rows. `bigint` arrives as number, `timestamptz` as Date, `bytea` as Buffer. */
  query<Row extends object>(statement: Statement): Promise<Row[]>;
  /** Number of rows changed. */
  execute(statement: Statement): Promise<number>;
}

/** One open transaction; also takes COPY streams. */
export interface SqlTransaction extends SqlExecutor {
  /** Runs `COPY … FROM STDIN` in text format. Lines end in `\n`; see `copyText` (`copy-text.ts`) for the cells. */
  copyIn(copyStatement: string, lines: Iterable<string> | AsyncIterable<Buffer>): Promise<void>;
  /** Has others told, after the COMMIT and only then, that something happened: see `src/domain/activity/subjects.ts`. */
  announce(subject: string): void;
}

/** Takes what committed transactions announced. It must not throw, and nobody waits for it. */
export type OnCommitted = (subjects: ReadonlySet<string>) => void;

const BIGINT_OID = 20;
const BIGINT_ARRAY_OID = 1016;
const types = new TypeOverrides(defaultTypes);
types.setTypeParser(BIGINT_OID, Number);
types.setTypeParser(BIGINT_ARRAY_OID, (value) => value.slice(1, -1).split(',').filter(Boolean).map(Number));

/**
 * SQL for the hot paths, on the same pool as the ORM. A transaction here is not the EntityManager's:
 * a write that includes a commit is plain SQL from start to end, every other write goes through the EntityManager.
 */
export class Sql implements SqlExecutor {
  readonly #pool: Pool;
  readonly #onCommitted: OnCommitted;
  readonly #signal: AbortSignal | undefined;

  constructor(pool: Pool, onCommitted: OnCommitted = () => {}, signal?: AbortSignal) {
    this.#pool = pool;
    this.#onCommitted = onCommitted;
    this.#signal = signal;
  }

  /** The same for work that nobody waits for once the signal is aborted: its next statement, or transaction, throws the reason. */
  until(signal: AbortSignal): Sql {
    return new Sql(this.#pool, this.#onCommitted, signal);
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    this.#signal?.throwIfAborted();
    return (await this.#pool.query<Row>(queryConfig(statement))).rows;
  }

  async execute(statement: Statement): Promise<number> {
    this.#signal?.throwIfAborted();
    return (await this.#pool.query(queryConfig(statement))).rowCount ?? 0;
  }

  /** Commits when `work` resolves, rolls back when it throws. What has begun is not ended by the signal of `until`. */
  async transaction<T>(work: (tx: SqlTransaction) => Promise<T>): Promise<T> {
    this.#signal?.throwIfAborted();
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const tx = new ClientTransaction(client);
      const result = await work(tx);
      await client.query('commit');
      if (tx.announced.size > 0) this.#onCommitted(tx.announced);
      return result;
    } catch (error) {
      await client.query('rollback').catch((rollbackError: Error) => {
        broken = rollbackError;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

class ClientTransaction implements SqlTransaction {
  readonly announced = new Set<string>();
  readonly #client: PoolClient;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async query<Row extends object>(statement: Statement): Promise<Row[]> {
    return (await this.#client.query<Row>(queryConfig(statement))).rows;
  }

  async execute(statement: Statement): Promise<number> {
    return (await this.#client.query(queryConfig(statement))).rowCount ?? 0;
  }

  announce(subject: string): void {
    this.announced.add(subject);
  }

  async copyIn(copyStatement: string, lines: Iterable<string> | AsyncIterable<Buffer>): Promise<void> {
    const source = Symbol.asyncIterator in lines ? lines : inChunks(lines);
    await pipeline(Readable.from(source), this.#client.query(copyFrom(copyStatement)));
  }
}

function queryConfig({ name, text, values }: Statement): QueryConfig {
  return { ...(name === undefined ? {} : { name }), text, values: values ? [...values] : [], types };
}

const COPY_CHUNK_CHARS = 64 * 1024;

function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += line;
    if (chunk.length < COPY_CHUNK_CHARS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk) yield chunk;
}
