import { describe, expect, it } from 'vitest';
import { BadRequest } from '../lib/domain-error.ts';
import { parseSha256 } from '../lib/sha256.ts';
import { lfsKey, parseObjectKey, segmentKey, uploadKey, xorbKey } from './keys.ts';

const SHA256 = parseSha256('abcd'.padEnd(64, '0'));
const UUID = '0190b0a5-1111-7222-8333-44444444ef01';

const TOO_LONG = ['a'.repeat(201), `${'a/'.repeat(300)}a`];
const REFUSED = [
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  '../a',
  'a/../b',
  'a/./b',
  '.a',
  'a/.b',
  ...TOO_LONG,
].concat(['a\0b', 'a\nb', 'a b', 'a\\b', 'ä', 'a%2e', 'a?b', 'a/b\n']);

describe('keys', () => {
  it('fans LFS objects and xorbs out by the UUID of their upload', () => {
    expect(lfsKey(SHA256, UUID)).toBe(`lfs/01/90/${SHA256}-${UUID}`);
    expect(xorbKey(SHA256, UUID)).toBe(`xorbs/01/90/${SHA256}-${UUID}`);
    expect(() => xorbKey('../x', UUID)).toThrow(BadRequest);
  });

  it('fans segments and uploads out by the random end of their UUID', () => {
    expect(segmentKey(7, UUID, 'pack')).toBe(`segments/ef/01/7-${UUID}.pack`);
    expect(segmentKey(7n, UUID, 'idx')).toBe(`segments/ef/01/7-${UUID}.idx`);
    expect(uploadKey(UUID)).toBe(`uploads/01/${UUID}`);
  });

  it.each(['', '../x', UUID.toUpperCase(), `${UUID}/..`])('takes no other id than a UUID: %j', (id) => {
    expect(() => uploadKey(id)).toThrow(BadRequest);
    expect(() => lfsKey(SHA256, id)).toThrow(BadRequest);
    expect(() => xorbKey(SHA256, id)).toThrow(BadRequest);
    expect(() => segmentKey(1, id, 'pack')).toThrow(BadRequest);
  });

  it.each(['lfs/ab/cd/x', 'a', 'a/b.c-d_e'])('reads back the key %j', (key) => {
    expect(parseObjectKey(key)).toBe(key);
  });

  it.each(REFUSED)('refuses the key %j', (key) => {
    expect(() => parseObjectKey(key)).toThrow(BadRequest);
  });
});
