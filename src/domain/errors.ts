import { DomainError } from '../lib/domain-error.ts';

export {
  BadRequest,
  DomainError,
  InvalidPath,
  PayloadTooLarge,
  RangeNotSatisfiable,
  type DomainErrorCode,
} from '../lib/domain-error.ts';

/** The credentials sent with the request are wrong, expired or revoked. The text is what huggingface_hub looks for. */
export class InvalidCredentials extends DomainError {
  readonly code = 'InvalidCredentials';
  constructor(message = 'Invalid credentials in Authorization header') {
    super(message);
  }
}

/** Nobody is logged in and the operation needs somebody. */
export class Unauthenticated extends DomainError {
  readonly code = 'Unauthenticated';
  constructor(message = 'Log in first: send an access token in the Authorization header.') {
    super(message);
  }
}

/** The caller is known and may see the subject, but may not do this. */
export class Forbidden extends DomainError {
  readonly code = 'Forbidden';
}

/** The repository exists and is visible, its files are for accepted users only. */
export class GatedRepo extends DomainError {
  readonly code = 'GatedRepo';
  constructor(typeName: string, fullName: string) {
    super(
      `Access to ${typeName} ${fullName} is restricted and you are not in the authorized list. Visit its page to ask for access.`,
    );
  }
}

/** Missing and hidden repositories are the same to those who may not see them: same text, same status. */
export class RepoNotFound extends DomainError {
  readonly code = 'RepoNotFound';
  constructor() {
    super('Repository not found. Check the name and the type, and that your token may read it.');
  }
}

/** The repository has a new name; doors answer with a redirect. `details` holds type, namespace and name. */
export class RepoMoved extends DomainError {
  readonly code = 'RepoMoved';
  readonly target: { readonly type: string; readonly namespace: string; readonly name: string };

  constructor(target: { readonly type: string; readonly namespace: string; readonly name: string }) {
    super(`This repository is now called ${target.namespace}/${target.name}.`, { ...target });
    this.target = target;
  }
}

/** No branch, tag or commit of that name. */
export class RevisionNotFound extends DomainError {
  readonly code = 'RevisionNotFound';
  constructor(revision: string) {
    super(`Invalid rev id: ${revision.slice(0, 200)}`);
  }
}

/** The revision has no such file or folder. `commitOid` lets clients cache that fact (`X-Repo-Commit`). */
export class EntryNotFound extends DomainError {
  readonly code = 'EntryNotFound';
  constructor(path: string, commitOid?: string) {
    super(`"${path.slice(0, 200)}" does not exist at this revision.`, commitOid ? { commitOid } : {});
  }
}

/** Anything else that is not there: a token, a user, an invitation. */
export class NotFound extends DomainError {
  readonly code = 'NotFound';
}

/** The name is taken. `details.url` is where the repository lives, so that `exist_ok` works. */
export class RepoExists extends DomainError {
  readonly code = 'RepoExists';
}

/** A branch or tag of that name exists. */
export class RefExists extends DomainError {
  readonly code = 'RefExists';
  constructor(refName: string) {
    super(`Reference ${refName} already exists`, { refName });
  }
}

/** The state of the subject does not allow this. */
export class Conflict extends DomainError {
  readonly code = 'Conflict';
}

/** `parentCommit` is not the head any more. The sentence is what huggingface_hub's users know. */
export class StaleParent extends DomainError {
  readonly code = 'StaleParent';
  constructor() {
    super(
      'A commit has happened since. The branch was updated since you opened this page. Please refresh and try again.',
    );
  }
}

/** A commit names an LFS object whose bytes were not uploaded to this repository. */
export class LfsObjectMissing extends DomainError {
  readonly code = 'LfsObjectMissing';
}

/** The bytes of an old version were removed by the repository's retention setting. */
export class ObjectPruned extends DomainError {
  readonly code = 'ObjectPruned';
}

/** The namespace or the repository has no room for these bytes. */
export class QuotaExceeded extends DomainError {
  readonly code = 'QuotaExceeded';
}

/** Slow down; `details.retryAfterSeconds` says how long. */
export class TooManyRequests extends DomainError {
  readonly code = 'TooManyRequests';
}

/** A feature of the protocol that this hub does not offer. */
export class NotImplemented extends DomainError {
  readonly code = 'NotImplemented';
}

/** A dependency is down or busy; the request may be tried again. */
export class Unavailable extends DomainError {
  readonly code = 'Unavailable';
}
