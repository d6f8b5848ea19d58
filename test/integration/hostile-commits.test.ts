import { describe, expect } from 'vitest';
import { fileLine, HEADER, ndjson } from '../support/content.ts';
import { COMMIT_HEADER, it, JSON_TYPE, LIMITS, rawCommit, refused } from '../support/hostile.ts';

const LINE = JSON.stringify(fileLine('x.txt'));

describe('a broken commit', () => {
  const lines = Array.from({ length: 5 }, (_, index) => JSON.stringify(fileLine(`new-${index}.txt`)));
  for (const at of [0, 1, 3, 5]) {
    it(
      `at line ${at + 1}`,
      refused(({ api }) => {
        const broken = (line: string | Buffer) => {
          const all = [COMMIT_HEADER, ...lines].map((each) => Buffer.from(each));
          all[at] = Buffer.from(line as string);
          return rawCommit(api, Buffer.concat(all.flatMap((each) => [each, Buffer.from('\n')])));
        };
        return {
          'half an object': broken('{"key":"file","value":{'),
          'no JSON': broken('hello'),
          null: broken('null'),
          number: broken('5'),
          list: broken('[]'),
          'no key': broken('{"value":{}}'),
          'no value': broken('{"key":"file"}'),
          'unknown key': broken('{"key":"symlink","value":{"path":"x"}}'),
          'not UTF-8': broken(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
          NUL: broken('\0'),
          'UTF-16': broken(Buffer.from(COMMIT_HEADER, 'utf16le')),
          prototype: broken('{"__proto__":{"key":"file"}}'),
          deep: broken(`{"key":"file","value":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
          'a header at the wrong place': broken(at === 0 ? LINE : COMMIT_HEADER),
        };
      }),
    );
  }

  it(
    'in its content',
    refused(({ api }) => {
      const file = (path: string, content: string, encoding = 'base64') =>
        rawCommit(
          api,
          `${COMMIT_HEADER}\n${JSON.stringify({ key: 'file', value: { path, content, encoding } })}`,
        );
      const line = (key: string, value: object) =>
        rawCommit(api, ndjson([HEADER, { key, value: { ...value } }]));
      const oid = 'ab'.repeat(32);
      return {
        'not base64': file('x', '!!!!'),
        'base64 without padding': file('x', 'YQ'),
        'base64 of URLs': file('x', '_-8='),
        'base64 with a line break': file('x', 'YWJj\nZGVm'),
        'large text that is not base64': file('x', `${'A'.repeat(400_000)}*AAA`),
        'a lone surrogate': file('x', '\ud800', 'utf-8'),
        'another encoding': file('x', 'aa', 'hex'),
        'too large a file': file('x', Buffer.alloc(LIMITS.fileBytes + 1).toString('base64')),
        'a file inside a file': rawCommit(api, ndjson([HEADER, fileLine('a.txt/b.txt')])),
        'a file in place of a folder': rawCommit(api, ndjson([HEADER, fileLine('dir')])),
        'a file and a folder of one name': rawCommit(api, ndjson([HEADER, fileLine('n'), fileLine('n/m')])),
        'deleting what is not there': line('deletedFile', { path: 'nothing' }),
        'deleting a missing folder': line('deletedFolder', { path: 'nothing/' }),
        'copying what is not there': line('copyFile', { path: 'x', srcPath: 'nothing' }),
        'copying from nowhere': line('copyFile', { path: 'x', srcPath: 'a.txt', srcRevision: 'nowhere' }),
        'copying a folder': line('copyFile', { path: 'x', srcPath: 'dir' }),
        'an LFS object that is not here': line('lfsFile', { path: 'x', oid, size: 1 }),
        'an LFS object of another hash': line('lfsFile', { path: 'x', oid, size: 1, algo: 'sha1' }),
        'more than 10,000 entries': rawCommit(
          api,
          ndjson([HEADER, ...Array.from({ length: 10_001 }, (_, index) => fileLine(`many/${index}`, ''))]),
        ),
        'a stale parent': rawCommit(
          api,
          ndjson([{ key: 'header', value: { summary: 'x', parentCommit: 'f'.repeat(40) } }, fileLine('x')]),
        ),
        'an empty summary': rawCommit(
          api,
          ndjson([{ key: 'header', value: { summary: ' ' } }, fileLine('x')]),
        ),
        'a summary of a NUL': rawCommit(
          api,
          ndjson([{ key: 'header', value: { summary: '\0' } }, fileLine('x')]),
        ),
        'nothing but a header to a missing branch': {
          ...rawCommit(api, `${COMMIT_HEADER}\n`),
          target: `${api}/commit/nowhere`,
        },
        'a tag': {
          ...rawCommit(api, ndjson([HEADER, fileLine('x')])),
          target: `${api}/commit/refs%2Ftags%2Fv1`,
        },
      };
    }),
  );

  const RESERVED = [
    '',
    '/',
    '.',
    '..',
    '../x',
    'a/../b',
    './a',
    'a//b',
    '/a',
    'a/',
    '.git',
    '.git/config',
    'a/.git/b',
    '.GIT/x',
    '.gIt',
    'git~1',
    'GIT~1/x',
    '.git.',
    '.git ',
    '.git. .',
    '.git::$INDEX_ALLOCATION',
    '.g\u200cit',
    '.gi\u200dt/x',
    '\ufeff.git',
    'a\\b',
    '..\\x',
    'a\0b',
    'a\nb',
    'a\x7fb',
    '\u0085',
    'a\ud800',
    'x'.repeat(256),
    'y/'.repeat(2048),
    'z/'.repeat(300),
  ];
  it(
    'with reserved spellings of paths',
    refused(({ api }) =>
      Object.fromEntries(
        RESERVED.flatMap((path) => [
          [
            `file ${JSON.stringify(path).slice(0, 40)}`,
            rawCommit(api, ndjson([HEADER, fileLine(path)])),
          ] as const,
          [
            `preupload ${JSON.stringify(path).slice(0, 40)}`,
            {
              method: 'POST',
              target: `${api}/preupload/main`,
              headers: JSON_TYPE,
              body: JSON.stringify({ files: [{ path, size: 1 }] }),
            },
          ] as const,
        ]),
      ),
    ),
  );
});

it('and after all of this the hub is whole', async ({ hostile }) => {
  expect(await hostile.findings()).toEqual([]);
});
