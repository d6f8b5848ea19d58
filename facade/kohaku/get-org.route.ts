import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { ORG_SPELLINGS, OrgPath } from './org-paths.ts';
import { wireDateSchema } from './schemas.ts';

const Org = z.object({
  name: z.string(),
  full_name: z.string().nullable(),
  description: z.string().nullable(),
  created_at: wireDateSchema,
  member_count: z.int(),
  repo_count: z
    .object({ model: z.int(), dataset: z.int(), space: z.int(), total: z.int() })
    .describe('Repositories that the caller may see'),
});

/** GET /org/{name}: an organisation (specification: get organization). */
export const getOrgRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.get(
      `${prefix}/:name`,
      {
        schema: {
          summary: 'An organization',
          tags: ['organizations'],
          params: OrgPath,
          response: { 200: Org },
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        const { repoCounts, ...org } = await services.orgInfo.info(actor, request.params.name);
        const { model, dataset, space } = repoCounts;
        return {
          name: org.name,
          full_name: org.fullName,
          description: org.description,
          created_at: wireDate(org.createdAt),
          member_count: org.memberCount,
          repo_count: { model, dataset, space, total: model + dataset + space },
        };
      },
    );
  }
};
