import { afterEach, expect, it } from 'vitest';
import { validateCard } from './card-validation.ts';
import { EMPTY_CARD, readCard } from './card.ts';
import {
  MAX_INLINE_HEADER_BYTES,
  MAX_INLINE_TEXT_CHARS,
  MAX_INLINE_YAML_CHARS,
  MetadataReader,
} from './metadata-reader.ts';

let reader = new MetadataReader();
afterEach(async () => {
  await reader.close();
  reader = new MetadataReader();
});

const cardOf = (yaml: string, body = ''): string => `---\n${yaml}\n---\n${body}`;
/** Up to 256,000 are parsed; fewer are enough to be too many for the caller's thread. */
const MOST = 30_000;
const fill = (part: string, chars = MOST): string => part.repeat(Math.floor(chars / part.length));
const lines = (line: (i: number) => string, count: number): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const HOSTILE: Readonly<Record<string, string>> = {
  'an anchor that is named often': `a: &a [${fill('1,', 20_000)}]\nb: [${fill('*a,', 280)}]`,
  'a long text that is named often': `a: &a ${fill('x', 20_000)}\nb: [${fill('*a,', 280)}]`,
  'anchors of anchors': lines((i) => `k${i}: &k${i} [${i === 0 ? 'x' : fill(`*k${i - 1},`, 50)}]`, 100),
  'nested lists': `a: ${'['.repeat(MOST / 2)}${']'.repeat(MOST / 2)}`,
  'nested lists without an end': `a: ${fill('[')}`,
  'nested mappings': `a: ${fill('{a: ', MOST / 2)}${'}'.repeat(MOST / 8)}`,
  'nested blocks': lines((i) => `${' '.repeat(i)}a:`, 240),
  'nested sequences in one line': `a:\n  ${fill('- ')}`,
  'a huge list': `a: [${fill('1,')}]`,
  'a huge mapping': `a: {${fill('a: 1,')}}`,
  'many keys': lines((i) => `k${i}: v`, 3000),
  'one key many times': fill('a: 1\n'),
  'mistakes in every line': fill('a: [\n'),
  'quotes without an end': fill('"a'),
  'many documents': fill('--- a\n'),
  'many comments': fill('# a\n'),
  'many colons': fill(': '),
  tabs: fill('\t'),
};

it('reads short texts at once', async () => {
  const yaml = `license: mit\n# ${'x'.repeat(MAX_INLINE_YAML_CHARS - 20)}`;
  const readme = cardOf(yaml, 'x'.repeat(MAX_INLINE_TEXT_CHARS - 2500));
  expect(await reader.card('model', readme)).toEqual(readCard('model', readme));
  expect(await reader.validate('model', cardOf('license: 1'))).toEqual(
    validateCard(cardOf('license: 1'), 'model'),
  );
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[2,3]}}');
  expect(await reader.tensors(header)).toEqual({ parameters: { F32: 6 }, total: 6 });
  expect(reader.threadedCount).toBe(0);
});

it('reads all others in threads, with the same result', async () => {
  const long = cardOf(
    `license: mit\ntags: [a, b]\n# ${'x'.repeat(MAX_INLINE_YAML_CHARS)}`,
    'arxiv: 1810.04805',
  );
  expect(await reader.card('model', long)).toEqual(readCard('model', long));
  const wrong = cardOf(`license: 1\n# ${'x'.repeat(MAX_INLINE_YAML_CHARS)}`);
  expect(await reader.validate('model', wrong)).toEqual(validateCard(wrong, 'model'));
  const readme = cardOf('license: mit', 'x'.repeat(MAX_INLINE_TEXT_CHARS));
  expect(await reader.card('dataset', readme)).toMatchObject({ tags: ['license:mit'] });
  const header = Buffer.from(`{"w":{"dtype":"F32","shape":[2,3]}}${' '.repeat(MAX_INLINE_HEADER_BYTES)}`);
  expect(await reader.tensors(header)).toEqual({ parameters: { F32: 6 }, total: 6 });
  expect(reader.threadedCount).toBe(4);
});

it.for(Object.entries(HOSTILE))('reads %s in a thread', async ([, yaml]) => {
  const { card, tags } = await reader.card('model', cardOf(yaml));
  const { errors, warnings } = await reader.validate('model', cardOf(yaml));
  expect(reader.threadedCount).toBe(2);
  expect(JSON.stringify(card).length).toBeLessThan(2_000_000);
  expect([tags, Array.isArray(errors), Array.isArray(warnings)]).toEqual([[], true, true]);
});

it('refuses to hold more than a few that wait', async () => {
  const readme = cardOf(`# ${'x'.repeat(MAX_INLINE_YAML_CHARS)}`);
  const all = await Promise.allSettled(Array.from({ length: 40 }, () => reader.card('model', readme)));
  const refused = all.filter((one) => one.status === 'rejected');
  expect([all[0], refused.length, refused[0]]).toMatchObject([
    { status: 'fulfilled', value: EMPTY_CARD },
    6,
    { reason: { code: 'Unavailable', message: expect.stringContaining('Try again') } },
  ]);
  expect(await reader.card('model', readme)).toEqual(EMPTY_CARD);
});
