import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { requireUser } from '../../src/domain/actor.ts';
import type { NamespaceView } from '../../src/domain/quota/quota.service.ts';
import type { RepoAccess } from '../../src/domain/repo/repo-access.ts';
import type { RepoType } from '../../src/domain/repo/repo.entity.ts';
import { wireDate } from '../wire/dates.ts';
import { nextLink } from '../wire/link-header.ts';
import { Cursor, PageSize } from './repo-paths.ts';
import { reposOf } from './repos-of.ts';

const Query = z.object({ limit: PageSize.default(100).describe('Of each type'), cursor: Cursor });
type PageQuery = z.output<typeof Query>;

/** GET settings/repositories: huggingface_hub `list_user_repos` and `hf repos ls`: what the caller or an organization stores. */
export const storageReposRoute: FastifyPluginAsyncZod = async (app) => {
  const summary = { tags: ['repositories'], querystring: Query };
  app.get(
    '/api/settings/repositories',
    { schema: { ...summary, summary: 'Storage of my repositories' } },
    (request, reply) => list(request, reply, requireUser(request.scope.actor).name, request.query),
  );
  app.get(
    '/api/organizations/:name/settings/repositories',
    {
      schema: {
        ...summary,
        summary: 'Storage of the repositories of an organization',
        params: z.object({ name: z.string() }),
      },
    },
    (request, reply) => {
      requireUser(request.scope.actor);
      return list(request, reply, request.params.name, request.query);
    },
  );
};

async function list(request: FastifyRequest, reply: FastifyReply, namespace: string, query: PageQuery) {
  const { services, actor, config } = request.scope;
  const { groups, nextCursor } = await reposOf(request.scope, namespace, { ...query, sort: 'lastModified' });
  reply.headers(nextLink(config.baseUrl, request.url, nextCursor));
  const all = groups.flatMap(({ repos }) => repos);
  const logicalBytes = await services.xetUsage.logicalBytes(all);
  // By its own name: the one of the request may be a former one.
  const totalBytes = all[0] ? visibleBytes(await services.quotas.publicView(actor, all[0].namespace)) : 0;
  return groups.flatMap(({ type, repos }) =>
    repos.map((repo) =>
      present(type, repo, { logicalBytes: logicalBytes.get(repo.id) ?? repo.usedBytes, totalBytes }),
    ),
  );
}

/** What the repositories that the caller sees use together. */
function visibleBytes({ usage, seesPrivate }: NamespaceView): number {
  return usage.publicUsedBytes + (seesPrivate ? usage.privateUsedBytes : 0);
}

interface Storage {
  readonly logicalBytes: number;
  /** Of the namespace. */
  readonly totalBytes: number;
}

function present(type: RepoType, repo: RepoAccess, { logicalBytes, totalBytes }: Storage) {
  return {
    id: repo.fullName,
    type,
    updatedAt: wireDate(repo.lastModifiedAt),
    visibility: repo.isPrivate ? 'private' : 'public',
    storage: repo.usedBytes,
    storagePercent: totalBytes > 0 ? (repo.usedBytes / totalBytes) * 100 : 0,
    logicalStorage: logicalBytes,
  };
}
