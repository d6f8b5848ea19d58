import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { wireDate } from '../wire/dates.ts';
import { done, shortText, wireDateSchema } from './schemas.ts';

const Params = z.object({ username: z.string() });

const Body = z
  .object({
    email: shortText.nullish().describe('Counts once the link was followed that is mailed to it'),
    full_name: z.string().nullish(),
    bio: z.string().nullish(),
    website: z.string().nullish(),
    social_media: z.record(z.string(), z.string()).nullish().describe('Names by network, such as `github`'),
  })
  .describe('Absent leaves a field as it is, null clears it; an address cannot be cleared');

const Profile = z.object({
  username: z.string(),
  full_name: z.string().nullable(),
  bio: z.string().nullable(),
  website: z.string().nullable(),
  social_media: z.record(z.string(), z.string()).nullable(),
  created_at: wireDateSchema,
});

/** PUT settings, GET profile and type of a user (specification: user settings). */
export const userSettingsRoute: FastifyPluginAsyncZod = async (app) => {
  app.put(
    '/api/users/:username/settings',
    {
      schema: {
        summary: 'Change your profile and address',
        tags: ['accounts'],
        params: Params,
        body: Body,
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { email, full_name: fullName, social_media: socialLinks, ...rest } = request.body;
      await services.profiles.update(actor, request.params.username, { ...rest, fullName, socialLinks });
      if (email == null) return { success: true as const, message: 'Settings changed' };
      const { isEffective } = await services.emailChanges.request(actor, email, request.ip);
      const message = isEffective
        ? 'Settings changed'
        : 'Settings changed. The new address counts once you have followed the link that was sent to it.';
      return { success: true as const, message };
    },
  );
  app.get(
    '/api/users/:username/profile',
    {
      schema: {
        summary: 'What a user tells of himself',
        tags: ['accounts'],
        params: Params,
        response: { 200: Profile },
      },
    },
    async (request) => {
      const profile = await request.scope.services.profiles.profile(request.params.username);
      return {
        username: profile.name,
        full_name: profile.fullName,
        bio: profile.bio,
        website: profile.website,
        social_media: profile.socialLinks && { ...profile.socialLinks },
        created_at: wireDate(profile.createdAt),
      };
    },
  );
  app.get(
    '/api/users/:username/type',
    {
      schema: {
        summary: 'Whether a name is that of a user or an organization',
        tags: ['accounts'],
        params: Params,
        response: { 200: z.object({ type: z.enum(['user', 'org']) }) },
      },
    },
    async (request) => ({
      type: (await request.scope.services.profiles.profile(request.params.username)).kind,
    }),
  );
};
