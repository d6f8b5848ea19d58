import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** GET /api/users/{username}/overview: huggingface_hub `get_user_overview`. */
export const userOverviewRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/users/:username/overview',
    {
      schema: {
        summary: 'A user and what he has',
        tags: ['accounts'],
        params: z.object({ username: z.string() }),
      },
    },
    async (request) => {
      const { services, actor, config } = request.scope;
      const user = await services.profiles.overview(actor, request.params.username);
      return {
        user: user.name,
        fullname: user.fullName ?? user.name,
        avatarUrl: `${config.baseUrl}/api/users/${user.name}/avatar`,
        type: 'user',
        isPro: false,
        details: user.bio,
        createdAt: user.createdAt.toISOString(),
        numModels: user.repoCounts.model,
        numDatasets: user.repoCounts.dataset,
        numSpaces: user.repoCounts.space,
        numLikes: user.likesCount,
        orgs: user.orgs.map(({ name, fullName }) => ({
          name,
          fullname: fullName ?? name,
          avatarUrl: `${config.baseUrl}/api/organizations/${name}/avatar`,
        })),
      };
    },
  );
};
