import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { parseRepoId, type RepoRef } from '../../src/domain/repo/repo-ref.ts';

/** How inputs name a repository. */
export const RepoRefInput = z.object({
  type: z.enum(REPO_TYPES).default('model'),
  name: z.string().max(200).describe('`namespace/name`'),
});

/** @throws {BadRequest} for a name without a slash, or with several. */
export function parseRepoRef({ type, name }: z.output<typeof RepoRefInput>): RepoRef {
  return { type, ...parseRepoId(name, 'name') };
}

/** The name of an account; the rule for new ones is the service's. */
export const NameText = z.string().max(200);

/** A page of a list; `cursor` is `nextCursor` of the page before. */
export const PageInput = z.object({
  limit: z.int().min(1).max(1000).default(100),
  cursor: z.string().max(2000).optional(),
});

/** A branch, a tag, a full ref name or a commit id. */
export const Revision = z.string().min(1).max(1024);

/** A commit id of 5 digits or more: refused when the branch is not there any more. */
export const ExpectedHead = z
  .string()
  .regex(/^[0-9A-Fa-f]{5,40}$/, 'must be 5 to 40 hexadecimal digits')
  .nullable()
  .default(null);
