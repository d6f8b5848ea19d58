import { type DomainError, NotFound, RepoNotFound } from '../src/domain/errors.ts';

/** A repository id of one segment, such as `gpt2`, where `namespace/name` belongs. */
const LEGACY_ID =
  /^\/(?:api\/(?:models|datasets|spaces)\/[^/]+(?:$|\/(?:tree|revision|refs|commits|paths-info|preupload|commit)(?:$|\/))|(?:(?:datasets|spaces)\/)?[^/]+\/resolve\/)/;

/** What the API of spaces has beside spaces, which no client means as an id. */
const NO_ID = /^\/api\/spaces\/(?:hardware|semantic-search|templates|zero-gpu)(?:$|\/)/;

/**
 * What no route serves. Clients still ask for ids without a namespace; those repositories cannot exist here, and
 * `RepoNotFound` is the answer that makes huggingface_hub raise the right exception.
 * @param path of the request, without its query.
 */
export function notFoundAt(path: string): DomainError {
  if (path === '/oauth/device')
    return new NotFound(
      'This hub has no login through a browser. Use an access token: hf auth login --token <token>.',
    );
  return LEGACY_ID.test(path) && !NO_ID.test(path)
    ? new RepoNotFound()
    : new NotFound('There is nothing at this address.');
}
