import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_SPELLINGS } from './org-paths.ts';
import { shortText } from './schemas.ts';

/** POST /org/create: makes an organisation whose super-admin is the caller (specification: create organization). */
export const createOrgRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.post(
      `${prefix}/create`,
      {
        schema: {
          summary: 'Create an organization',
          tags: ['organizations'],
          body: z.object({ name: shortText, description: z.string().nullish() }),
          response: { 200: z.object({ success: z.literal(true), name: z.string() }) },
        },
      },
      async (request) => {
        const { name } = await request.scope.services.orgs.create(request.scope.actor, request.body);
        return { success: true as const, name };
      },
    );
  }
};
