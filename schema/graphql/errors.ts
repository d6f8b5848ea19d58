import * as errors from '../../src/domain/errors.ts';
import { builder } from './builder.ts';

/** What every refused mutation says: a stable code, and a sentence that tells what to do. */
const DomainErrorType = builder.interfaceRef<errors.DomainError>('DomainError').implement({
  fields: (t) => ({
    code: t.exposeString('code', { description: 'As `X-Error-Code` of the REST interface.' }),
    message: t.exposeString('message'),
    details: t.field({
      type: 'JSON',
      description:
        'What a program can go by, such as the paths of a `Conflict` or the new name of a moved repository',
      resolve: ({ details }) => details,
    }),
  }),
});

/** The errors that can be members of a mutation's result union; the rest of the codes belong to other protocols. */
const ERRORS = [
  errors.BadRequest,
  errors.InvalidPath,
  errors.InvalidCredentials,
  errors.Unauthenticated,
  errors.Forbidden,
  errors.GatedRepo,
  errors.RepoNotFound,
  errors.RepoMoved,
  errors.RevisionNotFound,
  errors.EntryNotFound,
  errors.NotFound,
  errors.RepoExists,
  errors.RefExists,
  errors.Conflict,
  errors.StaleParent,
  errors.LfsObjectMissing,
  errors.PayloadTooLarge,
  errors.QuotaExceeded,
  errors.TooManyRequests,
  errors.NotImplemented,
  errors.Unavailable,
];

for (const error of ERRORS) {
  builder.objectType(error, { name: `${error.name}Error`, interfaces: [DomainErrorType] });
}

/** Errors of any change. */
const OF_ANY_CHANGE = [errors.Unauthenticated, errors.Forbidden, errors.BadRequest] as const;

type ErrorClass = (typeof ERRORS)[number];

/** The members of a mutation's result union: what can happen to any change, and what can happen to this one. */
export function failsWith(...types: readonly ErrorClass[]) {
  return { errors: { types: [...OF_ANY_CHANGE, ...types] } };
}

/** Likewise for a change to a repository. */
export function repoFailsWith(...types: readonly ErrorClass[]) {
  return failsWith(errors.RepoNotFound, errors.RepoMoved, ...types);
}
