import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { parseGroupCursor, presentGroupCursor } from '../wire/group-cursor.ts';
import { nextLink } from '../wire/link-header.ts';
import { typeSegment } from '../wire/repo-params.ts';
import { presentListedRepo } from '../wire/repo-presenter.ts';
import { RepoSortParam } from '../wire/repo-sort.ts';
import { Cursor, PageSize } from './repo-paths.ts';

const Query = z.object({
  sort: RepoSortParam,
  limit: PageSize.default(100).describe('Of each type'),
  cursor: Cursor,
});

/** GET /api/users/{name}/repos: what somebody has, grouped by type. A page goes on in every type that has more. */
export const userReposRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/users/:username/repos',
    {
      schema: {
        summary: 'Repositories of a user or an organization',
        tags: ['repositories'],
        params: z.object({ username: z.string() }),
        querystring: Query,
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { sort, limit, cursor } = request.query;
      const cursors = parseGroupCursor(cursor, REPO_TYPES.length);
      const { username } = request.params;
      const pages = await Promise.all(
        REPO_TYPES.map(async (type, index) => {
          const own = cursors[index];
          const page =
            own === null
              ? { items: [], nextCursor: null }
              : await services.repoLists.listOf(actor, username, { type, sort, limit, cursor: own });
          return { type, page };
        }),
      );
      reply.headers(
        nextLink(config.baseUrl, request.url, presentGroupCursor(pages.map(({ page }) => page.nextCursor))),
      );
      return Object.fromEntries(
        pages.map(({ type, page }) => [
          typeSegment(type),
          page.items.map((repo) => presentListedRepo({ repo, commitOid: repo.headOid, files: null })),
        ]),
      );
    },
  );
};
