import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Readable } from 'node:stream';
import { protocolVersion } from '../../src/domain/git/advertisement.ts';
import { goneSignal } from '../wire/gone-signal.ts';
import { repoRef } from '../wire/repo-params.ts';
import { discardRest } from '../wire/request-body.ts';
import { GIT_REPO_PATHS } from './git-paths.ts';
import { gitBody, gitProtocol, hasShortBody } from './git-request.ts';

/** POST …/git-upload-pack: refs of version 2, and packs for clone and fetch. */
export const uploadPackRoute: FastifyPluginAsyncZod = async (app) => {
  for (const { path, params } of GIT_REPO_PATHS) {
    app.post(
      `${path}/git-upload-pack`,
      { schema: { summary: 'Fetch, for Git clients', tags: ['git'], params }, config: { isRead: true } },
      async (request, reply) => {
        const { actor, services } = request.scope;
        const call = {
          version: protocolVersion(gitProtocol(request)),
          body: gitBody(request),
          isShort: hasShortBody(request),
          signal: () => goneSignal(reply),
          address: request.ip,
        };
        try {
          const answer = await services.gitReads.uploadPack(actor, repoRef(request.params), call);
          return await reply
            .type('application/x-git-upload-pack-result')
            .header('cache-control', 'no-cache, max-age=0, must-revalidate')
            .send(Buffer.isBuffer(answer) ? answer : Readable.from(answer, { objectMode: false }));
        } finally {
          discardRest(request.raw);
        }
      },
    );
  }
};
