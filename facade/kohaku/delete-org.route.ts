import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { queryBoolean } from '../wire/parse.ts';
import { ORG_SPELLINGS, OrgPath } from './org-paths.ts';
import { done } from './schemas.ts';

const Query = z.object({
  end_redirects: queryBoolean
    .default(false)
    .describe('Give up former names of repositories that were moved elsewhere'),
});

/** DELETE /org/{name}: ends an organisation without repositories. */
export const deleteOrgRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.delete(
      `${prefix}/:name`,
      {
        schema: {
          summary: 'Delete an organization',
          tags: ['organizations'],
          params: OrgPath,
          querystring: Query,
          response: { 200: done },
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        const endsRedirects = request.query.end_redirects;
        await services.orgs.delete(actor, request.params.name, { endsRedirects });
        return { success: true as const, message: 'Organization deleted' };
      },
    );
  }
};
