import { z } from 'zod';
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
