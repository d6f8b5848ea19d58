import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { nextLink } from '../wire/link-header.ts';
import { typeSegment } from '../wire/repo-params.ts';
import { presentListedRepo } from '../wire/repo-presenter.ts';
import { RepoSortParam } from '../wire/repo-sort.ts';
import { Cursor, PageSize } from './repo-paths.ts';
import { reposOf } from './repos-of.ts';

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
      const { groups, nextCursor } = await reposOf(request.scope, request.params.username, request.query);
      reply.headers(nextLink(request.scope.config.baseUrl, request.url, nextCursor));
      return Object.fromEntries(
        groups.map(({ type, repos }) => [
          typeSegment(type),
          repos.map((repo) => presentListedRepo({ repo, commitOid: repo.headOid, files: null })),
        ]),
      );
    },
  );
};
