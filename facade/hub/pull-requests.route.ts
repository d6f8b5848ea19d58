import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { PULL_REQUEST_STATES } from '../../src/domain/discussion/pull-request.service.ts';
import { NotImplemented } from '../../src/domain/errors.ts';
import { queryBoolean } from '../wire/parse.ts';
import { presentListedPullRequest, presentPullRequest } from '../wire/pull-request-presenter.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

const Body = z.object({
  title: z.string(),
  description: z.string().nullish(),
  pullRequest: z.boolean().default(false),
});
const Params = RepoPath.extend({ number: z.coerce.number().int().min(1).max(999_999_999) });
const Query = z.object({ diff: queryBoolean.default(false).describe('With what it changes, as a patch') });

const ListQuery = z.object({
  p: z.coerce.number().int().min(0).max(1_000_000).default(0).describe('The page, counted from 0'),
  type: z.enum(['all', 'discussion', 'pull_request']).default('all'),
  status: z.enum(PULL_REQUEST_STATES).default('all'),
  author: z.string().optional(),
});

/** POST discussions, GET discussions and discussions/{number}: what huggingface_hub asks when it uploads a folder as a pull request, and its lists. */
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
    `${API_REPO}/discussions`,
    { schema: { summary: 'List pull requests', tags: ['upload'], params: RepoPath, querystring: ListQuery } },
    async (request) => {
      const { services, actor } = request.scope;
      const { p: page, type, status: state, author } = request.query;
      const query = { page, state, authorName: author ?? null };
      const { repo, items, start, total } = await services.pullRequests.list(
        actor,
        repoRef(request.params),
        query,
      );
      // There are no others.
      if (type === 'discussion') return { discussions: [], start: 0, count: 0 };
      return { discussions: items.map((item) => presentListedPullRequest(repo, item)), start, count: total };
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
