import { z } from 'zod';
import { TYPES } from '../wire/repo-params.ts';

/** Where a repository lies in the API. */
export const API_REPO = `/api/${TYPES}/:namespace/:name`;

/** The same without `/api`, as the specification spells commits, branches and tags. Both work. */
export const REPO_SPELLINGS = [API_REPO, `/${TYPES}/:namespace/:name`] as const;

export const RepoPath = z.object({
  types: z.enum(['models', 'datasets', 'spaces']),
  namespace: z.string(),
  name: z.string(),
});

/** With a revision, branch or tag at the end, whose slashes may arrive as `%2F` or as they are. */
export const RepoRestPath = RepoPath.extend({ '*': z.string().min(1) });

/** Page size; services cut what is larger than they allow. */
export const PageSize = z.coerce.number().int().min(1);

export const Cursor = z.string().min(1).optional();
