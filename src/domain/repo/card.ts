import { splitFrontMatter } from '../../lib/front-matter.ts';
import { toJsonObject } from '../../lib/plain-json.ts';
import { parseCardYaml } from './card-yaml.ts';
import type { RepoType } from './repo.entity.ts';

/** What a README says about its repository. */
export interface Card {
  /** The front matter, or null when there is none that can be read. */
  readonly card: Readonly<Record<string, unknown>> | null;
  /** Tags as the Hugging Face Hub makes them; lists filter on them. */
  readonly tags: readonly string[];
  readonly pipelineTag: string | null;
  readonly libraryName: string | null;
  readonly sdk: string | null;
}

/** A README is read up to here. */
export const MAX_README_BYTES = 4_000_000;
const MAX_TAGS = 500;
const MAX_TAG_CHARS = 200;
/** Columns of the database. */
const MAX_LABEL_CHARS = 100;
const MAX_SDK_CHARS = 40;
const MAX_ARXIV_IDS = 50;

export const EMPTY_CARD: Card = { card: null, tags: [], pipelineTag: null, libraryName: null, sdk: null };

/** Reads the metadata of a README. Never throws: a block that cannot be read counts as none. */
export function readCard(type: RepoType, readme: string): Card {
  const { yaml, body } = splitFrontMatter(readme);
  const card = yaml === null ? null : parseFrontMatter(yaml);
  const pipelineTag = type === 'model' ? label(card?.['pipeline_tag'], MAX_LABEL_CHARS) : null;
  const libraryName = type === 'model' ? label(card?.['library_name'], MAX_LABEL_CHARS) : null;
  const sdk = type === 'space' ? label(card?.['sdk'], MAX_SDK_CHARS) : null;
  const tags = [
    ...[sdk, libraryName, pipelineTag].filter((tag) => tag !== null),
    ...(card ? cardTags(type, card) : []),
    ...arxivIds(body).map((id) => `arxiv:${id}`),
  ];
  return { card, tags: bounded(tags), pipelineTag, libraryName, sdk };
}

function parseFrontMatter(yaml: string): Card['card'] {
  const parsed = parseCardYaml(yaml);
  return 'problem' in parsed ? null : toJsonObject(parsed.metadata);
}

/** Fields that become tags `<prefix>:<value>`, in the order of the Hugging Face Hub. */
const PREFIXED: Readonly<Record<RepoType, readonly (readonly [field: string, prefix: string])[]>> = {
  model: [
    ['datasets', 'dataset:'],
    ['base_model', 'base_model:'],
    ['license', 'license:'],
  ],
  dataset: [
    ['task_categories', 'task_categories:'],
    ['task_ids', 'task_ids:'],
    ['annotations_creators', 'annotations_creators:'],
    ['language_creators', 'language_creators:'],
    ['multilinguality', 'multilinguality:'],
    ['source_datasets', 'source_datasets:'],
    ['language', 'language:'],
    ['license', 'license:'],
    ['size_categories', 'size_categories:'],
  ],
  space: [['license', 'license:']],
};

function cardTags(type: RepoType, card: Readonly<Record<string, unknown>>): string[] {
  const tags = texts(card['tags']);
  if (type === 'model') tags.push(...texts(card['language']));
  for (const [field, prefix] of PREFIXED[type])
    tags.push(...texts(card[field]).map((value) => prefix + value));
  const relation = label(card['base_model_relation'], MAX_LABEL_CHARS);
  if (type === 'model' && relation) {
    tags.push(...texts(card['base_model']).map((model) => `base_model:${relation}:${model}`));
  }
  return tags;
}

/** A scalar or a list of scalars, as cards write both. */
function texts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((entry) => {
    const text = typeof entry === 'string' || typeof entry === 'number' ? String(entry).trim() : '';
    return text ? [text] : [];
  });
}

function label(value: unknown, maxChars: number): string | null {
  const text = typeof value === 'string' ? value.trim() : '';
  return text && text.length <= maxChars ? text : null;
}

function bounded(tags: readonly string[]): string[] {
  return [...new Set(tags)].filter((tag) => tag.length <= MAX_TAG_CHARS).slice(0, MAX_TAGS);
}

const ARXIV = /arxiv(?:\.org\/(?:abs|pdf)\/|:\s?)(\d{4}\.\d{4,5})(?!\d)/gi;

function arxivIds(body: string): string[] {
  const ids = new Set<string>();
  for (const [, id] of body.matchAll(ARXIV)) {
    if (id !== undefined) ids.add(id);
    if (ids.size === MAX_ARXIV_IDS) break;
  }
  return [...ids];
}
