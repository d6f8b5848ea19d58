import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { presentSshKey, SshKeyBody } from './ssh-key-presenter.ts';

/** GET /api/user/keys: the caller's SSH keys (specification: list SSH keys). */
export const listSshKeysRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/user/keys',
    {
      schema: { summary: "List the user's SSH keys", tags: ['auth'], response: { 200: z.array(SshKeyBody) } },
    },
    async (request) => {
      const { services, actor } = request.scope;
      return (await services.sshKeys.list(actor)).map(presentSshKey);
    },
  );
};
