import { z } from 'zod';
import { PageInput } from './inputs.ts';

const MAX_DIFFS = 100;

/** A page of changed files. */
export const ChangesPage = PageInput.extend({
  // It holds a path.
  cursor: z.string().max(20_000).optional(),
  path: z.string().max(4096).optional().describe('Only this file, or what is below this folder'),
});

/** A page of their texts. */
export const DiffsPage = ChangesPage.extend({
  limit: z.int().min(1).max(MAX_DIFFS).default(20),
});
