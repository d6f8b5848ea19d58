import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

/** POST, DELETE and GET like: huggingface_hub `like` (old releases) and `unlike`, and the specification's. */
export const likeRoute: FastifyPluginAsyncZod = async (app) => {
  const url = `${API_REPO}/like`;
  app.post(url, about('Like a repository'), async ({ scope: { services, actor }, params }) => {
    const count = await services.likes.like(actor, repoRef(params));
    return { success: true, message: 'Repository liked successfully', likes_count: count };
  });
  app.delete(url, about('Take a like back'), async ({ scope: { services, actor }, params }) => {
    const count = await services.likes.unlike(actor, repoRef(params));
    return { success: true, message: 'Repository unliked successfully', likes_count: count };
  });
  app.get(url, about('Whether the caller likes it'), async ({ scope: { services, actor }, params }) => ({
    liked: await services.likes.isLiked(actor, repoRef(params)),
  }));
};

function about(summary: string) {
  return { schema: { summary, tags: ['likes'], params: RepoPath } };
}
