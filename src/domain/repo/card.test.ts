import { describe, expect, it } from 'vitest';
import { EMPTY_CARD, readCard } from './card.ts';
import type { RepoType } from './repo.entity.ts';

function tagsOf(type: RepoType, yaml: string, body = ''): readonly string[] {
  return readCard(type, `---\n${yaml}\n---\n${body}`).tags;
}

describe('readCard', () => {
  it('reads the metadata of a model', () => {
    const card = readCard(
      'model',
      `---
license: apache-2.0
language:
  - en
  - de
tags: [exbert]
datasets: [bookcorpus, wikipedia]
base_model: google/bert
base_model_relation: finetune
pipeline_tag: fill-mask
library_name: transformers
---
See https://arxiv.org/abs/1810.04805 and arxiv:1810.04805, https://arxiv.org/pdf/2401.00001.`,
    );
    expect(card).toMatchObject({ pipelineTag: 'fill-mask', libraryName: 'transformers', sdk: null });
    expect(card.card).toMatchObject({ license: 'apache-2.0', language: ['en', 'de'] });
    expect(card.tags).toEqual([
      'transformers',
      'fill-mask',
      'exbert',
      'en',
      'de',
      'dataset:bookcorpus',
      'dataset:wikipedia',
      'base_model:google/bert',
      'license:apache-2.0',
      'base_model:finetune:google/bert',
      'arxiv:1810.04805',
      'arxiv:2401.00001',
    ]);
  });

  it.each<[RepoType, string, readonly string[]]>([
    ['dataset', 'language: en', ['language:en']],
    ['dataset', 'task_categories: [text-classification]', ['task_categories:text-classification']],
    ['dataset', 'size_categories: 1K<n<10K', ['size_categories:1K<n<10K']],
    ['dataset', 'pipeline_tag: fill-mask', []],
    ['space', 'sdk: gradio\nlicense: mit', ['gradio', 'license:mit']],
    ['model', 'language: no', ['no']],
    ['model', 'tags: one', ['one']],
    ['model', 'tags: [a, a, " ", 7, {b: c}, null]', ['a', '7']],
    ['model', 'license: [mit, bsd]', ['license:mit', 'license:bsd']],
    ['model', `tags: [${'x'.repeat(201)}, y]`, ['y']],
  ])('%s with "%s"', (type, yaml, tags) => {
    expect(tagsOf(type, yaml)).toEqual(tags);
  });

  it.each([
    ['no front matter', '# Title'],
    ['an empty block', '---\n---\n'],
    ['a block that never ends', '---\ntags: [a]\n'],
    ['a scalar', '---\njust text\n---\n'],
    ['a list', '---\n- a\n---\n'],
    ['broken YAML', '---\na: [b\n---\n'],
    ['an alias bomb', `---\n${aliasBomb()}\n---\n`],
    ['a huge block', `---\na: ${'x'.repeat(600_000)}\n---\n`],
    ['brackets without end', `---\na: ${'['.repeat(100_000)}\n---\n`],
    ['deep nesting', `---\na: ${'['.repeat(100)}${']'.repeat(100)}\n---\n`],
    ['thousands of explicit keys', `---\n${'? '.repeat(50_000)}\n---\n`],
    ['explicit keys in explicit keys', `---\n${'? '.repeat(500)}\n---\n`],
    ['explicit keys in lists', `---\n${'- ? '.repeat(200)}\n---\n`],
  ])('reads nothing from %s', (_name, text) => {
    expect(readCard('model', text)).toEqual(EMPTY_CARD);
  });

  it('keeps out what the database cannot hold', () => {
    const { card, tags } = readCard('model', '---\nname: "a\\0b\\uD800"\ntags: ["t\\0"]\nn: .inf\n---\n');
    expect(card).toEqual({ name: 'ab\uFFFD', tags: ['t'], n: null });
    expect(tags).toEqual(['t']);
  });

  it('ignores labels longer than their columns', () => {
    const card = readCard('model', `---\npipeline_tag: ${'p'.repeat(101)}\nlibrary_name: [x]\n---\n`);
    expect(card).toMatchObject({ pipelineTag: null, libraryName: null, tags: [] });
  });
});

function aliasBomb(): string {
  return ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    .map((name, at, names) => {
      const items = Array(10).fill(at === 0 ? 'x' : `*${names[at - 1]}`);
      return `${name}: &${name} [${items.join(', ')}]`;
    })
    .join('\n');
}
