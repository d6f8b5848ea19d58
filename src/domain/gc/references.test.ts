import { describe, expect, it } from 'vitest';
import { encodeCommit } from '../../git/commit.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import { encodeTag } from '../../git/tag.ts';
import { encodeTree } from '../../git/tree.ts';
import { eachReference } from './references.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [Oid, Oid, Oid];
const ada = { name: 'Ada', email: 'ada@example.test', at: new Date(0), tzMinutes: 0 };

function references(type: keyof typeof OBJECT_TYPE_CODE, data: Buffer): string[] {
  const found: string[] = [];
  eachReference(OBJECT_TYPE_CODE[type], data, (bytes, at) => found.push(bytes.toString('hex', at, at + 20)));
  return found;
}

describe('references', () => {
  it('of a tree are its entries without submodules', () => {
    const tree = encodeTree([
      { mode: '100644', name: 'file name', oid: A },
      { mode: '40000', name: 'folder', oid: B },
      { mode: '160000', name: 'submodule', oid: C },
      { mode: '120000', name: 'zlink', oid: C },
    ]);
    expect(references('tree', tree)).toEqual([A, B, C]);
    expect(references('tree', Buffer.alloc(0))).toEqual([]);
  });

  it('of a commit are its tree and parents, not what its message says', () => {
    const commit = (parents: Oid[]): Buffer =>
      encodeCommit({
        tree: A,
        parents,
        author: ada,
        committer: ada,
        message: `parent ${C}\n\nparent ${C}\n`,
      });
    expect(references('commit', commit([B, C]))).toEqual([A, B, C]);
    expect(references('commit', commit([]))).toEqual([A]);
  });

  it('of a tag are its object, and of a blob nothing', () => {
    const tag = encodeTag({ object: B, type: 'commit', name: 'v1', tagger: ada, message: 'x' });
    expect(references('tag', tag)).toEqual([B]);
    expect(references('blob', tag)).toEqual([]);
  });

  it('are not guessed from broken objects', () => {
    const tree = encodeTree([{ mode: '100644', name: 'file', oid: A }]);
    expect(() => references('tree', tree.subarray(0, -1))).toThrow('cut off');
    expect(() => references('commit', Buffer.from('parent x'))).toThrow('names nothing');
    expect(() => references('tag', Buffer.from(`object ${A.slice(1)}\n`))).toThrow('names nothing');
  });
});
