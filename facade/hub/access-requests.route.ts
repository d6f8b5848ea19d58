import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { REQUEST_STATUSES } from '../../src/domain/gate/access-request.entity.ts';
import type { ListedRequest } from '../../src/domain/gate/gate.queries.ts';
import { nextLink } from '../wire/link-header.ts';
import { repoRef } from '../wire/repo-params.ts';
import { wireDate } from '../wire/dates.ts';
import { WIRE_ID, wireId } from '../wire/repo-presenter.ts';
import { API_REPO, Cursor, PageSize, RepoPath } from './repo-paths.ts';

const Query = z.object({ limit: PageSize.default(1000), cursor: Cursor });
const HandleBody = z
  .object({
    user: z.string().optional(),
    requestId: z.string().regex(WIRE_ID, 'must be the requestId of a request in a list').optional(),
    status: z.enum(REQUEST_STATUSES),
    rejectionReason: z.string().nullish(),
  })
  .refine(({ user, requestId }) => (user === undefined) !== (requestId === undefined), {
    message: 'Name the request by either user or requestId',
  });

/** user-access-request: huggingface_hub `list_…_access_requests`, `accept_`, `reject_`, `cancel_access_request`, `grant_access`. */
export const accessRequestsRoute: FastifyPluginAsyncZod = async (app) => {
  const url = `${API_REPO}/user-access-request`;
  const tags = ['gated access'];
  app.get(
    `${url}/:status`,
    {
      schema: {
        summary: 'Requests for access to a gated repository',
        tags,
        params: RepoPath.extend({ status: z.enum(REQUEST_STATUSES) }),
        querystring: Query,
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { status } = request.params;
      const page = await services.gates.list(actor, repoRef(request.params), { ...request.query, status });
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return page.items.map(presentRequest);
    },
  );
  app.post(
    `${url}/handle`,
    { schema: { summary: 'Accept or reject a request', tags, params: RepoPath, body: HandleBody } },
    async (request) => {
      const { services, actor } = request.scope;
      const { user, requestId, ...decision } = request.body;
      const target =
        requestId === undefined ? { username: user ?? '' } : { requestId: parseInt(requestId, 16) };
      await services.gates.decide(actor, repoRef(request.params), { request: target, ...decision });
      return { success: true, message: 'Request handled' };
    },
  );
  app.post(
    `${url}/grant`,
    {
      schema: {
        summary: 'Let somebody in who need not have asked',
        tags,
        params: RepoPath,
        body: z.object({ user: z.string() }),
      },
    },
    async (request) => {
      const { services, actor } = request.scope;
      await services.gates.grant(actor, repoRef(request.params), request.body.user);
      return { success: true, message: 'Access granted' };
    },
  );
};

/** `requestId` is what huggingface_hub 2.4 and newer ask for. */
function presentRequest({
  id,
  name,
  fullName,
  email,
  status,
  fields,
  createdAt,
  rejectionReason,
}: ListedRequest) {
  return {
    requestId: wireId(id),
    user: { user: name, fullname: fullName ?? name, ...(email !== null && { email }) },
    status,
    timestamp: wireDate(createdAt),
    fields: fields ?? undefined,
    rejectionReason: rejectionReason ?? undefined,
  };
}
