import { isOid } from '../../git/oid.ts';
import { parseBranchName } from '../../git/ref-name.ts';
import { BadRequest, RevisionNotFound } from '../errors.ts';
import type { CommitRequest } from './commit-request.ts';
import type { ChangedPath } from './commit.queries.ts';

/** The ref of a pull request; the group is its number. */
export const PULL_REQUEST_REF = /^refs\/pr\/([1-9]\d{0,8})$/;
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

/** What the index is made of: the card and the headers of weights in the root folder. */
export function touchesIndex(changed: readonly ChangedPath[]): boolean {
  return changed.some(
    ({ dir, name }) => dir === '' && (name === 'README.md' || name.endsWith('.safetensors')),
  );
}
