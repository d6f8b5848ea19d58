import { BadRequest } from '../../src/domain/errors.ts';

/** What follows `/resolve/` or `/tree/` in a URL. */
export interface RevisionPath {
  readonly revision: string;
  /** Empty for the root. */
  readonly path: string;
}

/**
 * Splits a revision from a path. A revision is one segment, in which `%2F` stands for its slashes; `refs/pr/N` and `refs/convert/NAME`
 * may also be written with plain ones, because no branch is called `refs`. Slashes of the path may be either.
 * @param url path and query of the request. @param skip segments before the revision, counting the empty one in front of the first slash.
 * @throws {BadRequest} when the percent-encoding is broken.
 */
export function parseRevisionPath(url: string, skip: number): RevisionPath {
  const end = url.search(/[?#]/);
  const segments = (end === -1 ? url : url.slice(0, end)).split('/').slice(skip).map(decodeSegment);
  const isPlainRef = segments.length >= 3 && segments[0] === 'refs' && /^(?:pr|convert)$/.test(segments[1]!);
  const revisionSegments = isPlainRef ? 3 : 1;
  return {
    revision: segments.slice(0, revisionSegments).join('/'),
    path: segments.slice(revisionSegments).join('/'),
  };
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BadRequest('The URL is not valid percent-encoded UTF-8.');
  }
}
