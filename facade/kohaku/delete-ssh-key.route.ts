import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { done } from './schemas.ts';
import { SshKeyParams } from './ssh-key-presenter.ts';

/** DELETE /api/user/keys/{id}: removes one of the caller's SSH keys (specification: delete SSH key). */
export const deleteSshKeyRoute: FastifyPluginAsyncZod = async (app) => {
  app.delete(
    '/api/user/keys/:id',
    {
      schema: { summary: 'Delete an SSH key', tags: ['auth'], params: SshKeyParams, response: { 200: done } },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.sshKeys.delete(actor, request.params.id);
      return { success: true as const, message: 'SSH key deleted successfully' };
    },
  );
};
