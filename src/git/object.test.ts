import { describe, expect, it } from 'vitest';

import { BadRequest } from '../lib/domain-error.ts';
import { blobHasher, hashObject, OBJECT_TYPE_CODE, objectTypeOfCode } from './object.ts';

describe('hashObject', () => {
  it('gives the ids that git gives', () => {
    expect(hashObject('blob', Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
    expect(hashObject('blob', new Uint8Array())).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
  });
});

describe('blobHasher', () => {
  it('hashes chunks like the whole', () => {
    expect(blobHasher(6).update(Buffer.from('hel')).update(Buffer.from('lo\n')).digest()).toBe(
      'ce013625030ba8dba906f756967f9e9ca394464a',
    );
  });

  it('refuses a blob that is shorter or longer than announced', () => {
    for (const size of [5, 7]) {
      expect(() => blobHasher(size).update(Buffer.from('hello\n')).digest()).toThrow(BadRequest);
    }
  });
});

describe('type codes', () => {
  it('go both ways; deltas and unknown codes are no type', () => {
    for (const type of ['commit', 'tree', 'blob', 'tag'] as const) {
      expect(objectTypeOfCode(OBJECT_TYPE_CODE[type])).toBe(type);
    }
    for (const code of [0, 5, 6, 7, 8]) expect(objectTypeOfCode(code)).toBeUndefined();
  });
});
