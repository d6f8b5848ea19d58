import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { presentExpanded, presentRepoInfo } from '../wire/repo-presenter.ts';
import { ExpandQuery, parseWanted } from '../wire/repo-query.ts';
import { API_REPO, RepoPath, RepoRestPath } from './repo-paths.ts';

/** GET a repository, or one of its revisions: huggingface_hub `repo_info`. */
export const repoInfoRoute: FastifyPluginAsyncZod = async (app) => {
  const summary = { summary: 'Repository info', tags: ['repositories'], querystring: ExpandQuery };
  app.get(API_REPO, { schema: { ...summary, params: RepoPath } }, async (request) => {
    const { services, actor } = request.scope;
    const ref = repoRef(request.params);
    const { expand, files } = parseWanted(ref.type, request.query, 'with files');
    const info = await services.repoInfo.info(actor, ref, { revision: null, files });
    return expand.length > 0 ? presentExpanded(info, expand) : presentRepoInfo(info);
  });
  app.get(
    `${API_REPO}/revision/*`,
    { schema: { ...summary, summary: 'Repository info at a revision', params: RepoRestPath } },
    async (request) => {
      const { services, actor } = request.scope;
      const ref = repoRef(request.params);
      const { expand, files } = parseWanted(ref.type, request.query, 'with files');
      const info = await services.repoInfo.info(actor, ref, { revision: request.params['*'], files });
      return expand.length > 0 ? presentExpanded(info, expand) : presentRepoInfo(info);
    },
  );
};
