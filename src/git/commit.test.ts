import { describe, expect, it } from 'vitest';

import { BadRequest } from '../lib/domain-error.ts';
import { encodeCommit, formatMessage, parseCommit, splitMessage } from './commit.ts';
import type { Commit } from './commit.ts';
import { hashObject, MalformedObject } from './object.ts';
import { parseOid } from './oid.ts';

const TREE = parseOid('c2ae9451172e8c9ed6ac372fbdd19f0fb23f3f5e');
const PARENT = parseOid('fd31baf0a33a7d90410344bc953336325606f2f6');

const COMMIT: Commit = {
  tree: TREE,
  parents: [],
  author: { name: 'Zoë', email: 'z@example.org', at: new Date(1_700_000_000_000), tzMinutes: -210 },
  committer: { name: 'C', email: 'c@example.org', at: new Date(1_700_000_001_000), tzMinutes: 345 },
  message: 'Title\n\nBody\n',
};

const HEAD = `tree ${TREE}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n`;

describe('encodeCommit', () => {
  it('gives the id that git gives', () => {
    expect(hashObject('commit', encodeCommit(COMMIT))).toBe(PARENT);
  });

  it('refuses a NUL in the message or a header, and header names with spaces', () => {
    expect(() => encodeCommit({ ...COMMIT, message: 'a\0b' })).toThrow(BadRequest);
    expect(() => encodeCommit({ ...COMMIT, extraHeaders: [{ name: 'x', value: '\0' }] })).toThrow(BadRequest);
    expect(() => encodeCommit({ ...COMMIT, extraHeaders: [{ name: 'x y', value: '' }] })).toThrow(BadRequest);
  });
});

describe('parseCommit', () => {
  it('reads what was written, with parents and folded headers', () => {
    const commit: Commit = {
      ...COMMIT,
      parents: [PARENT, PARENT],
      extraHeaders: [
        { name: 'gpgsig', value: '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----' },
        { name: 'HG:extra', value: 'x' },
      ],
      message: '\n\nindented\n  text without end',
    };
    const bytes = encodeCommit(commit);
    expect(parseCommit(bytes)).toEqual({ ...commit, encoding: null });
    expect(encodeCommit(parseCommit(bytes))).toEqual(bytes);
  });

  it('decodes the declared encoding', () => {
    const bytes = Buffer.from(
      `${HEAD.replaceAll('A', 'J\u00fcrgen')}encoding ISO-8859-1\n\n\u00e9\n`,
      'latin1',
    );
    expect(parseCommit(bytes)).toMatchObject({
      author: { name: 'Jürgen' },
      message: 'é\n',
      encoding: 'ISO-8859-1',
      extraHeaders: [],
    });
  });

  it('reads headers as they are where the encoding that is declared cannot be that of an object', () => {
    const bytes = Buffer.from(`${HEAD}encoding UTF-16LE\n\nnot UTF-16\n`);
    expect(parseCommit(bytes)).toMatchObject({ author: { name: 'A' }, message: 'not UTF-16\n' });
  });

  it('survives an unknown encoding and bytes that are not text', () => {
    const bytes = Buffer.concat([Buffer.from(`${HEAD}encoding klingon\n\n`), Buffer.of(0xff, 0xfe)]);
    expect(parseCommit(bytes)).toMatchObject({ message: '\u{fffd}\u{fffd}', encoding: 'klingon' });
  });

  it('takes a commit without message', () => {
    expect(parseCommit(Buffer.from(HEAD)).message).toBe('');
    expect(parseCommit(Buffer.from(`${HEAD}\n`)).message).toBe('');
  });

  it.for([
    '',
    '\n\nmessage',
    HEAD.replace('tree', 'treee'),
    HEAD.replace(TREE, 'abc'),
    HEAD.replace(/author.*\n/, ''),
    HEAD.replace(/committer.*\n/, ''),
    HEAD.replace('author', 'parent xyz\nauthor'),
    ` ${HEAD}`,
    `${HEAD}loner\n\nmessage`,
  ])('refuses %j', (text) => {
    expect(() => parseCommit(Buffer.from(text))).toThrow(MalformedObject);
  });
});

describe('messages', () => {
  it('are formatted as title, empty line, body', () => {
    expect(formatMessage(' Add\n a  file\0 ')).toBe('Add a file\n');
    expect(formatMessage('Title', '\r\nfirst\r\n\r\nsecond\n\n')).toBe('Title\n\nfirst\n\nsecond\n');
  });

  it('are split into title and body', () => {
    expect(splitMessage('Title\n\nfirst\n\nsecond\n')).toEqual({ title: 'Title', body: 'first\n\nsecond' });
    expect(splitMessage('\n\n Title \nmore')).toEqual({ title: 'Title', body: 'more' });
    expect(splitMessage('')).toEqual({ title: '', body: '' });
  });
});
