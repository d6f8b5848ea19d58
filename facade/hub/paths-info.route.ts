import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { queryBoolean, repeated } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { presentTreeItem } from '../wire/tree-presenter.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

const Params = RepoPath.extend({ '*': z.string().default('main') });
const Body = z.object({ paths: repeated.default([]), expand: queryBoolean.default(false) });

/** POST paths-info[/{revision}]: huggingface_hub `get_paths_info` as a form, huggingface.js as JSON. */
export const pathsInfoRoute: FastifyPluginAsyncZod = async (app) => {
  for (const suffix of ['', '/*']) {
    app.post(
      `${API_REPO}/paths-info${suffix}`,
      { schema: { summary: 'Describe some paths', tags: ['files'], params: Params, body: Body } },
      async (request) => {
        const { services, actor } = request.scope;
        const { paths, expand } = request.body;
        const items = await services.browse.paths(
          actor,
          { repo: repoRef(request.params), revision: request.params['*'] },
          { paths, withLastCommit: expand },
        );
        return items.map(presentTreeItem);
      },
    );
  }
};
