import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { protocolVersion } from '../../src/domain/git/advertisement.ts';
import { BadRequest } from '../../src/domain/errors.ts';
import { repoRef } from '../wire/repo-params.ts';
import { gitProtocol } from './git-request.ts';
import { GIT_REPO_PATHS } from './git-paths.ts';

const Query = z.object({ service: z.string().optional() });

/** GET …/info/refs?service=…: how every conversation of a Git client begins. */
export const infoRefsRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of GIT_REPO_PATHS) {
    app.get(
      `${path}/info/refs`,
      { schema: { summary: 'Refs, for Git clients', tags: ['git'], params, querystring: Query } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const repo = repoRef(request.params);
        const { service } = request.query;
        const version = protocolVersion(gitProtocol(request));
        if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
          throw new BadRequest(
            'This hub speaks only the smart HTTP protocol of Git. Use Git 1.6.6 or newer.',
          );
        }
        const refs =
          service === 'git-receive-pack'
            ? await services.gitPushes.advertise(actor, repo, { version, via: 'git-http' })
            : await services.gitReads.advertise(actor, repo, version);
        return reply
          .type(`application/x-${service}-advertisement`)
          .header('cache-control', 'no-cache, max-age=0, must-revalidate')
          .send(refs);
      },
    );
  }
};
