import { isOid } from '../../git/oid.ts';
import { parseBranchName } from '../../git/ref-name.ts';
import { BadRequest, RevisionNotFound } from '../errors.ts';
import type { CommitRequest } from './commit-request.ts';
import type { ChangedPath } from './commit.queries.ts';

/** The ref of a pull request; the group is its number. */
export const PULL_REQUEST_REF = /^refs\/pr\/([1-9]\d{0,8})$/;
const COMMIT_PREFIX = /^[0-9a-fA-F]{5,40}$/;
const MAX_TITLE_CHARS = 1000;
const MAX_DESCRIPTION_CHARS = 100_000;

type CommitTexts = Pick<CommitRequest, 'title' | 'description'>;

/** The ref that a commit moves. Only branches and pull requests can be committed to. */
export function branchOf(revision: string): string {
  if (PULL_REQUEST_REF.test(revision)) return revision;
  const short = revision.startsWith('refs/heads/') ? revision.slice('refs/heads/'.length) : revision;
  if (isOid(short) || short.startsWith('refs/')) throw new RevisionNotFound(revision);
  try {
    return parseBranchName(short);
  } catch (error) {
    if (error instanceof BadRequest) throw new RevisionNotFound(revision);
    throw error;
  }
}

/** The texts as Git and the database can hold them. @throws {BadRequest} */
export function checkTexts({ title, description }: CommitTexts): CommitTexts {
  if (title.trim() === '') throw new BadRequest('The commit needs a summary.');
  if (title.length > MAX_TITLE_CHARS)
    throw new BadRequest(`The summary is longer than ${MAX_TITLE_CHARS} characters.`);
  if (description.length > MAX_DESCRIPTION_CHARS) {
    throw new BadRequest(`The description is longer than ${MAX_DESCRIPTION_CHARS} characters.`);
  }
  if (title.includes('\0') || description.includes('\0'))
    throw new BadRequest('The summary and the description must not contain a NUL character.');
  return { title: title.toWellFormed(), description: description.toWellFormed() };
}

/** Enough of a commit id to compare a head with it, or null for no comparison. @throws {BadRequest} */
export function checkCommitPrefix(prefix: string | null, field: string): void {
  if (prefix !== null && !COMMIT_PREFIX.test(prefix)) {
    throw new BadRequest(`${field} must be 5 to 40 hexadecimal digits of a commit id.`);
  }
}

/** What the index is made of: the card and the headers of weights in the root folder. */
export function touchesIndex(changed: readonly ChangedPath[]): boolean {
  return changed.some(
    ({ dir, name }) => dir === '' && (name === 'README.md' || name.endsWith('.safetensors')),
  );
}
