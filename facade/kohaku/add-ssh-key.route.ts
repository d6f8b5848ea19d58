import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { shortText } from './schemas.ts';
import { presentSshKey, SshKeyBody } from './ssh-key-presenter.ts';

const Body = z.object({ title: shortText, key: z.string().max(16_384) });

/** POST /api/user/keys: adds an SSH key, the line of a `.pub` file (specification: add SSH key). */
export const addSshKeyRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/user/keys',
    { schema: { summary: 'Add an SSH key', tags: ['auth'], body: Body, response: { 200: SshKeyBody } } },
    async (request) => {
      const { services, actor } = request.scope;
      return presentSshKey(await services.sshKeys.add(actor, request.body));
    },
  );
};
