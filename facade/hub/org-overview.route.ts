import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

const Overview = z.object({
  name: z.string(),
  fullname: z.string(),
  avatarUrl: z.string(),
  details: z.string().nullable(),
  isVerified: z.boolean(),
  numUsers: z.int(),
  numModels: z.int().describe('That the caller may see, as the two below'),
  numDatasets: z.int(),
  numSpaces: z.int(),
});

/** GET /api/organizations/{name}/overview: huggingface_hub `get_organization_overview`. */
export const orgOverviewRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/organizations/:name/overview',
    {
      schema: {
        summary: 'An organization and what it has',
        tags: ['organizations'],
        params: z.object({ name: z.string() }),
        response: { 200: Overview },
      },
    },
    async (request) => {
      const { services, actor, config } = request.scope;
      const org = await services.orgInfo.info(actor, request.params.name);
      return {
        name: org.name,
        fullname: org.fullName ?? org.name,
        avatarUrl: `${config.baseUrl}/api/organizations/${org.name}/avatar`,
        details: org.description,
        isVerified: false,
        numUsers: org.memberCount,
        numModels: org.repoCounts.model,
        numDatasets: org.repoCounts.dataset,
        numSpaces: org.repoCounts.space,
      };
    },
  );
};
