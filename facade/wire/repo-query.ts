import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import type { ParameterRange } from '../../src/domain/repo/repo-list.queries.ts';
import type { RepoType } from '../../src/domain/repo/repo.entity.ts';
import type { FilesWanted } from '../../src/domain/repo/repo-info.service.ts';
import { queryBoolean, repeated } from './parse.ts';
import { checkExpand } from './repo-presenter.ts';

/** `expand` as clients spell it. */
export const ExpandQuery = z.object({
  expand: repeated.default([]),
  'expand[]': repeated.default([]),
  blobs: queryBoolean.default(false).describe('Sizes and hashes of the files'),
});

/** What of a repository a request wants to see. */
export interface Wanted {
  /** Empty: the usual fields. */
  readonly expand: readonly string[];
  readonly files: FilesWanted;
}

/** @param usual whether files are shown when `expand` is not given. @throws {BadRequest} for unknown fields. */
export function parseWanted(
  type: RepoType,
  query: z.output<typeof ExpandQuery>,
  usual: 'with files' | 'without files',
): Wanted {
  const expand = [...query.expand, ...query['expand[]']];
  checkExpand(type, expand);
  const hasFiles = expand.length > 0 ? expand.includes('siblings') : usual === 'with files';
  if (!hasFiles) return { expand, files: 'none' };
  return { expand, files: query.blobs ? 'details' : 'paths' };
}

/** Filters name a language as `language:en`; models carry it as `en`, as on the Hugging Face Hub. */
export function parseTagFilter(type: RepoType, filter: string): string {
  return type === 'model' ? filter.replace(/^languages?:/, '') : filter;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, b: 1e9, t: 1e12 };
const BOUND = /^(min|max):(\d{1,15}(?:\.\d{1,15})?)([kmbt]?)$/i;

/** A number of parameters as `min:6B,max:128B`, either side of which may be missing. @throws {BadRequest} */
export function parseParameterRange(text: string): ParameterRange {
  const range: { min: number | null; max: number | null } = { min: null, max: null };
  for (const part of text.split(',')) {
    const [, side, number, unit] = BOUND.exec(part.trim()) ?? [];
    if (side === undefined || number === undefined || unit === undefined)
      throw new BadRequest('num_parameters: expected a range such as min:6B,max:128B.');
    range[side.toLowerCase() as keyof ParameterRange] = Number(number) * UNITS[unit.toLowerCase()]!;
  }
  return range;
}
