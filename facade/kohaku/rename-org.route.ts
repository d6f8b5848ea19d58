import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ORG_SPELLINGS, OrgPath } from './org-paths.ts';
import { shortText } from './schemas.ts';

/** POST /org/{name}/rename: another name for an organisation. Its old names lead to the new ones afterwards. */
export const renameOrgRoute: FastifyPluginAsyncZod = async (app) => {
  for (const prefix of ORG_SPELLINGS) {
    app.post(
      `${prefix}/:name/rename`,
      {
        schema: {
          summary: 'Rename an organization',
          tags: ['organizations'],
          params: OrgPath,
          body: z.object({ name: shortText }),
          response: { 200: z.object({ success: z.literal(true), name: z.string() }) },
        },
      },
      async (request) => {
        const { services, actor } = request.scope;
        const { name } = await services.orgs.rename(actor, request.params.name, request.body.name);
        return { success: true as const, name };
      },
    );
  }
};
