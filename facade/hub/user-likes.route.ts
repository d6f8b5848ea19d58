import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { nextLink } from '../wire/link-header.ts';
import { Cursor, PageSize } from './repo-paths.ts';

const Query = z.object({ limit: PageSize.default(100), cursor: Cursor });

/** GET /api/users/{name}/likes: huggingface_hub `list_liked_repos`, newest like first. */
export const userLikesRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/users/:username/likes',
    {
      schema: {
        summary: 'Repositories that a user likes',
        tags: ['likes'],
        params: z.object({ username: z.string() }),
        querystring: Query,
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const page = await services.likes.likedBy(actor, request.params.username, request.query);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return page.items.map(({ type, fullName, likedAt }) => ({
        createdAt: wireDate(likedAt),
        repo: { name: fullName, type },
      }));
    },
  );
};
