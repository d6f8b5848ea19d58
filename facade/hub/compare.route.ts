import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import type { DiffService, FilesQuery, FoundRange, Range } from '../../src/domain/history/diff.service.ts';
import { isFresh } from '../wire/byte-range.ts';
import { presentCommit } from '../wire/commit-presenter.ts';
import {
  etagOfValues,
  presentChange,
  presentDiff,
  presentRange,
  revalidated,
} from '../wire/diff-presenter.ts';
import { nextLink } from '../wire/link-header.ts';
import { queryBoolean } from '../wire/parse.ts';
import { repoRef } from '../wire/repo-params.ts';
import { API_REPO, Cursor, PageSize, RepoPath } from './repo-paths.ts';

const Params = RepoPath.extend({
  range: z
    .string()
    .describe('`base...head` since they parted, `base..head` for all that differs; slashes as %2F'),
});
const Query = z.object({
  limit: PageSize.default(100),
  cursor: Cursor,
  path: z.string().max(2048).optional().describe('Only this file, or what is below this folder'),
  text: queryBoolean.default(true).describe('false leaves the texts out'),
  raw: queryBoolean.default(false).describe('true gives one patch for `git apply` in place of JSON'),
});
const CommitsQuery = z.object({
  side: z.enum(['ahead', 'behind']).default('ahead'),
  limit: PageSize.default(50),
  cursor: Cursor,
});

/** GET compare/{base}...{head}: what differs between two revisions; …/commits: which commits only one of them has. */
export const compareRoute: FastifyPluginAsyncZod = async (app) => {
  app.get(
    `${API_REPO}/compare/:range`,
    { schema: { summary: 'Compare two revisions', tags: ['history'], params: Params, querystring: Query } },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const { raw, text, cursor } = request.query;
      const looking = raw || text ? 'contents' : 'names';
      const range = parseRange(request.params.range);
      const found = await services.diffs.findRange(actor, repoRef(request.params), range, {
        looking,
        cursor,
      });
      const etag = etagOfValues('compare', found.baseOid, found.headOid, range.from, request.query);
      reply.headers(revalidated(etag));
      if (isFresh(request.headers, etag)) return reply.code(304).send();
      if (raw) {
        reply.headers({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
        return reply.send(Readable.from(await services.diffs.patch(found.compared), { objectMode: false }));
      }
      const { files, nextCursor } = await presentFiles(services.diffs, found, { ...request.query, text });
      reply.headers(nextLink(config.baseUrl, request.url, nextCursor));
      return presentRange(found, files);
    },
  );
  app.get(
    `${API_REPO}/compare/:range/commits`,
    {
      schema: {
        summary: 'List the commits between two revisions',
        tags: ['history'],
        params: Params,
        querystring: CommitsQuery,
      },
    },
    async (request, reply) => {
      const { services, actor, config } = request.scope;
      const range = parseRange(request.params.range);
      const page = await services.diffs.sideCommits(actor, repoRef(request.params), range, request.query);
      reply.headers(nextLink(config.baseUrl, request.url, page.nextCursor));
      return page.items.map(presentCommit);
    },
  );
};

async function presentFiles(diffs: DiffService, found: FoundRange, query: FilesQuery & { text: boolean }) {
  if (query.text) {
    const { items, nextCursor } = await diffs.diffs(found.compared, query);
    return { files: items.map(presentDiff), nextCursor };
  }
  const { items, nextCursor } = await diffs.files(found.compared, query);
  return { files: items.map(presentChange), nextCursor };
}

/** No revision has two dots in its name. @throws {BadRequest} */
function parseRange(range: string): Range {
  const [base, head, ...more] = range.split(/\.{2,3}/);
  if (!base || !head || more.length > 0) {
    throw new BadRequest('Name two revisions: "base...head", or "base..head".');
  }
  return { base, head, from: range.includes('...') ? 'merge-base' : 'base' };
}
