import { describe, expect, it } from 'vitest';

import { parseSha256 } from '../lib/sha256.ts';
import { encodeLfsPointer, parseLfsPointer } from './lfs-pointer.ts';

const SHA256 = parseSha256('4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393');
const POINTER = `version https://git-lfs.github.com/spec/v1
oid sha256:${SHA256}
size 12345
`;
const EXTENDED = POINTER.replace(
  'oid',
  `ext-0-foo sha256:${'ab'.repeat(32)}\next-1-bar sha256:${'cd'.repeat(32)}\noid`,
);

describe('LFS pointers', () => {
  it('are written as in the git-lfs specification', () => {
    expect(encodeLfsPointer({ sha256: SHA256, sizeBytes: 12_345 }).toString()).toBe(POINTER);
  });

  it('are read, with extensions or without', () => {
    for (const text of [POINTER, EXTENDED]) {
      expect(parseLfsPointer(Buffer.from(text))).toEqual({ sha256: SHA256, sizeBytes: 12_345 });
    }
    expect(parseLfsPointer(Buffer.from(POINTER.replace('12345', '0')))?.sizeBytes).toBe(0);
  });

  it.for([
    '',
    'hello\n',
    POINTER.slice(0, -1),
    `${POINTER}\n`,
    POINTER.replaceAll('\n', '\r\n'),
    `\n${POINTER}`,
    POINTER.replace('spec/v1', 'spec/v2'),
    POINTER.replace(SHA256, SHA256.toUpperCase()),
    POINTER.replace('sha256:', 'sha1:'),
    POINTER.replace('12345', '-1'),
    POINTER.replace('12345', '012'),
    POINTER.replace('12345', '1e3'),
    POINTER.replace('12345', '9999999999999999'),
    POINTER.replace('size 12345\n', ''),
    POINTER.replace('size', 'size 1\nsize'),
    POINTER.replace('oid', 'abc x\noid'),
    POINTER.replace('oid', 'ext-0-foo sha256:12\noid'),
    EXTENDED.replace('ext-0', 'ext-2'),
    `${POINTER}zzz ${'x'.repeat(1024)}\n`,
  ])('are not seen in %j', (text) => {
    expect(parseLfsPointer(Buffer.from(text))).toBeNull();
  });

  it('are not seen in bytes that are not UTF-8', () => {
    expect(parseLfsPointer(Buffer.concat([Buffer.from(POINTER), Buffer.of(0xff, 0x0a)]))).toBeNull();
  });
});
