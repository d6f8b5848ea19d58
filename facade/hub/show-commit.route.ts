import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isFresh } from '../wire/byte-range.ts';
import { etagOfValues, presentCommitDetail, presentCommitDiff, revalidated } from '../wire/diff-presenter.ts';
import { nextLink } from '../wire/link-header.ts';
import { repoRef } from '../wire/repo-params.ts';
import { Cursor, PageSize, REPO_SPELLINGS, RepoPath } from './repo-paths.ts';

const Params = RepoPath.extend({
  revision: z.string().min(1).describe('A commit id, or any revision with its slashes as %2F'),
});
const Query = z.object({
  limit: PageSize.default(100),
  cursor: Cursor,
  path: z.string().max(2048).optional().describe('Only this file, or what is below this folder'),
});

/** GET commit/{revision}: a commit and the files it changed; GET commit/{revision}/diff: the same with texts. Both page by `Link`. */
export const showCommitRoute: FastifyPluginAsyncZod = async (app) => {
  const schema = { tags: ['history'], params: Params, querystring: Query };
  for (const repoPath of REPO_SPELLINGS) {
    app.get(
      `${repoPath}/commit/:revision`,
      { schema: { ...schema, summary: 'Show a commit' } },
      async (request, reply) => {
        const { services, actor, config } = request.scope;
        const at = { repo: repoRef(request.params), revision: request.params.revision };
        const found = await services.diffs.findCommit(actor, at, 'names');
        const etag = etagOfValues('commit', found.commit.oid, found.commit.userName, request.query);
        reply.headers(revalidated(etag));
        if (isFresh(request.headers, etag)) return reply.code(304).send();
        const page = await services.diffs.files(found.compared, request.query);
        reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
        return presentCommitDetail(found, page.items);
      },
    );
    app.get(
      `${repoPath}/commit/:revision/diff`,
      { schema: { ...schema, summary: 'Show what a commit changed' } },
      async (request, reply) => {
        const { services, actor, config } = request.scope;
        const at = { repo: repoRef(request.params), revision: request.params.revision };
        const found = await services.diffs.findCommit(actor, at, 'contents');
        const etag = etagOfValues('diff', found.commit.oid, found.commit.userName, request.query);
        reply.headers(revalidated(etag));
        if (isFresh(request.headers, etag)) return reply.code(304).send();
        const page = await services.diffs.diffs(found.compared, request.query);
        reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
        return presentCommitDiff(found, page.items);
      },
    );
  }
};
