import { describe, expect, test } from 'vitest';
import { hashObject } from '../../git/object.ts';
import { MAX_PATH_BYTES } from '../../git/path.ts';
import { BadRequest } from '../errors.ts';
import {
  decodeHistoryCursor,
  decodeTreeCursor,
  encodeHistoryCursor,
  encodeTreeCursor,
} from './read-cursor.ts';

const OID = hashObject('blob', Buffer.from('x'));

function raw(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

describe('cursors', () => {
  test.each([
    'a',
    'a/ü/%2F?.txt',
    'byte \udcff that is not UTF-8',
    'x'.repeat(MAX_PATH_BYTES),
    '\udcff'.repeat(MAX_PATH_BYTES),
  ])('keep the path %#', (path) => {
    expect(decodeTreeCursor(encodeTreeCursor({ commitOid: OID, path }))).toEqual({ commitOid: OID, path });
  });

  test('keep a place in history', () => {
    const position = { start: OID, skip: 17 };
    expect(decodeHistoryCursor(encodeHistoryCursor(position))).toEqual(position);
  });

  test.each([
    '',
    'x',
    '!!!!',
    raw(null),
    raw({}),
    raw([]),
    raw(['tree', OID]),
    raw(['tree', OID, '']),
    raw(['tree', OID, 1]),
    raw(['tree', OID, 'a', 'b']),
    raw(['tree', 'main', 'a']),
    raw(['tree', OID.toUpperCase(), 'a']),
    raw(['history', OID, 0]),
    'A'.repeat(1_000_000),
  ])('of a tree are not %#', (cursor) => {
    expect(() => decodeTreeCursor(cursor)).toThrow(BadRequest);
  });

  test.each([
    '',
    raw(['history', OID, -1]),
    raw(['history', OID, 0.5]),
    raw(['history', OID, 1e9]),
    raw(['history', OID, '1']),
    raw(['history', 'zz', 1]),
    raw(['history', OID, 1, 1]),
    raw(['tree', OID, 'a']),
  ])('of a history are not %#', (cursor) => {
    expect(() => decodeHistoryCursor(cursor)).toThrow(BadRequest);
  });
});
