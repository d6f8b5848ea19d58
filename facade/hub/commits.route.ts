import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { presentCommit, presentFormattedCommit } from '../wire/commit-presenter.ts';
import { nextLink } from '../wire/link-header.ts';
import { repeated } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { Cursor, PageSize, REPO_SPELLINGS, RepoRestPath } from './repo-paths.ts';

const Query = z.object({
  limit: PageSize.default(50),
  cursor: Cursor,
  'expand[]': repeated.default([]),
  expand: repeated.default([]),
});

/**
 * GET commits/{revision}: huggingface_hub `list_repo_commits`, newest first. A first page of one commit carries `X-Total-Count`,
 * because that is how huggingface.js counts; other pages do not pay for it.
 */
export const commitsRoute: FastifyPluginAsyncZod = async (app) => {
  for (const repoPath of REPO_SPELLINGS) {
    app.get(
      `${repoPath}/commits/*`,
      {
        schema: {
          summary: 'List commits',
          tags: ['history'],
          params: RepoRestPath,
          querystring: Query,
        },
      },
      async (request, reply) => {
        const { services, actor, config } = request.scope;
        const { limit, cursor, ...expand } = request.query;
        const at = { repo: repoRef(request.params), revision: request.params['*'] };
        const page = await services.browse.commits(actor, at, { limit, cursor });
        const isFormatted = [...expand['expand[]'], ...expand.expand].includes('formatted');
        reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
        const count = limit === 1 && !cursor ? await services.browse.commitCount(actor, at) : null;
        if (count !== null) reply.header('x-total-count', count);
        return page.items.map(isFormatted ? presentFormattedCommit : presentCommit);
      },
    );
  }
};
