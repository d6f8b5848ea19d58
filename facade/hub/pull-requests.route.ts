import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { NotImplemented } from '../../src/domain/errors.ts';
import { queryBoolean } from '../wire/parse.ts';
import { presentPullRequest } from '../wire/pull-request-presenter.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

const Body = z.object({
  title: z.string(),
  description: z.string().nullish(),
  pullRequest: z.boolean().default(false),
});
const Params = RepoPath.extend({ number: z.coerce.number().int().min(1).max(999_999_999) });
const Query = z.object({ diff: queryBoolean.default(false).describe('With what it changes, as a patch') });

/** POST discussions, GET discussions/{number}: what huggingface_hub asks when it uploads a folder as a pull request. */
export const pullRequestsRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    `${API_REPO}/discussions`,
    { schema: { summary: 'Open a pull request', tags: ['upload'], params: RepoPath, body: Body } },
    async (request) => {
      const { services, actor } = request.scope;
      const { title, description, pullRequest } = request.body;
      const repo = repoRef(request.params);
      if (!pullRequest) throw new NotImplemented('This hub has pull requests, but no other discussions.');
      return {
        num: await services.pullRequests.open(actor, repo, { title, description: description ?? '' }),
      };
    },
  );
  app.get(
    `${API_REPO}/discussions/:number`,
    { schema: { summary: 'Show a pull request', tags: ['upload'], params: Params, querystring: Query } },
    async (request) => {
      const { services, actor } = request.scope;
      const { number } = request.params;
      const wanted = { number, withPatch: request.query.diff };
      return presentPullRequest(await services.pullRequests.find(actor, repoRef(request.params), wanted));
    },
  );
};
