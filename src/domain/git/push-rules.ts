import { isValidRefName, parseBranchName, parseTagName } from '../../git/ref-name.ts';
import { DomainError } from '../errors.ts';
import { MAIN_REF } from '../version/ref-names.ts';
import type { PushCommand } from './push-commands.ts';

/** What the caller may change, beside reading the repository. */
export interface PushRights {
  /** All branches and tags, and all open pull requests; else his own pull requests. */
  readonly isWriter: boolean;
  readonly userId: number;
  /** Authors of open pull requests by their numbers, of those that the push names. */
  readonly openPullRequests: ReadonlyMap<number, number | null>;
}

const BRANCH_PREFIX = 'refs/heads/';
const TAG_PREFIX = 'refs/tags/';
const PULL_REQUEST_REF = /^refs\/pr\/([1-9]\d{0,8})$/;

/** Number of the pull request whose ref this is, or null. */
export function pullRequestNumber(refName: string): number | null {
  const number = PULL_REQUEST_REF.exec(refName)?.[1];
  return number === undefined ? null : Number(number);
}

/**
 * Why a command is refused whatever it brings, as `git push` shows it behind the ref; null when it is not. Writers may move branches
 * and tags to anything, as on huggingface.co: git itself asks for `--force` before it replaces history.
 */
export function refusalOf({ refName, newOid }: PushCommand, rights: PushRights): string | null {
  if (!isValidRefName(refName) || !refName.startsWith('refs/')) return 'funny refname';
  if (refName.startsWith('refs/pr/')) return pullRequestRefusal(refName, newOid === null, rights);
  if (!rights.isWriter) return 'you have no write access';
  if (refName.startsWith(BRANCH_PREFIX)) {
    if (newOid === null) return refName === MAIN_REF ? 'deletion of the default branch prohibited' : null;
    return nameRefusal(() => parseBranchName(refName.slice(BRANCH_PREFIX.length)));
  }
  if (refName.startsWith(TAG_PREFIX))
    return newOid === null ? null : nameRefusal(() => parseTagName(refName.slice(TAG_PREFIX.length)));
  if (refName.startsWith('refs/convert/')) return 'the hub itself writes refs/convert';
  return 'only branches, tags and pull requests can be pushed';
}

function pullRequestRefusal(refName: string, isDeletion: boolean, rights: PushRights): string | null {
  const number = pullRequestNumber(refName);
  if (number === null || !rights.openPullRequests.has(number)) return 'there is no such open pull request';
  if (!rights.isWriter && rights.openPullRequests.get(number) !== rights.userId)
    return 'only its author and people with write access may push to this pull request';
  return isDeletion ? 'a pull request cannot be deleted by a push' : null;
}

function nameRefusal(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}

/**
 * Creations that would make a ref both a file and a folder, as Git keeps them: `a` and `a/b` cannot both exist.
 * @param existing names of all refs, without those that are deleted at the same time.
 */
export function prefixConflicts(existing: Iterable<string>, created: readonly string[]): ReadonlySet<string> {
  const names = new Set(existing);
  const folders = new Set<string>();
  for (const name of names) for (const folder of foldersAbove(name)) folders.add(folder);
  const conflicts = new Set<string>();
  for (const name of created) {
    const above = foldersAbove(name);
    if (folders.has(name) || above.some((folder) => names.has(folder))) {
      conflicts.add(name);
      continue;
    }
    names.add(name);
    for (const folder of above) folders.add(folder);
  }
  return conflicts;
}

function foldersAbove(name: string): string[] {
  const parts = name.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
