import { describe, expect, it } from 'vitest';
import { encodeLines, parsePkts, pktText } from '../../git/pkt-line.ts';
import { advertiseCommands, advertiseRefs, listRefs, protocolVersion } from './advertisement.ts';
import type { RefLines } from './ref-lines.ts';

const MAIN = 'a'.repeat(40);
const TAG = 'b'.repeat(40);
const REFS = refLines(`${MAIN} refs/heads/main`, `${MAIN} refs/pr/1`, `${TAG} refs/tags/v1 peeled:${MAIN}`);
const NO_REFS = refLines();
const NOTHING_ASKED = { wantsSymrefs: false, wantsPeeled: false, wantsUnborn: false, prefixes: [] };

function refLines(...lines: readonly string[]): RefLines {
  return encodeLines(lines).toString() as RefLines;
}

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
    const [, , only, end] = texts(advertiseRefs(0, NO_REFS, 'hub/1'));
    expect(only).toMatch(/^0{40} capabilities\^\{\}\0multi_ack /);
    expect(only).not.toContain('symref');
    expect(end).toBe('flush');
  });

  it('has no HEAD without a default branch', () => {
    const refs = refLines(`${MAIN} refs/heads/main2`, `${TAG} refs/tags/refs/heads/main peeled:${MAIN}`);
    expect(texts(advertiseRefs(0, refs, 'hub/1'))[2]).toMatch(/^a{40} refs\/heads\/main2\0/);
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

  it('keeps to the prefixes as a comparison of each name with each prefix would', () => {
    const words = ['a', 'a/', 'a/b', 'a-', 'ab', 'b', '\u{1F600}', '\uFFFD', 'é', ''];
    const names = words.flatMap((first) => words.map((second) => `refs/heads/${first}x${second}z`));
    const refs = refLines(...names.map((name) => `${MAIN} ${name}`));
    const lists = [
      ...words.map((word) => [`refs/heads/${word}`, 'refs/heads/b', 'refs/']),
      ...words.map((word) => [
        `refs/heads/${word}xa`,
        `refs/heads/${word}xé`,
        'refs/heads/ab',
        'refs/heads/\u{1F600}',
      ]),
      [''],
      ['refs/heads/ax', 'refs/heads/ax'],
    ];
    for (const prefixes of lists) {
      const wanted = names.filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
      const told = texts(listRefs(refs, { ...NOTHING_ASKED, prefixes }));
      expect(told).toEqual([...wanted.map((name) => `${MAIN} ${name}`), 'flush']);
    }
  });

  it('takes no part of a line for a name but the name', () => {
    const prefixes = [`refs/tags/v1 peeled:${MAIN}`, 'peeled:', MAIN];
    expect(texts(listRefs(REFS, { ...NOTHING_ASKED, prefixes }))).toEqual(['flush']);
  });

  it('names an unborn HEAD to who knows of such', () => {
    const asked = { ...NOTHING_ASKED, wantsSymrefs: true };
    expect(texts(listRefs(NO_REFS, asked))).toEqual(['flush']);
    expect(texts(listRefs(NO_REFS, { ...asked, wantsUnborn: true }))).toEqual([
      'unborn HEAD symref-target:refs/heads/main',
      'flush',
    ]);
  });
});
