import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';

/** GET /api/models-tags-by-type and its sister: huggingface_hub `get_model_tags`, from the tags of public repositories. */
export const tagsByTypeRoute: FastifyPluginAsyncZod = async (app) => {
  for (const type of ['model', 'dataset'] as const) {
    app.get(
      `/api/${type}s-tags-by-type`,
      { schema: { summary: `Tags of ${type}s by what they stand for`, tags: ['repositories'] } },
      async (request) => {
        const groups = await request.scope.services.repoLists.tagsByType(type);
        return Object.fromEntries(
          groups.map((group) => [group.type, group.tags.map((tag) => ({ ...tag, type: group.type }))]),
        );
      },
    );
  }
};
