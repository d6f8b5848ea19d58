import { describe, expect, it } from 'vitest';
import { DELIM_PKT, encodePkt, FLUSH_PKT, RESPONSE_END_PKT } from '../../git/pkt-line.ts';
import { parseUploadPackRequest } from './upload-pack-request.ts';

const OID = 'a'.repeat(40);

function body(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? encodePkt(`${part}\n`) : part)));
}

describe('version 2', () => {
  it('reads what ls-refs asks for', () => {
    const lines = ['peel', 'symrefs', 'unborn', 'ref-prefix refs/heads/', 'ref-prefix HEAD'];
    const bytes = body('command=ls-refs', 'agent=git/2', DELIM_PKT, ...lines, FLUSH_PKT);
    expect(parseUploadPackRequest(2, bytes)).toEqual({
      kind: 'ls-refs',
      asked: { wantsSymrefs: true, wantsPeeled: true, wantsUnborn: true, prefixes: ['refs/heads/', 'HEAD'] },
    });
    expect(parseUploadPackRequest(2, body('command=ls-refs', FLUSH_PKT))).toMatchObject({
      asked: { wantsSymrefs: false, wantsPeeled: false, wantsUnborn: false, prefixes: [] },
    });
  });

  it('gives all refs to who names too many prefixes', () => {
    const prefixes = Array.from({ length: 1001 }, (_, index) => `ref-prefix refs/heads/${index}`);
    const bytes = body('command=ls-refs', DELIM_PKT, ...prefixes, FLUSH_PKT);
    expect(parseUploadPackRequest(2, bytes)).toMatchObject({ asked: { prefixes: [] } });
  });

  it('leaves a fetch to git', () => {
    const bytes = body('command=fetch', DELIM_PKT, `want ${OID}`, 'done', FLUSH_PKT);
    expect(parseUploadPackRequest(2, bytes)).toEqual({ kind: 'fetch' });
  });

  it.each([
    ['an unknown command', body('command=push', FLUSH_PKT)],
    ['another object format', body('command=fetch', 'object-format=sha256', FLUSH_PKT)],
    ['no command', body(DELIM_PKT, 'want', FLUSH_PKT)],
    ['a mark of answers', body('command=fetch', RESPONSE_END_PKT)],
    ['half a line', body('command=fetch').subarray(0, 10)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => parseUploadPackRequest(2, bytes)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });
});

describe.each([0, 1] as const)('version %d', (version) => {
  it('takes the lines of a conversation', () => {
    const bytes = body(
      `want ${OID} multi_ack_detailed no-done`,
      'deepen 1',
      `shallow ${OID}`,
      'filter blob:none',
      FLUSH_PKT,
      `have ${OID}`,
      'done',
    );
    expect(parseUploadPackRequest(version, bytes)).toEqual({ kind: 'fetch' });
  });

  it.each(['push', 'wants', 'command=fetch', 'donee'])('refuses the line %j', (line) => {
    expect(() => parseUploadPackRequest(version, body(line, FLUSH_PKT))).toThrow(
      expect.objectContaining({ code: 'BadRequest' }),
    );
  });

  it('refuses marks of version 2', () => {
    expect(() => parseUploadPackRequest(version, DELIM_PKT)).toThrow('a delim where it does not belong');
  });
});

it.each([0, 1, 2] as const)('version %d: a flush alone, or nothing, asks for nothing', (version) => {
  expect(parseUploadPackRequest(version, FLUSH_PKT)).toEqual({ kind: 'nothing' });
  expect(parseUploadPackRequest(version, Buffer.alloc(0))).toEqual({ kind: 'nothing' });
});
