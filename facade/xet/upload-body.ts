import type { FastifyReply, FastifyRequest } from 'fastify';
import { BadRequest } from '../../src/domain/errors.ts';
import type { UploadBody, XetCaller } from '../../src/domain/xet/upload-body.ts';
import { goneSignal } from '../wire/gone-signal.ts';
import { parse } from '../wire/parse.ts';
import { readBody } from '../wire/request-body.ts';
import { InstanceParams, xetToken } from './xet-request.ts';

/** A client that sends nothing for so long is gone. */
const MAX_IDLE_MS = 30_000;
/** Slower clients are cut off, because a body takes room that others wait for. */
const LEAST_BYTES_PER_MS = 256;

export function xetCaller(request: FastifyRequest): XetCaller {
  return { token: xetToken(request), instanceId: parse(InstanceParams, request.params).instance };
}

/**
 * The body of a request, which is read only when its turn comes. Call `discardRest` when the answer is known.
 * @throws {BadRequest} it is encoded.
 */
export function uploadBody(request: FastifyRequest, reply: FastifyReply): UploadBody {
  const { requestTimeoutMs } = request.scope.config.limits;
  requireIdentity(request);
  const sizeBytes = contentLength(request);
  const limits = {
    bodyBytes: Infinity,
    idleMs: Math.min(MAX_IDLE_MS, requestTimeoutMs),
    waitMs: requestTimeoutMs + (sizeBytes ?? 0) / LEAST_BYTES_PER_MS,
  };
  const bytes = readBody({ stream: request.raw, contentEncoding: 'identity' }, limits);
  return { sizeBytes, bytes, signal: goneSignal(reply) };
}

/** Xorbs and shards are compressed in themselves. Unpacking them again would give bodies of an unknown length. */
function requireIdentity({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return;
  throw new BadRequest('Content-Encoding must be identity here. Send the body as it is.');
}

function contentLength({ headers }: FastifyRequest): number | null {
  const length = headers['content-length'];
  return length === undefined ? null : Number(length);
}
