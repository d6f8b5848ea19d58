import { z } from 'zod';
import { splitFrontMatter } from '../../lib/front-matter.ts';
import { parseCardYaml } from './card-yaml.ts';
import type { RepoType } from './repo.entity.ts';

/** What is wrong with a card. Errors keep it from being committed, warnings do not. */
export interface CardReport {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

interface FieldRule {
  readonly field: string;
  readonly schema: z.ZodType;
  /** Continues "must be …". */
  readonly expected: string;
  /** Types of repositories where the field means this; absent: all. */
  readonly types?: readonly RepoType[];
}

const text = z.string();
const texts = z.array(z.string());
const TEXT = { schema: text, expected: 'a string' };
const TEXTS = { schema: texts, expected: 'a list of strings' };
const TEXT_OR_TEXTS = { schema: z.union([text, texts]), expected: 'a string or a list of strings' };

const modelIndex = z.array(
  z.object({
    name: text.nullish(),
    results: z
      .array(
        z.object({
          task: z.looseObject({}).nullish(),
          dataset: z.looseObject({}).nullish(),
          metrics: z.array(z.looseObject({})).nullish(),
        }),
      )
      .nullish(),
  }),
);

/** The fields that the hub and its clients read, with the types that the Hugging Face Hub asks for. */
const RULES: readonly FieldRule[] = [
  { field: 'license', ...TEXT_OR_TEXTS },
  { field: 'license_name', ...TEXT },
  { field: 'license_link', ...TEXT },
  { field: 'language', ...TEXT_OR_TEXTS },
  { field: 'tags', ...TEXTS },
  { field: 'pipeline_tag', ...TEXT, types: ['model'] },
  { field: 'library_name', ...TEXT, types: ['model'] },
  { field: 'datasets', ...TEXT_OR_TEXTS, types: ['model', 'space'] },
  { field: 'base_model', ...TEXT_OR_TEXTS, types: ['model'] },
  {
    field: 'model-index',
    schema: modelIndex,
    expected: 'a list of models, each with a list of "results"',
    types: ['model'],
  },
  { field: 'pretty_name', ...TEXT, types: ['dataset'] },
  { field: 'task_categories', ...TEXTS, types: ['dataset'] },
  { field: 'title', ...TEXT, types: ['space'] },
  { field: 'sdk', ...TEXT, types: ['space'] },
];

const EMPTY = 'empty or missing yaml metadata in repo card';

/** Checks the metadata of a README, as huggingface_hub asks before it commits one. Never throws. */
export function validateCard(content: string, repoType: RepoType): CardReport {
  const { yaml } = splitFrontMatter(content);
  if (yaml === null) return { errors: [], warnings: [EMPTY] };
  const parsed = parseCardYaml(yaml);
  if ('problem' in parsed) return { errors: [`YAML: ${parsed.problem}`], warnings: [] };
  const { metadata, duplicateKeys } = parsed;
  if (metadata === null || metadata === undefined) return { errors: [], warnings: [EMPTY] };
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    return { errors: ['The metadata must be a mapping of names to values.'], warnings: [] };
  }
  return {
    errors: [
      ...duplicateKeys.map((key) => `"${key}" stands twice`),
      ...fieldErrors(metadata as Record<string, unknown>, repoType),
    ],
    warnings: Object.keys(metadata).length === 0 ? [EMPTY] : [],
  };
}

function fieldErrors(metadata: Record<string, unknown>, repoType: RepoType): string[] {
  return RULES.filter(({ field, schema, types }) => {
    const value = Object.hasOwn(metadata, field) ? metadata[field] : undefined;
    const applies = types?.includes(repoType) ?? true;
    return applies && value !== undefined && value !== null && !schema.safeParse(value).success;
  }).map(({ field, expected }) => `"${field}" must be ${expected}`);
}
