import type { FastifyRequest } from 'fastify';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import { REPO_TYPES, type RepoType } from '../../src/domain/repo/repo.entity.ts';
import type { RepoSort } from '../../src/domain/repo/repo-list.queries.ts';
import { parseGroupCursor, presentGroupCursor } from '../wire/group-cursor.ts';

/** Repositories of one type that a page shows. */
export interface RepoGroup {
  readonly type: RepoType;
  readonly repos: readonly RepoAccess[];
}

/**
 * A page of somebody's repositories of every type; it goes on in every type that has more.
 * @param query `limit` counts for each type. @throws {NotFound} for a namespace that does not exist.
 */
export async function reposOf(
  { services, actor }: FastifyRequest['scope'],
  namespace: string,
  query: { readonly sort: RepoSort; readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly groups: readonly RepoGroup[]; readonly nextCursor: string | null }> {
  const cursors = parseGroupCursor(query.cursor, REPO_TYPES.length);
  const pages = await Promise.all(
    REPO_TYPES.map(async (type, index) => {
      const cursor = cursors[index];
      if (cursor === null) return { items: [], nextCursor: null };
      return services.repoLists.listOf(actor, namespace, { ...query, type, cursor });
    }),
  );
  return {
    groups: REPO_TYPES.map((type, index) => ({ type, repos: pages[index]!.items })),
    nextCursor: presentGroupCursor(pages.map((page) => page.nextCursor)),
  };
}
