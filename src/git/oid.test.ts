import { describe, expect, it } from 'vitest';

import { BadRequest } from '../lib/domain-error.ts';
import { hashObject } from './object.ts';
import { EMPTY_TREE_OID, isOid, oidFromBytes, oidToBytes, parseOid, ZERO_OID } from './oid.ts';

const HELLO = 'ce013625030ba8dba906f756967f9e9ca394464a';

describe('object ids', () => {
  it('are 40 lower-case hex digits', () => {
    expect(parseOid(HELLO)).toBe(HELLO);
    for (const value of [
      '',
      HELLO.toUpperCase(),
      HELLO.slice(1),
      `${HELLO}0`,
      `${HELLO}\n`,
      'g'.repeat(40),
    ]) {
      expect(isOid(value)).toBe(false);
      expect(() => parseOid(value)).toThrow(BadRequest);
    }
  });

  it('go to bytes and back', () => {
    const bytes = oidToBytes(parseOid(HELLO));
    expect(bytes).toHaveLength(20);
    expect(oidFromBytes(new Uint8Array(bytes))).toBe(HELLO);
    expect(oidFromBytes(Buffer.concat([Buffer.of(1), bytes]).subarray(1))).toBe(HELLO);
    expect(() => oidFromBytes(bytes.subarray(1))).toThrow(RangeError);
  });

  it('have two special values', () => {
    expect(oidToBytes(ZERO_OID)).toEqual(Buffer.alloc(20));
    expect(hashObject('tree', Buffer.alloc(0))).toBe(EMPTY_TREE_OID);
  });
});
