import { DomainError } from '../lib/domain-error.ts';

export { RangeNotSatisfiable } from '../lib/domain-error.ts';

/** The store holds no object (or no multipart upload) under that key. */
export class ObjectNotFound extends DomainError {
  readonly code = 'NotFound';

  constructor(what: string, options?: ErrorOptions) {
    super(`Nothing is stored under "${what}".`, { key: what }, options);
  }
}

/** Bytes differ from what was promised: size, sha256, part list or version. Nothing became visible. */
export class ObjectMismatch extends DomainError {
  readonly code = 'BadRequest';
}

/** The store cannot be reached, refuses the hub's credentials, or failed inside. Worth a retry later. */
export class StorageUnavailable extends DomainError {
  readonly code = 'Unavailable';
}

/** The disk (or its quota) is full. Nothing became visible. */
export class StorageFull extends DomainError {
  readonly code = 'Unavailable';

  constructor(options?: ErrorOptions) {
    super('The object store has no space left. Free some space and send the file again.', {}, options);
  }
}

/** A signed URL that this hub did not make, or one made for another method. */
export class SignatureInvalid extends DomainError {
  readonly code = 'Forbidden';

  constructor() {
    super('The signature of this URL is not valid. Ask the hub for a new URL.');
  }
}

/** A signed URL of this hub whose time is over. */
export class SignatureExpired extends DomainError {
  readonly code = 'Forbidden';

  constructor() {
    super('This URL has expired. Ask the hub for a new URL.');
  }
}
