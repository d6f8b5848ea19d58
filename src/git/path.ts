import type { Brand } from '../lib/brand.ts';
import { InvalidPath } from '../lib/domain-error.ts';
import { looksLikeDotGit } from './entry-name.ts';
import { quote } from './quote.ts';

/** A path of a file or folder inside a repository: `a/b.txt`, no slash at either end, safe to check out anywhere. */
export type RepoPath = Brand<string, 'RepoPath'>;

/** Paths are keys of indexes, whose entries have at most 2704 bytes. */
export const MAX_PATH_BYTES = 2048;
export const MAX_SEGMENT_BYTES = 255;
/** Each level is one tree object, so depth must cost something: 25,000 paths of 2,048 levels would be 51 million trees. */
export const MAX_PATH_SEGMENTS = 256;

/** @throws {InvalidPath} with a sentence that names the path and the rule it breaks. */
export function parseRepoPath(value: string): RepoPath {
  const problem = problemOf(value);
  if (problem) throw new InvalidPath(`The path ${quote(value)} is invalid: ${problem}.`);
  return value as RepoPath;
}

/** As `parseRepoPath`; one slash at the end is allowed and dropped. @throws {InvalidPath} */
export function parseFolderPath(value: string): RepoPath {
  return parseRepoPath(value.endsWith('/') ? value.slice(0, -1) : value);
}

function problemOf(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.length > MAX_PATH_BYTES || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    return `it is longer than ${MAX_PATH_BYTES} bytes`;
  }
  if (!path.isWellFormed()) return 'it is not valid Unicode';
  if (/\p{Cc}/u.test(path)) return 'it contains a control character';
  if (path.includes('\\')) return 'it contains a backslash; folders are separated by /';
  const segments = path.split('/');
  if (segments.length > MAX_PATH_SEGMENTS) return `it has more than ${MAX_PATH_SEGMENTS} levels`;
  for (const segment of segments) {
    const problem = problemOfSegment(segment);
    if (problem) return problem;
  }
  return undefined;
}

function problemOfSegment(segment: string): string | undefined {
  if (segment === '') return 'it begins or ends with a slash or has two in a row';
  if (segment === '.' || segment === '..') return "it contains the segment '.' or '..'";
  if (segment.length > MAX_SEGMENT_BYTES / 4 && Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
    return `one of its names is longer than ${MAX_SEGMENT_BYTES} bytes`;
  }
  return looksLikeDotGit(segment) ? `${quote(segment)} is reserved for Git` : undefined;
}
