import type { TRPC_ERROR_CODE_KEY } from '@trpc/server';
import type { DomainErrorCode } from '../../src/domain/errors.ts';

/** The one place where tRPC learns what a domain error means. A new code does not compile until it is here. */
export const TRPC_CODE_OF = {
  BadRequest: 'BAD_REQUEST',
  InvalidPath: 'UNPROCESSABLE_CONTENT',
  InvalidCredentials: 'UNAUTHORIZED',
  Unauthenticated: 'UNAUTHORIZED',
  Forbidden: 'FORBIDDEN',
  GatedRepo: 'FORBIDDEN',
  RepoNotFound: 'NOT_FOUND',
  RepoMoved: 'NOT_FOUND',
  RevisionNotFound: 'NOT_FOUND',
  EntryNotFound: 'NOT_FOUND',
  NotFound: 'NOT_FOUND',
  RepoExists: 'CONFLICT',
  RefExists: 'CONFLICT',
  Conflict: 'CONFLICT',
  StaleParent: 'PRECONDITION_FAILED',
  LfsObjectMissing: 'BAD_REQUEST',
  ObjectPruned: 'NOT_FOUND',
  PayloadTooLarge: 'PAYLOAD_TOO_LARGE',
  QuotaExceeded: 'PAYLOAD_TOO_LARGE',
  RangeNotSatisfiable: 'BAD_REQUEST',
  TooManyRequests: 'TOO_MANY_REQUESTS',
  NotImplemented: 'NOT_IMPLEMENTED',
  Unavailable: 'SERVICE_UNAVAILABLE',
} as const satisfies Record<DomainErrorCode, TRPC_ERROR_CODE_KEY>;
