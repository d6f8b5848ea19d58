import { BadRequest } from './errors.ts';

const MAX_NAME_CHARS = 96;
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/;

/**
 * The form in which names of accounts and repositories are compared (specification: check-name):
 * lower case, `-` becomes `_`. Two names with the same normal form are the same name.
 */
export function normalizeName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

/**
 * Checks a name that is about to be created, after huggingface_hub's `validate_repo_id`.
 * @param what the word for the error, such as "repository name".
 * @throws {BadRequest} when the name breaks the rule; the sentence says the rule.
 */
export function parseNewName(value: string, what: string): string {
  if (value.length > MAX_NAME_CHARS)
    throw new BadRequest(`The ${what} is longer than ${MAX_NAME_CHARS} characters.`);
  if (!NAME.test(value) || value.includes('--') || value.includes('..') || /\.git$/i.test(value)) {
    throw new BadRequest(
      `The ${what} may hold letters, digits, "-", "_" and ".", not start or end with "-" or ".", and not hold "--", ".." or end in ".git".`,
    );
  }
  return value;
}
