import type { FastifyBaseLogger, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PassThrough } from 'node:stream';
import type { ShardProgress } from '../../src/domain/xet/shard-upload.service.ts';
import { toWireError } from '../errors.ts';
import { discardRest } from '../wire/request-body.ts';
import { uploadBody, xetCaller } from './upload-body.ts';
import { XET_BASE } from './xet-request.ts';

/** `xet-core` gives up after 300 s without a byte, and proxies after less. */
const REPEAT_MS = 15_000;

/** POST shards: registers files. Version 2 tells how far it is; its errors come in the stream once that has begun. */
export const shardsRoute: FastifyPluginAsync = async (app) => {
  // Clients before version 1.1.10 of `hf_xet` name a shard by its hash, which says nothing that its bytes do not.
  for (const path of ['/v1/shards', '/shards', '/shard/:prefix/:hash']) {
    app.post(`${XET_BASE}${path}`, { schema: { hide: true } }, async (request, reply) => {
      try {
        const { shardUploads } = request.scope.services;
        const { isNew } = await shardUploads.register(xetCaller(request), uploadBody(request, reply));
        return { result: resultOf(isNew) };
      } finally {
        discardRest(request.raw);
      }
    });
  }
  app.post(`${XET_BASE}/v2/shards`, { schema: { hide: true } }, async (request, reply) => {
    try {
      const lines = new EventLines(request.log);
      await Promise.race([lines.started, lines.follow(register(request, reply, lines))]);
      return await reply.type('application/x-ndjson').send(lines.stream);
    } finally {
      discardRest(request.raw);
    }
  });
};

async function register(
  request: FastifyRequest,
  reply: FastifyReply,
  lines: EventLines,
): Promise<ShardEvent> {
  const { shardUploads } = request.scope.services;
  const { isNew } = await shardUploads.register(xetCaller(request), uploadBody(request, reply), (progress) =>
    lines.write(eventOf(progress)),
  );
  return { type: 'result', result: resultOf(isNew) };
}

type ShardEvent =
  | { readonly type: 'validating'; readonly verified: number; readonly total: number }
  | { readonly type: 'committing'; readonly stage: 'uploading' | 'syncing' }
  | { readonly type: 'result'; readonly result: 0 | 1 }
  | { readonly type: 'error'; readonly message: string; readonly retryable: boolean };

function eventOf(progress: ShardProgress): ShardEvent {
  if (progress.stage === 'registering') return { type: 'committing', stage: 'syncing' };
  return { type: 'validating', verified: progress.checkedBytes, total: progress.totalBytes };
}

/** Clients ignore it. */
function resultOf(isNew: boolean): 0 | 1 {
  return isNew ? 1 : 0;
}

/** The stream of an answer, one event in a line. */
class EventLines {
  readonly stream = new PassThrough();
  readonly #log: FastifyBaseLogger;
  readonly #started = Promise.withResolvers<void>();
  #hasStarted = false;
  #lastLine = '';

  constructor(log: FastifyBaseLogger) {
    this.#log = log;
  }

  /** Resolves at the first line. From then on the status is 200. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** A client that does not read gets fewer lines. */
  write(event: ShardEvent): void {
    this.#lastLine = `${JSON.stringify(event)}\n`;
    this.#hasStarted = true;
    this.#started.resolve();
    if (!this.stream.destroyed && !this.stream.writableNeedDrain) this.stream.write(this.#lastLine);
  }

  /** Ends the stream with what `work` comes to. @throws what `work` throws before the first line. */
  async follow(work: Promise<ShardEvent>): Promise<void> {
    const repeat = setInterval(() => this.repeat(), REPEAT_MS);
    try {
      this.end(await work);
    } catch (error) {
      if (!this.#hasStarted) throw error;
      this.end(this.failure(error));
    } finally {
      clearInterval(repeat);
    }
  }

  private repeat(): void {
    const { stream } = this;
    if (this.#hasStarted && !stream.destroyed && !stream.writableNeedDrain) stream.write(this.#lastLine);
  }

  private end(event: ShardEvent): void {
    if (!this.stream.destroyed) this.stream.end(`${JSON.stringify(event)}\n`);
    this.#started.resolve();
  }

  private failure(error: unknown): ShardEvent {
    const { status, message } = toWireError(error as Error);
    if (status >= 500) this.#log.error({ err: error }, 'the registration of a shard failed');
    return { type: 'error', message, retryable: status >= 500 || status === 429 };
  }
}
