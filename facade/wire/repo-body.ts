import { z } from 'zod';
import type { Visibility } from '../../src/domain/repo/repo-settings.ts';
import { REPO_TYPES, type RepoType } from '../../src/domain/repo/repo.entity.ts';
import { parseRepoId } from '../../src/domain/repo/repo-ref.ts';

/** How request bodies name a repository: `organization` null is the caller's own namespace. */
export const RepoName = z.object({
  type: z.enum(REPO_TYPES).nullish().describe('`model` when absent'),
  name: z.string().min(1).describe('`name`, or `namespace/name` without an organization'),
  organization: z.string().min(1).nullish(),
});

export interface NamedRepo {
  readonly type: RepoType;
  readonly namespace: string | null;
  readonly name: string;
}

/** @throws {BadRequest} for a name with more than one slash. */
export function parseNamedRepo(body: z.output<typeof RepoName>): NamedRepo {
  const type = body.type ?? 'model';
  if (!body.organization && body.name.includes('/')) return { type, ...parseRepoId(body.name, 'name') };
  return { type, namespace: body.organization ?? null, name: body.name };
}

/** Undefined when the body says nothing about it. */
export function visibilityOf(body: {
  readonly visibility?: Visibility | null | undefined;
  readonly private?: boolean | null | undefined;
}): Visibility | undefined {
  if (typeof body.private === 'boolean') return body.private ? 'private' : 'public';
  return body.visibility ?? undefined;
}
