import { expect, it } from 'vitest';
import type { Oid } from '../../git/oid.ts';
import { prefixConflicts, refusalOf } from './push-rules.ts';

const OID = 'a'.repeat(40) as Oid;
const WRITER = { isWriter: true, userId: 1, openPullRequests: new Map([[3, 2]]) };
const AUTHOR = { ...WRITER, isWriter: false, userId: 2 };

function create(refName: string) {
  return { refName, oldOid: null, newOid: OID };
}

function remove(refName: string) {
  return { refName, oldOid: OID, newOid: null };
}

it.each(['refs/heads/x', 'refs/heads/a/b', 'refs/tags/v1', 'refs/pr/3', 'refs/heads/main'])(
  'lets a writer push %s',
  (refName) => {
    expect(refusalOf(create(refName), WRITER)).toBeNull();
  },
);

it.each([
  ['HEAD', 'funny refname'],
  ['main', 'funny refname'],
  ['refs/heads/../x', 'funny refname'],
  ['refs/heads/x.lock', 'funny refname'],
  ['refs/heads/@{x', 'funny refname'],
  ['refs/heads/refs/heads/x', 'reserved'],
  ['refs/tags/HEAD', 'reserved'],
  ['refs/stash', 'only branches'],
  ['refs/pr/03', 'no such open pull request'],
  ['refs/pr/3/head', 'no such open pull request'],
  ['refs/pr/4', 'no such open pull request'],
])('refuses %s', (refName, reason) => {
  expect(refusalOf(create(refName), WRITER)).toContain(reason);
});

it('lets go of everything but the default branch and pull requests', () => {
  expect(refusalOf(remove('refs/heads/x'), WRITER)).toBeNull();
  // Such a name may be there from before the rules.
  expect(refusalOf(remove(`refs/tags/${OID}`), WRITER)).toBeNull();
  expect(refusalOf(remove('refs/heads/main'), WRITER)).toContain('default branch');
  expect(refusalOf(remove('refs/pr/3'), WRITER)).toContain('cannot be deleted');
});

it('lets an author push to his own pull request, and to nothing else', () => {
  expect(refusalOf(create('refs/pr/3'), AUTHOR)).toBeNull();
  expect(refusalOf(create('refs/pr/3'), { ...AUTHOR, userId: 9 })).toContain('only its author');
  expect(refusalOf(create('refs/heads/x'), AUTHOR)).toContain('no write access');
  expect(refusalOf(remove('refs/tags/x'), AUTHOR)).toContain('no write access');
});

function conflicts(existing: string[], created: string[]): string[] {
  return [...prefixConflicts(existing, created)];
}

it('finds names that are folders of others', () => {
  expect(conflicts(['refs/heads/a'], ['refs/heads/a/b', 'refs/heads/ab'])).toEqual(['refs/heads/a/b']);
  expect(conflicts(['refs/heads/a/b'], ['refs/heads/a', 'refs/heads/a/c'])).toEqual(['refs/heads/a']);
  expect(conflicts([], ['refs/heads/x/y', 'refs/heads/x'])).toEqual(['refs/heads/x']);
});
