import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { OwnRequest } from '../../src/domain/gate/gate.queries.ts';
import { wireDate } from '../wire/dates.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, RepoPath } from './repo-paths.ts';

const Body = z.object({
  fields: z
    .record(z.string(), z.union([z.string(), z.boolean()]))
    .default({})
    .describe('Answers to `extra_gated_fields` of the card'),
});

/** GET, POST and DELETE ask-access: what a gate asks, asking it, and taking the request back. */
export const askAccessRoute: FastifyPluginAsyncZod = async (app) => {
  const url = `${API_REPO}/ask-access`;
  const tags = ['gated access'];
  app.get(
    url,
    { schema: { summary: 'What the gate asks, and your request', tags, params: RepoPath } },
    async (request) => {
      const { services, actor } = request.scope;
      const gate = await services.gates.view(actor, repoRef(request.params));
      return {
        hasAccess: gate.isOpenToCaller,
        request: gate.request && presentOwnRequest(gate.request),
        questions: gate.questions,
      };
    },
  );
  app.post(
    url,
    { schema: { summary: 'Ask for access', tags, params: RepoPath, body: Body } },
    async (request) => {
      const { services, actor } = request.scope;
      const { fields } = request.body;
      return presentOwnRequest(await services.gates.ask(actor, repoRef(request.params), fields));
    },
  );
  app.delete(
    url,
    { schema: { summary: 'Take your request back', tags, params: RepoPath } },
    async (request) => {
      const { services, actor } = request.scope;
      await services.gates.withdraw(actor, repoRef(request.params));
      return { success: true, message: 'Request withdrawn' };
    },
  );
};

function presentOwnRequest({ status, rejectionReason, createdAt }: OwnRequest) {
  return { status, rejectionReason, timestamp: wireDate(createdAt) };
}
