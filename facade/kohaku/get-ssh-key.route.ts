import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { presentSshKey, SshKeyBody, SshKeyParams } from './ssh-key-presenter.ts';

/** GET /api/user/keys/{id}: one of the caller's SSH keys (specification: SSH key details). */
export const getSshKeyRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    '/api/user/keys/:id',
    {
      schema: { summary: 'An SSH key', tags: ['auth'], params: SshKeyParams, response: { 200: SshKeyBody } },
    },
    async (request) => {
      const { services, actor } = request.scope;
      return presentSshKey(await services.sshKeys.get(actor, request.params.id));
    },
  );
};
