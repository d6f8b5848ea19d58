import type { FastifyRequest } from 'fastify';
import { maxReceivePackBytes } from '../../src/domain/git/git-push.service.ts';
import { MAX_REQUEST_BYTES } from '../../src/domain/git/upload-pack-request.ts';
import { readBody } from '../wire/request-body.ts';

/** A client that sends nothing for so long is gone. */
const MAX_IDLE_MS = 30_000;
const SHORT_BYTES = 4096;

/** The `Git-Protocol` header, such as `version=2`. */
export function gitProtocol({ headers }: FastifyRequest): string | undefined {
  const header = headers['git-protocol'];
  return Array.isArray(header) ? header[0] : header;
}

/** The body of a request, unpacked and bounded. Call `discardRest` when the answer is known. */
export function gitBody({ raw, headers, scope }: FastifyRequest): AsyncIterable<Buffer> {
  const { requestTimeoutMs } = scope.config.limits;
  return readBody(
    { stream: raw, contentEncoding: headers['content-encoding'] },
    {
      bodyBytes: MAX_REQUEST_BYTES,
      idleMs: Math.min(MAX_IDLE_MS, requestTimeoutMs),
      waitMs: requestTimeoutMs,
      advice: 'Fetch fewer refs at once.',
    },
  );
}

/** The body of a push. It may take as long as git may take with it, while something arrives. */
export function pushBody({ raw, headers, scope }: FastifyRequest): AsyncIterable<Buffer> {
  const { git, limits } = scope.config;
  return readBody(
    { stream: raw, contentEncoding: headers['content-encoding'] },
    {
      bodyBytes: maxReceivePackBytes(scope.config),
      idleMs: Math.max(MAX_IDLE_MS, limits.requestTimeoutMs),
      waitMs: git.timeoutMs,
      advice: 'Push fewer commits at once.',
    },
  );
}

/** Whether the body says of itself that it is no longer than lists of refs are asked for. */
export function hasShortBody({ headers }: FastifyRequest): boolean {
  return headers['content-encoding'] === undefined && Number(headers['content-length']) <= SHORT_BYTES;
}
