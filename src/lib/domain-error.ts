/**
 * Every code a user can see: `X-Error-Code` over REST, `extensions.code` over GraphQL, `data.domainCode` over tRPC.
 * Codes are public API: add, never rename. Each door maps every code once, in an exhaustive table.
 */
export type DomainErrorCode =
  | 'BadRequest'
  | 'InvalidPath'
  | 'InvalidCredentials'
  | 'Unauthenticated'
  | 'Forbidden'
  | 'GatedRepo'
  | 'RepoNotFound'
  | 'RepoMoved'
  | 'RevisionNotFound'
  | 'EntryNotFound'
  | 'NotFound'
  | 'RepoExists'
  | 'RefExists'
  | 'Conflict'
  | 'StaleParent'
  | 'LfsObjectMissing'
  | 'ObjectPruned'
  | 'PayloadTooLarge'
  | 'QuotaExceeded'
  | 'RangeNotSatisfiable'
  | 'TooManyRequests'
  | 'NotImplemented'
  | 'Unavailable';

/** Base of everything the domain refuses. `message` is shown to the user: it says what to do and holds no secret. */
export abstract class DomainError extends Error {
  abstract readonly code: DomainErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.details = details;
  }
}

/** A value from the wire that breaks a documented rule; the message names the field. */
export class BadRequest extends DomainError {
  readonly code = 'BadRequest';
}

/** A path inside a repository that Git or the hub refuses (huggingface_hub expects 422). */
export class InvalidPath extends DomainError {
  readonly code = 'InvalidPath';
}

/** The byte range asked for lies outside the file; `details.sizeBytes` is the file's size. */
export class RangeNotSatisfiable extends DomainError {
  readonly code = 'RangeNotSatisfiable';
}

/** More bytes, lines or entries than the documented limit. */
export class PayloadTooLarge extends DomainError {
  readonly code = 'PayloadTooLarge';
}
