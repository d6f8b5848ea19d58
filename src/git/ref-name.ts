import type { Brand } from '../lib/brand.ts';
import { BadRequest } from '../lib/domain-error.ts';
import { isOid } from './oid.ts';
import { quote } from './quote.ts';

/** A full ref name: `refs/heads/main`, `refs/tags/v1`, `refs/pr/1`. */
export type RefName = Brand<string, 'RefName'>;

const BRANCH_PREFIX = 'refs/heads/';
const TAG_PREFIX = 'refs/tags/';

/** Git keeps a ref as a file and adds `.lock` while it writes; 255 bytes is what file systems allow. */
const MAX_COMPONENT_BYTES = 250;
const MAX_REF_BYTES = 1024;

/** Controls, space, DEL and `~^:?*[\` anywhere; `..`, `@{`, `//`; a dot or `.lock` at the wrong end of a component. */
const FORBIDDEN = /[\0- \x7f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|(?:^|\/)\.|\.lock(?:\/|$)|\.$/;

/** The rules of `git check-ref-format` for full names, plus limits on length; lone surrogates are refused too. */
export function isValidRefName(name: string): name is RefName {
  if (!name.includes('/') || name.length > MAX_REF_BYTES || FORBIDDEN.test(name) || !name.isWellFormed()) {
    return false;
  }
  if (Buffer.byteLength(name) > MAX_REF_BYTES) return false;
  return name.split('/').every((component) => Buffer.byteLength(component) <= MAX_COMPONENT_BYTES);
}

/** `main` -> `refs/heads/main`. @throws {BadRequest} */
export function parseBranchName(name: string): RefName {
  return parseShortName('branch', BRANCH_PREFIX, name);
}

/** `v1.0` -> `refs/tags/v1.0`. @throws {BadRequest} */
export function parseTagName(name: string): RefName {
  return parseShortName('tag', TAG_PREFIX, name);
}

/** `refs/heads/main` -> `main`, `refs/tags/v1` -> `v1`; any other ref keeps its full name. */
export function shortRefName(ref: RefName): string {
  if (ref.startsWith(BRANCH_PREFIX)) return ref.slice(BRANCH_PREFIX.length);
  return ref.startsWith(TAG_PREFIX) ? ref.slice(TAG_PREFIX.length) : ref;
}

function parseShortName(kind: 'branch' | 'tag', prefix: string, name: string): RefName {
  const ref = prefix + name;
  if (name.startsWith('-') || name === '@' || !isValidRefName(ref)) {
    throw new BadRequest(`${quote(name)} is not a valid ${kind} name (see git check-ref-format).`);
  }
  if (isOid(name.toLowerCase())) {
    throw new BadRequest(`The ${kind} name ${quote(name)} looks like a commit id; choose another one.`);
  }
  if (name === 'HEAD' || name.startsWith('refs/')) {
    throw new BadRequest(`The ${kind} name ${quote(name)} is reserved; choose another one.`);
  }
  return ref;
}
