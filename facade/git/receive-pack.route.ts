import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Readable } from 'node:stream';
import { goneSignal } from '../wire/gone-signal.ts';
import { repoRef } from '../wire/repo-params.ts';
import { discardRest } from '../wire/request-body.ts';
import { GIT_REPO_PATHS } from './git-paths.ts';
import { pushBody } from './git-request.ts';

/** POST …/git-receive-pack: pushes. */
export const receivePackRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of GIT_REPO_PATHS) {
    app.post(
      `${path}/git-receive-pack`,
      { schema: { summary: 'Push, for Git clients', tags: ['git'], params } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const call = { input: pushBody(request), signal: goneSignal(reply), via: 'git-http' } as const;
        try {
          const answer = await services.gitPushes.receivePack(actor, repoRef(request.params), call);
          return await reply
            .type('application/x-git-receive-pack-result')
            .header('cache-control', 'no-cache, max-age=0, must-revalidate')
            .send(Readable.from(answer, { objectMode: false }));
        } finally {
          discardRest(request.raw);
        }
      },
    );
  }
};
