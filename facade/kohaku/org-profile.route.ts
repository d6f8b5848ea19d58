import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { OrgPath } from './org-paths.ts';
import { wireDateSchema } from './schemas.ts';

const Profile = z.object({
  name: z.string(),
  full_name: z.string().nullable(),
  description: z.string().nullable(),
  bio: z.string().nullable(),
  website: z.string().nullable(),
  social_media: z.record(z.string(), z.string()).nullable(),
  member_count: z.int(),
  created_at: wireDateSchema,
});

/** GET /api/organizations/{name}/profile: what the settings of an organisation hold. */
export const orgProfileRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/organizations/:name/profile',
    {
      schema: {
        summary: 'The profile of an organization',
        tags: ['organizations'],
        params: OrgPath,
        response: { 200: Profile },
      },
    },
    async (request) => {
      const org = await request.scope.services.orgInfo.profile(request.params.name);
      return {
        name: org.name,
        full_name: org.fullName,
        description: org.description,
        bio: org.bio,
        website: org.website,
        social_media: org.socialLinks && { ...org.socialLinks },
        member_count: org.memberCount,
        created_at: wireDate(org.createdAt),
      };
    },
  );
};
