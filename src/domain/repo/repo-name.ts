import { BadRequest } from '../errors.ts';
import { normalizeName, parseNewName } from '../names.ts';

/** Pages of a namespace: a repository of that name would stand in their place. */
const RESERVED: ReadonlySet<string> = new Set(
  [
    'models',
    'datasets',
    'spaces',
    'collections',
    'likes',
    'followers',
    'following',
    'members',
    'settings',
  ].map(normalizeName),
);

/** Checks the name of a repository that is about to be created. @throws {BadRequest} */
export function parseNewRepoName(value: string): string {
  const name = parseNewName(value, 'repository name');
  if (RESERVED.has(normalizeName(name)))
    throw new BadRequest(`"${name}" is reserved. Choose another repository name.`);
  return name;
}
