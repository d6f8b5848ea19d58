import { BadRequest } from '../errors.ts';
import type { RepoType } from './repo.entity.ts';

/** The name of a repository as a caller gave it; not necessarily in its canonical spelling. */
export interface RepoRef {
  readonly type: RepoType;
  readonly namespace: string;
  readonly name: string;
}

const NAME = /^[\w.-]{1,96}$/;

/**
 * False for a name that nothing can have. Asking the database for one would be useless, and text with a NUL in it would
 * fail there, together with the look-ups of other requests.
 */
export function isPossibleName(name: string): boolean {
  return NAME.test(name);
}

/** `namespace/name`, as clients write it. @param field names it in the error. @throws {BadRequest} */
export function parseRepoId(value: string, field: string): { namespace: string; name: string } {
  const [namespace, name, ...rest] = value.split('/');
  if (!namespace || !name || rest.length > 0)
    throw new BadRequest(`${field} must have the form "namespace/name".`);
  return { namespace, name };
}

/** What stands before `namespace/name` in a web URL: nothing for models. */
export function webPrefix(type: RepoType): string {
  return type === 'model' ? '' : `${type}s/`;
}

/** The page of a repository, as clients parse it. @param baseUrl public URL of the hub, without a slash at its end. */
export function repoUrl(baseUrl: string, repo: RepoRef): string {
  return `${baseUrl}/${webPrefix(repo.type)}${repo.namespace}/${repo.name}`;
}

/** Where a file is downloaded; null for a name that is not UTF-8, which no URL can hold. @param baseUrl as in `repoUrl`. */
export function fileUrl(
  baseUrl: string,
  repo: RepoRef,
  { revision, path }: { readonly revision: string; readonly path: string },
): string | null {
  if (!path.isWellFormed() || !revision.isWellFormed()) return null;
  const segments = path.split('/').map(encodeURIComponent).join('/');
  return `${repoUrl(baseUrl, repo)}/resolve/${encodeURIComponent(revision)}/${segments}`;
}

/** The address of a repository in the API. @param baseUrl as in `repoUrl`. */
export function repoApiUrl(baseUrl: string, { type, namespace, name }: RepoRef): string {
  return `${baseUrl}/api/${type}s/${namespace}/${name}`;
}
