import { describe, expect, it } from 'vitest';
import { parseOid } from '../../git/oid.ts';
import { parsePkts, pktText } from '../../git/pkt-line.ts';
import { advertiseCommands, advertiseRefs, listRefs, protocolVersion } from './advertisement.ts';

const MAIN = parseOid('a'.repeat(40));
const TAG = parseOid('b'.repeat(40));
const REFS = [
  { name: 'refs/heads/main', oid: MAIN, peeledOid: null },
  { name: 'refs/pr/1', oid: MAIN, peeledOid: null },
  { name: 'refs/tags/v1', oid: TAG, peeledOid: MAIN },
];
const NOTHING_ASKED = { wantsSymrefs: false, wantsPeeled: false, wantsUnborn: false, prefixes: [] };

function texts(bytes: Buffer): string[] {
  const limits = { totalBytes: bytes.length, count: 1000 };
  return [...parsePkts(bytes, limits)].map((pkt) => (pkt.kind === 'data' ? pktText(pkt.payload) : pkt.kind));
}

it.each([
  [undefined, 0],
  ['', 0],
  ['version=0', 0],
  ['version=1', 1],
  ['version=2', 2],
  ['version=1:version=2', 2],
  ['agent=x:version=2', 2],
  ['version=22', 0],
])('%j asks for version %d', (header, version) => {
  expect(protocolVersion(header)).toBe(version);
});

describe('the advertisement', () => {
  it('of versions 0 and 1 names all refs, with capabilities behind the first', () => {
    const [service, flush, first, ...rest] = texts(advertiseRefs(0, REFS, 'hub/1'));
    expect([service, flush]).toEqual(['# service=git-upload-pack', 'flush']);
    const [head, capabilities] = first!.split('\0');
    expect(head).toBe(`${MAIN} HEAD`);
    expect(capabilities!.split(' ')).toEqual(
      expect.arrayContaining(['symref=HEAD:refs/heads/main', 'agent=hub/1', 'filter', 'shallow']),
    );
    expect(rest).toEqual([
      `${MAIN} refs/heads/main`,
      `${MAIN} refs/pr/1`,
      `${TAG} refs/tags/v1`,
      `${MAIN} refs/tags/v1^{}`,
      'flush',
    ]);
    expect(texts(advertiseRefs(1, REFS, 'hub/1'))[2]).toBe('version 1');
  });

  it('has capabilities also where there is no ref', () => {
    const [, , only, end] = texts(advertiseRefs(0, [], 'hub/1'));
    expect(only).toMatch(/^0{40} capabilities\^\{\}\0multi_ack /);
    expect(only).not.toContain('symref');
    expect(end).toBe('flush');
  });

  it('has no HEAD without a default branch', () => {
    expect(texts(advertiseRefs(0, REFS.slice(1), 'hub/1'))[2]).toMatch(/^a{40} refs\/pr\/1\0/);
  });

  it('of version 2 names commands', () => {
    expect(texts(advertiseCommands('hub/1'))).toEqual([
      '# service=git-upload-pack',
      'flush',
      'version 2',
      'agent=hub/1',
      'ls-refs=unborn',
      'fetch=shallow filter',
      'object-format=sha1',
      'flush',
    ]);
  });
});

describe('ls-refs', () => {
  it('gives names alone unless more is asked for', () => {
    expect(texts(listRefs(REFS, NOTHING_ASKED))).toEqual([
      `${MAIN} HEAD`,
      `${MAIN} refs/heads/main`,
      `${MAIN} refs/pr/1`,
      `${TAG} refs/tags/v1`,
      'flush',
    ]);
  });

  it('says where HEAD leads and what tags name', () => {
    const asked = { ...NOTHING_ASKED, wantsSymrefs: true, wantsPeeled: true };
    expect(texts(listRefs(REFS, asked))).toEqual([
      `${MAIN} HEAD symref-target:refs/heads/main`,
      `${MAIN} refs/heads/main`,
      `${MAIN} refs/pr/1`,
      `${TAG} refs/tags/v1 peeled:${MAIN}`,
      'flush',
    ]);
  });

  it('keeps to the prefixes', () => {
    const prefixes = ['refs/tags/', 'HEAD'];
    expect(texts(listRefs(REFS, { ...NOTHING_ASKED, prefixes }))).toEqual([
      `${MAIN} HEAD`,
      `${TAG} refs/tags/v1`,
      'flush',
    ]);
    expect(texts(listRefs(REFS, { ...NOTHING_ASKED, prefixes: ['refs/none/'] }))).toEqual(['flush']);
  });

  it('names an unborn HEAD to who knows of such', () => {
    const asked = { ...NOTHING_ASKED, wantsSymrefs: true };
    expect(texts(listRefs([], asked))).toEqual(['flush']);
    expect(texts(listRefs([], { ...asked, wantsUnborn: true }))).toEqual([
      'unborn HEAD symref-target:refs/heads/main',
      'flush',
    ]);
  });
});
