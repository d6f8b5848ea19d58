import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { checkEntryName, decodeEntryName, encodeEntryName } from './entry-name.ts';
import { MalformedObject } from './object.ts';

describe('entry names', () => {
  it('keep any bytes', () => {
    const broken = fc.array(
      fc.constantFrom(
        0x61,
        0x80,
        0xbf,
        0xc3,
        0xa9,
        0xe2,
        0x82,
        0xac,
        0xed,
        0xb2,
        0xf0,
        0x9f,
        0x98,
        0x80,
        0xff,
      ),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), broken), (list) => {
        const bytes = Buffer.from(list);
        expect(encodeEntryName(decodeEntryName(bytes))).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('are plain strings when they are UTF-8, also with a real replacement character', () => {
    for (const name of ['größe', '日本', '😀', '\u{fffd}', '\u{feff}a']) {
      expect(decodeEntryName(Buffer.from(name))).toBe(name);
    }
  });

  it('show each byte that is not UTF-8 as one lone surrogate', () => {
    expect(decodeEntryName(Buffer.from('62ff', 'hex'))).toBe('b\udcff');
    expect(decodeEntryName(Buffer.from('f09f98', 'hex'))).toBe('\udcf0\udc9f\udc98');
  });

  it('refuse lone surrogates that stand for no byte or for bytes that are UTF-8', () => {
    for (const name of ['\ud800', '\udc7f', '\udd00', '\udcc3\udca9']) {
      expect(() => encodeEntryName(name)).toThrow(MalformedObject);
    }
  });
});

describe('checkEntryName', () => {
  const refused = [
    '',
    '.',
    '..',
    'a/b',
    '/',
    'a\0',
    '.git',
    '.GIT',
    '.gIt',
    '.git ',
    '.git.',
    '.git . .',
    '.git:x',
    '.git::$INDEX_ALLOCATION',
    'git~1',
    'GIT~1',
    'git~1.',
    'a\\.git',
    '.git\\x',
    'x\\git~1',
    '\u200c.git',
    '.g\u200dit',
    '.git\ufeff',
    '.\u206agit\u202e',
    '.git\udcff',
  ];
  const accepted = [
    '.gitignore',
    '.gitattributes',
    '.github',
    'git',
    'git~2',
    'git~10',
    '...',
    '.gi',
    'a.git',
    '.git~1',
    'a\\b',
    ' ',
    '.gıt',
    '\u200c',
    'a:b',
    'b\udcff',
  ];

  it.for(refused)('refuses %j', (name) => {
    expect(() => checkEntryName(name)).toThrow(MalformedObject);
  });

  it.for(accepted)('accepts %j', (name) => {
    expect(() => checkEntryName(name)).not.toThrow();
  });
});
