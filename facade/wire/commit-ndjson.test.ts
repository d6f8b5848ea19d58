import * as fc from 'fast-check';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import type { CommitOperation } from '../../src/domain/version/commit-request.ts';
import { readCommitBody } from './commit-ndjson.ts';

const LIMITS = { regularFileBytes: 1_000_000 };
const HEADER = { key: 'header', value: { summary: 'Add', description: '' } };
const OID = 'a'.repeat(64);

const lines = (...entries: readonly unknown[]): string =>
  entries.map((entry) => `${typeof entry === 'string' ? entry : JSON.stringify(entry)}\n`).join('');
const file = (value: Record<string, unknown>) => ({
  key: 'file',
  value: { path: 'a', content: '', encoding: 'base64', ...value },
});

async function read(chunks: Iterable<Uint8Array>, limits = LIMITS) {
  const { header, operations } = await readCommitBody(Readable.from(chunks), limits);
  const all: CommitOperation[] = [];
  for await (const operation of operations) all.push(operation);
  return { header, operations: all };
}
const readText = (text: string, limits = LIMITS) => read([Buffer.from(text)], limits);

describe('what clients send', () => {
  it('gives the header and each operation in order', async () => {
    const { header, operations } = await readText(
      lines(
        { key: 'header', value: { summary: 'Add', description: 'Why', parentCommit: 'ABCDE' } },
        file({ path: 'a.txt', content: 'aGk=' }),
        file({ path: 'b.txt', content: 'hé', encoding: 'utf-8' }),
        { key: 'lfsFile', value: { path: 'c.bin', algo: 'sha256', oid: OID, size: 7 } },
        { key: 'lfsFile', value: { path: 'd.bin', oid: OID } },
        { key: 'deletedFile', value: { path: 'e' } },
        { key: 'deletedFolder', value: { path: 'f/' } },
        { key: 'copyFile', value: { path: 'g', srcPath: 'a.txt', srcRevision: 'main' } },
      ),
    );
    expect(header).toEqual({ title: 'Add', description: 'Why', parentCommit: 'abcde' });
    expect(operations).toEqual([
      { kind: 'file', path: 'a.txt', bytes: Buffer.from('hi') },
      { kind: 'file', path: 'b.txt', bytes: Buffer.from('hé') },
      { kind: 'lfsFile', path: 'c.bin', sha256: OID, sizeBytes: 7 },
      { kind: 'lfsFile', path: 'd.bin', sha256: OID, sizeBytes: null },
      { kind: 'deleteFile', path: 'e' },
      { kind: 'deleteFolder', path: 'f' },
      { kind: 'copyFile', path: 'g', sourcePath: 'a.txt', sourceRevision: 'main' },
    ]);
  });

  it('needs no line feed at the end, and takes empty lines and CRLF', async () => {
    const text = `${JSON.stringify(HEADER)}\r\n\r\n\n${JSON.stringify({ key: 'deletedFile', value: { path: 'x' } })}`;
    expect((await readText(text)).operations).toEqual([{ kind: 'deleteFile', path: 'x' }]);
  });

  it('reads no further than it is asked to', async () => {
    let taken = 0;
    const chunks = (function* () {
      for (const entry of [HEADER, file({ path: 'a' }), file({ path: 'b' })]) {
        taken++;
        yield Buffer.from(lines(entry));
      }
    })();
    const body = await readCommitBody(
      (async function* () {
        yield* chunks;
      })(),
      LIMITS,
    );
    expect(taken).toBe(1);
    await body.operations.next();
    expect(taken).toBe(2);
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', '', 'BadRequest', /empty/],
    ['no header', lines(file({})), 'BadRequest', /Line 1: the first line/],
    ['a second header', lines(HEADER, HEADER), 'BadRequest', /Line 2: key/],
    ['an unknown key', lines(HEADER, { key: 'moveFile', value: {} }), 'BadRequest', /Line 2: key/],
    ['broken JSON', lines(HEADER, file({}), '{"key":'), 'BadRequest', /Line 3: is not valid JSON/],
    ['no object', lines(HEADER, '[1]'), 'BadRequest', /Line 2/],
    ['no summary', lines({ key: 'header', value: { summary: ' ' } }), 'BadRequest', /Line 1: summary/],
    [
      'a wrong parent',
      lines({ key: 'header', value: { summary: 'x', parentCommit: 'abcd' } }),
      'BadRequest',
      /parentCommit/,
    ],
    [
      'no base64',
      lines(HEADER, file({ content: 'a$b=' })),
      'BadRequest',
      /Line 2: content is not valid base64/,
    ],
    [
      'half a surrogate',
      lines(HEADER, file({ content: '\ud800', encoding: 'utf-8' })),
      'BadRequest',
      /content/,
    ],
    ['no encoding', lines(HEADER, file({ encoding: undefined })), 'BadRequest', /Line 2: encoding/],
    ['an unknown encoding', lines(HEADER, file({ encoding: 'hex' })), 'BadRequest', /Line 2: encoding/],
    ['a path outside', lines(HEADER, file({ path: '..\\ddd' })), 'InvalidPath', /Line 2: The path/],
    [
      'a short hash',
      lines(HEADER, { key: 'lfsFile', value: { path: 'a', oid: 'abc' } }),
      'BadRequest',
      /Line 2/,
    ],
    [
      'a negative size',
      lines(HEADER, { key: 'lfsFile', value: { path: 'a', oid: OID, size: -1 } }),
      'BadRequest',
      /size/,
    ],
    [
      'another hash',
      lines(HEADER, { key: 'lfsFile', value: { path: 'a', oid: OID, algo: 'md5' } }),
      'BadRequest',
      /algo/,
    ],
    ['a long header', lines({ ...HEADER, more: 'x'.repeat(2 ** 20) }), 'PayloadTooLarge', /Line 1/],
    ['a long line', lines(HEADER, 'x'.repeat(2_000_000)), 'PayloadTooLarge', /Line 2/],
    [
      'a large file',
      lines(HEADER, file({ content: 'A'.repeat(1_333_340) })),
      'PayloadTooLarge',
      /Line 2: the file is larger/,
    ],
  ])('%s', async (_, text, code, message) => {
    await expect(readText(text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('an endless line, after its limit', async () => {
    const endless = (function* () {
      yield Buffer.from(lines(HEADER));
      for (;;) yield Buffer.alloc(65_536, 0x20);
    })();
    await expect(read(endless)).rejects.toMatchObject({ code: 'PayloadTooLarge' });
  });

  it('bytes that are not UTF-8', async () => {
    const bytes = Buffer.from(lines(HEADER, file({ path: 'aXb' })));
    bytes[bytes.indexOf('X')] = 0xff;
    await expect(read([bytes])).rejects.toMatchObject({
      code: 'BadRequest',
      message: 'Line 2: is not valid UTF-8.',
    });
  });
});

const path = fc.stringMatching(/^[a-z]{1,8}(\/[a-zé]{1,8}){0,2}$/);
const entry = fc.oneof(
  fc.record({
    key: fc.constant('file'),
    value: fc.record({
      path,
      content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      encoding: fc.constant('base64'),
    }),
  }),
  fc.record({ key: fc.constant('deletedFile'), value: fc.record({ path }) }),
);

describe('any body', () => {
  it('means the same however it is cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (entries, sizes) => {
          const bytes = Buffer.from(lines(HEADER, ...entries));
          const whole = await read([bytes]);
          expect(whole.operations).toHaveLength(entries.length);
          expect(await read(cut(bytes, sizes))).toEqual(whole);
        },
      ),
    );
  });

  it('with damaged bytes gives operations or a domain error', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 5 }), damage, async (entries, changes) => {
        const bytes = Buffer.from(lines(HEADER, ...entries));
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const isAnswered = await read([bytes]).then(
          () => true,
          (error: unknown) => error instanceof DomainError,
        );
        expect(isAnswered).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
