import { z } from 'zod';
import { TYPES } from '../wire/repo-params.ts';

const names = { namespace: z.string(), name: z.string() };

/** What Git clients take as the address of a repository. The name may end in `.git`. */
export const GIT_REPO_PATHS = [
  {
    path: '/:namespace/:name',
    params: z.object({ ...names, types: z.literal('models').default('models') }),
  },
  {
    path: `/${TYPES}/:namespace/:name`,
    params: z.object({ ...names, types: z.enum(['models', 'datasets', 'spaces']) }),
  },
] as const;
