import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { parseRepoId, type RepoRef } from '../../src/domain/repo/repo-ref.ts';

/**
 * How inputs name things, the same in GraphQL: `repo`, `username`, `organization`, `namespace` (a user or an organization), `branch`,
 * `tag`, `revision`, `path`, and `id` for the row of a list; a new name is `to`.
 */
export const RepoRefInput = z.object({
  type: z.enum(REPO_TYPES).default('model'),
  name: z.string().max(200).describe('`namespace/name`'),
});

/** An input that is about a repository. */
export const OfRepo = z.object({ repo: RepoRefInput });

/** @throws {BadRequest} for a name without a slash, or with several. */
export function parseRepoRef({ type, name }: z.output<typeof RepoRefInput>): RepoRef {
  return { type, ...parseRepoId(name, 'name') };
}

/** The name of an account; the rule for new ones is the service's. */
export const NameText = z.string().max(200);

export const OfUser = z.object({ username: NameText });
export const OfOrganization = z.object({ organization: NameText });
export const OfNamespace = z.object({ namespace: NameText });

/** A page of a list; `cursor` is `nextCursor` of the page before. */
export const PageInput = z.object({
  limit: z.int().min(1).max(1000).default(100),
  cursor: z.string().max(2000).optional(),
});

/** A branch, a tag, a full ref name or a commit id. */
export const Revision = z.string().min(1).max(1024);

/** A revision of a repository. */
export const AtRevision = OfRepo.extend({ revision: Revision.default('main') });

/** A commit id of 5 digits or more: refused when the branch is not there any more. */
export const ExpectedHead = z
  .string()
  .regex(/^[0-9A-Fa-f]{5,40}$/, 'must be 5 to 40 hexadecimal digits')
  .nullable()
  .default(null);

/** The row of something that a list showed. */
export const IdInput = z.object({ id: z.int().positive() });
