import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** GET /api/site-config: what the registration page must know. */
export const siteConfigRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/site-config',
    {
      schema: {
        summary: 'Public settings of the site',
        tags: ['server'],
        response: {
          200: z.object({
            site_name: z.string(),
            invitation_only: z.boolean(),
            require_email_verification: z.boolean(),
          }),
        },
      },
    },
    async (request) => {
      const { siteName, auth } = request.scope.config;
      return {
        site_name: siteName,
        invitation_only: auth.invitationOnly,
        require_email_verification: auth.requireEmailVerification,
      };
    },
  );
};
