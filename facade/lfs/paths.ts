import { z } from 'zod';
import { TYPES } from '../wire/repo-params.ts';

const names = { namespace: z.string(), name: z.string() };
const typed = z.object({ ...names, types: z.enum(['models', 'datasets', 'spaces']) });
/** Models have no prefix. */
const bare = z.object({ ...names, types: z.literal('models').default('models') });

/** The base of a repository's LFS API, as Git clients derive it. The name may end in `.git`. */
export const LFS_REPO_PATHS = [
  { path: '/:namespace/:name', params: bare },
  { path: `/${TYPES}/:namespace/:name`, params: typed },
] as const;

/** The same below `/api`, as the specification spells the verify URL. */
export const LFS_API_PATHS = [
  { path: '/api/:namespace/:name', params: bare },
  { path: `/api/${TYPES}/:namespace/:name`, params: typed },
] as const;
