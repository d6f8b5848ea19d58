import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { queryBoolean } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { xetTokenHeaders } from '../wire/xet-token-headers.ts';
import { API_REPO, RepoRestPath } from './repo-paths.ts';

const Query = z.object({ create_pr: queryBoolean.default(false) });

/**
 * GET xet-read-token/{revision} and xet-write-token/{revision}: a token for the content-addressed store, and its address.
 * `hf_xet` and huggingface.js read the body, huggingface_hub reads the headers. Clients come here again before the token ends.
 */
export const xetTokenRoute: FastifyPluginAsyncZod = async (app) => {
  for (const scope of ['read', 'write'] as const) {
    app.get(
      `${API_REPO}/xet-${scope}-token/*`,
      {
        schema: {
          summary: `Get a token to ${scope} files by Xet`,
          tags: ['xet'],
          params: RepoRestPath,
          querystring: Query,
        },
      },
      async (request, reply) => {
        const { services, actor } = request.scope;
        const grant = await services.xetAccess.grant(actor, repoRef(request.params), {
          scope,
          revision: request.params['*'],
          createsPullRequest: request.query.create_pr,
        });
        const headers = xetTokenHeaders(grant);
        reply.headers({ ...headers, 'cache-control': 'no-store' });
        return {
          accessToken: grant.accessToken,
          exp: Number(headers['X-Xet-Token-Expiration']),
          casUrl: grant.casUrl,
        };
      },
    );
  }
};
