import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { done, secretText } from './schemas.ts';

const Params = z.object({ username: z.string() });

/** GET deletion and DELETE /api/users/{username}: what an account would leave without an owner, and its end. */
export const deleteUserRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/users/:username/deletion',
    {
      schema: {
        summary: 'What would lose its owner with your account',
        tags: ['accounts'],
        params: Params,
        response: {
          200: z.object({
            repositories: z.array(z.string()),
            organizations: z.array(z.string()),
            redirects: z.array(z.string()),
          }),
        },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const orphans = await services.accountDeletions.preview(actor, request.params.username);
      return {
        repositories: [...orphans.repos],
        organizations: [...orphans.orgs],
        redirects: [...orphans.redirects],
      };
    },
  );
  app.delete(
    '/api/users/:username',
    {
      schema: {
        summary: 'Delete your account',
        tags: ['accounts'],
        params: Params,
        body: z.object({
          password: secretText,
          end_redirects: z.boolean().default(false).describe('Give up former names of moved repositories'),
        }),
        response: { 200: done },
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      const { password, end_redirects: endsRedirects } = request.body;
      const address = request.ip;
      await services.accountDeletions.delete(actor, request.params.username, {
        password,
        endsRedirects,
        address,
      });
      return { success: true as const, message: 'Account deleted' };
    },
  );
};
