import { z } from 'zod';

/** The specification writes the organisation endpoints without `/api`. Both work. */
export const ORG_SPELLINGS = ['/org', '/api/org'] as const;

export const OrgPath = z.object({ name: z.string() });

export const OrgMemberPath = OrgPath.extend({ username: z.string() });

/** A page of a list; the next one is in the `Link` header. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).default(100).describe('At most 1000'),
  cursor: z.string().min(1).optional(),
});
