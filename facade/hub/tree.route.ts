import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { parseRevisionPath } from '../wire/file-url.ts';
import { nextLink } from '../wire/link-header.ts';
import { queryBoolean } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { presentTreeItem } from '../wire/tree-presenter.ts';
import { API_REPO, Cursor, PageSize, RepoRestPath } from './repo-paths.ts';

const Query = z.object({
  recursive: queryBoolean.default(false),
  expand: queryBoolean.default(false),
  limit: PageSize.default(1000),
  cursor: Cursor,
});

/** Segments of `/api/{types}/{namespace}/{name}/tree/` before the revision. */
const BEFORE_REVISION = 6;

/** GET tree/{revision}[/{path}]: huggingface_hub `list_repo_tree`. */
export const treeRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    `${API_REPO}/tree/*`,
    {
      schema: {
        summary: 'List a folder of a revision',
        tags: ['files'],
        params: RepoRestPath,
        querystring: Query,
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { expand, ...query } = request.query;
      const { revision, path } = parseRevisionPath(request.url, BEFORE_REVISION);
      const folder = path.replace(/\/$/, '');
      const page = await services.browse.folder(
        actor,
        { repo: repoRef(request.params), revision },
        { ...query, path: folder, withLastCommit: expand },
      );
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return page.items.map(presentTreeItem);
    },
  );
};
