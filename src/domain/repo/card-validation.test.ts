import { anything, assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { validateCard } from './card-validation.ts';

const card = (yaml: string): string => `---\n${yaml}\n---\n# Title\n`;
const EMPTY = { errors: [], warnings: ['empty or missing yaml metadata in repo card'] };

test.each(['', '# Title', card(''), card('# a comment'), card('{}'), '---\nnever closed: true\n'])(
  '%j has no metadata, which is a warning',
  (content) => {
    expect(validateCard(content, 'model')).toEqual(EMPTY);
  },
);

test.each([
  'license: mit',
  'license: [mit, apache-2.0]\nlanguage: no\ntags: [a, b]\npipeline_tag: text-generation',
  'base_model: a/b\ndatasets:\n- x/y',
  'tags:\nlicense: ~',
  'unknown: {any: [1, 2]}',
  'base: &base {type: text-generation}\nmodel-index:\n- name: m\n  results:\n  - task: *base\n    metrics:\n    - {type: acc, value: 0.5}',
])('%j is fine', (yaml) => {
  expect(validateCard(card(yaml), 'model')).toEqual({ errors: [], warnings: [] });
});

test.each([
  ['license: {name: mit}', '"license" must be a string or a list of strings'],
  ['language: [en, 1]', '"language" must be a string or a list of strings'],
  ['tags: one', '"tags" must be a list of strings'],
  ['pipeline_tag: [a]', '"pipeline_tag" must be a string'],
  ['datasets: 3', '"datasets" must be a string or a list of strings'],
  ['base_model: true', '"base_model" must be a string or a list of strings'],
  ['model-index: foo', '"model-index" must be a list of models, each with a list of "results"'],
  [
    'model-index:\n- name: m\n  results: foo',
    '"model-index" must be a list of models, each with a list of "results"',
  ],
  ['license: mit\nlicense: mit', '"license" stands twice'],
  ['- license', 'The metadata must be a mapping of names to values.'],
  ['just text', 'The metadata must be a mapping of names to values.'],
])('%j is an error', (yaml, message) => {
  expect(validateCard(card(yaml), 'model')).toEqual({ errors: [message], warnings: [] });
});

test('fields count only where they mean something', () => {
  expect(validateCard(card('pipeline_tag: [a]\ntask_categories: x'), 'dataset').errors).toEqual([
    '"task_categories" must be a list of strings',
  ]);
  expect(validateCard(card('sdk: 3\ntitle: [x]'), 'space').errors).toEqual([
    '"title" must be a string',
    '"sdk" must be a string',
  ]);
});

test('broken YAML is named with its place', () => {
  const { errors } = validateCard(card('license: [mit'), 'model');
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^YAML: .* at line \d+, column \d+$/);
});

const aliasBomb = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...Array.from('bcdefgh').map(
    (name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(', ')}]`,
  ),
].join('\n');

test.each([
  ['an alias bomb', aliasBomb],
  ['too much text', `a: ${'x'.repeat(300_000)}`],
  ['deep nesting', '['.repeat(100_000)],
  ['a hundred thousand mistakes', `[${','.repeat(200_000)}]`],
  ['many anchors', Array.from({ length: 2000 }, (_, at) => `a${at}: &a${at} x`).join('\n')],
  ['many explicit keys', '? '.repeat(50_000)],
])('%s is refused', (_what, yaml) => {
  expect(validateCard(card(yaml), 'model').errors).toHaveLength(1);
});

test('a mapping that names a prototype changes nothing', () => {
  expect(validateCard(card('__proto__: {license: 3}\nconstructor: 1'), 'model').errors).toEqual([]);
});

test('never throws, whatever it reads', () => {
  assert(
    property(string(), (content) => {
      expect(validateCard(content, 'model')).toHaveProperty('errors');
      expect(validateCard(card(content), 'dataset')).toHaveProperty('errors');
    }),
  );
  assert(
    property(anything(), (value) => {
      expect(validateCard(card(stringify({ license: JSON.stringify(value) ?? '' })), 'space').errors).toEqual(
        [],
      );
    }),
  );
});
