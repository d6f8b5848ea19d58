import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { OrgPath } from './org-paths.ts';
import { done } from './schemas.ts';

const Body = z
  .object({
    full_name: z.string().nullish(),
    description: z.string().nullish(),
    bio: z.string().nullish(),
    website: z.string().nullish(),
    social_media: z.record(z.string(), z.string()).nullish().describe('Names by network, such as `github`'),
  })
  .describe('Absent leaves a field as it is, null clears it');

/** PUT /api/organizations/{name}/settings: what an organisation tells of itself (specification: organization settings). */
export const orgSettingsRoute: FastifyPluginAsyncZod = async (app) => {
  app.put(
    '/api/organizations/:name/settings',
    {
      schema: {
        summary: 'Change the profile of an organization',
        tags: ['organizations'],
        params: OrgPath,
        body: Body,
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { full_name: fullName, social_media: socialLinks, ...rest } = request.body;
      await services.orgs.updateProfile(actor, request.params.name, { ...rest, fullName, socialLinks });
      return { success: true as const, message: 'Settings changed' };
    },
  );
};
