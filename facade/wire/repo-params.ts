import { z } from 'zod';
import type { RepoType } from '../../src/domain/repo/repo.entity.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { splitUrl } from './split-url.ts';

export { webPrefix } from '../../src/domain/repo/repo-ref.ts';

/** `:types` of a path, and `type` in bodies. */
const TYPE_OF = { models: 'model', datasets: 'dataset', spaces: 'space' } as const satisfies Record<
  string,
  RepoType
>;
export type TypeSegment = keyof typeof TYPE_OF;

/** Path parameter of API routes: `/api/${TYPES}/:namespace/:name/…`. */
export const TYPES = ':types(models|datasets|spaces)';

/** Path parameters of a route that names only a type. */
export const TypeSegmentParam = z.object({ types: z.enum(['models', 'datasets', 'spaces']) });

export function repoType(types: TypeSegment): RepoType {
  return TYPE_OF[types];
}

export interface RepoParams {
  types: TypeSegment;
  namespace: string;
  name: string;
}

/** The repository that a path names. A trailing `.git` is how Git and LFS clients spell it. */
export function repoRef(params: RepoParams): RepoRef {
  return {
    type: TYPE_OF[params.types],
    namespace: params.namespace,
    name: params.name.replace(/\.git$/, ''),
  };
}

/** `models`, `datasets` or `spaces`, as API paths spell a type. */
export function typeSegment(type: RepoType): TypeSegment {
  return `${type}s`;
}

/**
 * The same URL with the repository's new name: a relative redirect, because older clients follow no other on HEAD.
 * @param url path and query of the request.
 */
export function movedLocation(
  url: string,
  target: { type: string; namespace: string; name: string },
): string {
  const { path, query } = splitUrl(url);
  const segments = path.split('/');
  // Further on, such words are folders of the repository.
  const typeAt = segments[1] === 'api' ? 2 : 1;
  const nameAt = Object.hasOwn(TYPE_OF, segments[typeAt] ?? '') ? typeAt + 1 : typeAt;
  const dotGit = segments[nameAt + 1]?.endsWith('.git') ? '.git' : '';
  segments.splice(nameAt, 2, encodeURIComponent(target.namespace), encodeURIComponent(target.name) + dotGit);
  return query === null ? segments.join('/') : `${segments.join('/')}?${query}`;
}
