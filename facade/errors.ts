import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type DomainErrorCode, RepoMoved } from '../src/domain/errors.ts';
import { movedLocation } from './wire/repo-params.ts';

/** The one place where REST learns what a domain error means. A new code does not compile until it is here. */
export const STATUS_OF = {
  BadRequest: 400,
  InvalidPath: 422,
  InvalidCredentials: 401,
  Unauthenticated: 401,
  Forbidden: 403,
  GatedRepo: 403,
  RepoNotFound: 404,
  RepoMoved: 307,
  RevisionNotFound: 404,
  EntryNotFound: 404,
  NotFound: 404,
  RepoExists: 409,
  RefExists: 409,
  Conflict: 409,
  StaleParent: 412,
  LfsObjectMissing: 400,
  ObjectPruned: 410,
  PayloadTooLarge: 413,
  QuotaExceeded: 413,
  RangeNotSatisfiable: 416,
  TooManyRequests: 429,
  NotImplemented: 501,
  Unavailable: 503,
} as const satisfies Record<DomainErrorCode, number>;

/** What a door tells the client about an error, before the door's own body shape is put around it. */
export interface WireError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Any thrown value as status, code and text. What is not ours and not the client's fault says nothing of itself. */
export function toWireError(error: FastifyError | DomainError | Error): WireError {
  if (error instanceof DomainError) {
    return {
      status: STATUS_OF[error.code],
      code: error.code,
      message: error.message,
      headers: detailHeaders(error),
    };
  }
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status === 413)
    return { status, code: 'PayloadTooLarge', message: 'The request body is too large.', headers: {} };
  if (status >= 400 && status < 500)
    return { status, code: 'BadRequest', message: error.message, headers: {} };
  return { status: 500, code: 'ServerError', message: 'Internal server error', headers: {} };
}

function detailHeaders({ details }: DomainError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (typeof details['commitOid'] === 'string') headers['x-repo-commit'] = details['commitOid'];
  if (typeof details['retryAfterSeconds'] === 'number')
    headers['retry-after'] = String(details['retryAfterSeconds']);
  if (typeof details['sizeBytes'] === 'number') headers['content-range'] = `bytes */${details['sizeBytes']}`;
  return headers;
}

/** Writes status and the headers that huggingface_hub reads (`hf_raise_for_status`); the body is the door's. */
export function replyWithError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: FastifyError | DomainError,
): WireError {
  const wire = toWireError(error);
  // What the hub cannot do is no failure of it.
  if (wire.status >= 500 && wire.code !== 'NotImplemented')
    request.log.error({ err: error }, 'request failed');
  reply
    .code(wire.status)
    .headers({ 'x-error-code': wire.code, 'x-error-message': headerSafe(wire.message), ...wire.headers });
  return wire;
}

/** The facade's error handler: `{ "error": "…" }` with `X-Error-Code`, `X-Error-Message` and `X-Request-Id`. */
export function installErrorHandler(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError | DomainError>((error, request, reply) => {
    if (error instanceof RepoMoved) {
      const location = movedLocation(request.url, error.target);
      return reply.code(307).headers({ location, 'x-error-code': error.code }).send();
    }
    const wire = replyWithError(request, reply, error);
    return reply.send({ error: wire.message, ...(error instanceof DomainError && shownDetails(error)) });
  });
}

/** What the body says beside the sentence: where the thing lives that exists already, and which paths are in conflict. */
function shownDetails({ details }: DomainError): {
  readonly url?: string;
  readonly conflicts?: readonly unknown[];
} {
  const { url, conflicts } = details;
  return {
    ...(typeof url === 'string' && url !== '' && { url }),
    ...(Array.isArray(conflicts) && { conflicts }),
  };
}

/** Header values may hold visible Latin-1 only; names of repositories and files reach this one. */
export function headerSafe(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\xa0-\xff]+/g, ' ').slice(0, 1000);
}
