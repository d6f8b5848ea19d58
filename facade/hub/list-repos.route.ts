import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import type { RepoInfo } from '../../src/domain/repo/repo-info.service.ts';
import { MAX_REPO_PAGE, type RepoListQuery } from '../../src/domain/repo/repo-list.service.ts';
import type { RepoType } from '../../src/domain/repo/repo.entity.ts';
import { nextLink } from '../wire/link-header.ts';
import { queryBoolean, repeated } from '../wire/parse.ts';
import { repoType, TYPES, TypeSegmentParam } from '../wire/repo-params.ts';
import { presentExpanded, presentListedRepo, presentRepoInfo, type Wire } from '../wire/repo-presenter.ts';
import {
  ExpandQuery,
  parseParameterRange,
  parseTagFilter,
  parseWanted,
  type Wanted,
} from '../wire/repo-query.ts';
import { RepoSortParam } from '../wire/repo-sort.ts';
import { Cursor, PageSize } from './repo-paths.ts';

/** Pages that show the files of every repository are shorter. */
const MAX_PAGE_WITH_FILES = 100;

const Query = ExpandQuery.extend({
  author: z.string().min(1).optional(),
  search: repeated.default([]).describe('Part of `namespace/name`; all of several'),
  filter: repeated.default([]).describe('A tag; all of several'),
  pipeline_tag: z.string().min(1).optional(),
  library: repeated.default([]),
  gated: queryBoolean.optional(),
  num_parameters: z.string().optional().describe('Of models: `min:6B,max:128B`, or one of both'),
  models: repeated.default([]).describe('Of spaces: a model that the card names; all of several'),
  datasets: repeated.default([]).describe('Of spaces: a dataset that the card names; all of several'),
  linked: queryBoolean.default(false).describe('Of spaces: those whose card names a model or a dataset'),
  inference: z.string().optional().describe('Nothing is served from here, so no model matches'),
  inference_provider: repeated.default([]).describe('Likewise'),
  apps: repeated.default([]).describe('Refused: the hub does not know which apps can run a model'),
  sort: RepoSortParam,
  direction: z.literal('-1').optional().describe('Lists are always descending'),
  limit: PageSize.default(100).describe(`At most ${MAX_REPO_PAGE}; ${MAX_PAGE_WITH_FILES} with files`),
  cursor: Cursor,
  full: queryBoolean.default(false).describe('All fields and the files'),
  cardData: queryBoolean.default(false),
});

/** GET /api/models, /api/datasets, /api/spaces: huggingface_hub `list_models` and its sisters. */
export const listReposRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    `/api/${TYPES}`,
    {
      schema: {
        summary: 'List repositories',
        tags: ['repositories'],
        params: TypeSegmentParam,
        querystring: Query,
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { query } = request;
      const type = repoType(request.params.types);
      const wanted = parseWanted(type, query, query.full ? 'with files' : 'without files');
      // No inference provider takes its models from here.
      if (query.inference !== undefined || query.inference_provider.length > 0) return [];
      const limit = wanted.files === 'none' ? query.limit : Math.min(query.limit, MAX_PAGE_WITH_FILES);
      const page = await services.repoLists.list(actor, { ...parseList(type, query), limit });
      const infos = await services.repoInfo.infos(page.items, wanted.files);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return infos.map((info) => present(info, wanted, query));
    },
  );
};

/** @throws {BadRequest} for what the hub cannot filter by: an answer that ignores it would be a wrong one. */
function parseList(type: RepoType, query: z.output<typeof Query>): RepoListQuery {
  if (query.apps.length > 0)
    throw new BadRequest('apps: this hub does not know which apps can run a model. Filter by tags instead.');
  const { num_parameters: range, models, datasets, linked } = query;
  const ofModels = range === undefined ? {} : { parameters: parseParameterRange(range) };
  const ofSpaces = { linkedModels: models, linkedDatasets: datasets, isLinked: linked || undefined };
  return {
    type,
    author: query.author,
    search: query.search,
    tags: [...query.filter, ...query.library].map((filter) => parseTagFilter(type, filter)),
    pipelineTag: query.pipeline_tag,
    isGated: query.gated,
    ...(type === 'model' && ofModels),
    ...(type === 'space' && ofSpaces),
    sort: query.sort,
    limit: query.limit,
    cursor: query.cursor,
  };
}

function present(info: RepoInfo, { expand }: Wanted, { full, cardData }: z.output<typeof Query>): Wire {
  if (expand.length > 0) return presentExpanded(info, expand);
  if (full) return presentRepoInfo(info);
  const card = cardData ? { cardData: info.repo.card ?? undefined } : {};
  return { ...presentListedRepo(info), ...card };
}
