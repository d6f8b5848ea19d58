import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { MAX_LIKES_PAGE } from '../../src/domain/social/like.service.ts';
import { nextLink } from '../wire/link-header.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, Cursor, PageSize, RepoPath } from './repo-paths.ts';

/** Releases of huggingface_hub before 0.24 read one page only. */
const Query = z.object({ limit: PageSize.default(MAX_LIKES_PAGE), cursor: Cursor });

/** GET likers: huggingface_hub `list_repo_likers`, newest like first. */
export const likersRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    `${API_REPO}/likers`,
    {
      schema: { summary: 'Who likes a repository', tags: ['likes'], params: RepoPath, querystring: Query },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const page = await services.likes.likers(actor, repoRef(request.params), request.query);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return page.items.map(({ name, fullName }) => ({
        user: name,
        fullname: fullName ?? name,
        avatarUrl: `${config.baseUrl}/api/users/${name}/avatar`,
      }));
    },
  );
};
