import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { asGitHasIt, type FileRef, type FoundFile } from '../../src/domain/download/resolve.service.ts';
import { isOid } from '../../src/git/oid.ts';
import { isFresh, requestedRange } from '../wire/byte-range.ts';
import {
  contentRangeOf,
  etagOf,
  fileHeaders,
  fileName,
  wantsXetFileInfo,
  xetFileInfo,
} from '../wire/file-headers.ts';
import { parseRevisionPath } from '../wire/file-url.ts';
import { type RepoParams, repoRef, TYPES, type TypeSegment } from '../wire/repo-params.ts';

interface RepoRoute {
  readonly repoPath: string;
  /** Where the path does not say it. */
  readonly types?: TypeSegment;
  /** Segments before the revision. */
  readonly skip: number;
}

interface FileRoute extends RepoRoute {
  readonly verb: 'resolve' | 'raw';
}

const ROUTES: readonly RepoRoute[] = [
  { repoPath: '/:namespace/:name', types: 'models', skip: 4 },
  { repoPath: `/${TYPES}/:namespace/:name`, skip: 5 },
  { repoPath: `/api/${TYPES}/:namespace/:name`, skip: 6 },
];

interface FileRequest {
  Params: Partial<RepoParams> & Pick<RepoParams, 'namespace' | 'name'>;
  Querystring: { download?: string };
}

/**
 * HEAD and GET resolve/{revision}/{path}: every download of every client. `raw` in place of `resolve` gives the file as Git has it:
 * of an LFS file the pointer. HEAD always answers itself, because clients send their
 * token along when they follow a redirect; GET goes to the object store when that can serve clients.
 */
export const resolveRoute: FastifyPluginAsync = async (app) => {
  for (const route of ROUTES) {
    for (const verb of ['resolve', 'raw'] as const) {
      // HEAD before GET: otherwise Fastify makes a HEAD of the GET handler.
      addHead(app, `${route.repoPath}/${verb}/*`, { ...route, verb });
      addGet(app, `${route.repoPath}/${verb}/*`, { ...route, verb });
    }
  }
};

function addHead(app: FastifyInstance, url: string, route: FileRoute): void {
  const schema = { summary: 'Describe a file', tags: ['files'] };
  app.head<FileRequest>(url, { schema }, async (request, reply) => {
    const { found, headers } = await findFile(request, route);
    if (isFresh(request.headers, etagOf(found))) return reply.code(304).headers(headers).send();
    return reply.headers(headers).header('content-length', found.item.sizeBytes).send();
  });
}

function addGet(app: FastifyInstance, url: string, route: FileRoute): void {
  const schema = { summary: 'Download a file', tags: ['files'] };
  app.get<FileRequest>(url, { schema }, async (request, reply) => {
    const { found, headers } = await findFile(request, route);
    const { xet } = found;
    if (xet && wantsXetFileInfo(request.headers.accept)) {
      const info = xetFileInfo({ ...found, xet }, headers);
      return reply.headers(info.headers).send(info.body);
    }
    if (isFresh(request.headers, etagOf(found))) return reply.code(304).headers(headers).send();
    const { actor, services } = request.scope;
    const range = requestedRange(request.headers, etagOf(found));
    const from = { address: request.ip, range };
    const location = await services.resolve.downloadUrl(found, fileName(found.item.path));
    if (location !== null) {
      services.resolve.noteDownload(actor, found, from);
      return reply.headers({ ...headers, 'cache-control': 'no-store' }).redirect(location, 302);
    }
    const file = await services.resolve.open(found, range);
    services.resolve.noteDownload(actor, found, from);
    if (range) reply.code(206).header('content-range', contentRangeOf(file));
    return reply.headers(headers).header('content-length', file.lengthBytes).send(file.body);
  });
}

async function findFile(
  request: FastifyRequest<FileRequest>,
  route: FileRoute,
): Promise<{ found: FoundFile; headers: Record<string, string> }> {
  const { services, actor } = request.scope;
  const file = fileRef(request, route);
  const resolved = await services.resolve.find(actor, file);
  const found = route.verb === 'raw' ? asGitHasIt(resolved) : resolved;
  const isDownload = request.query.download !== undefined;
  const { baseUrl } = request.scope.config;
  return { found, headers: fileHeaders(found, { isPinned: isOid(file.revision), isDownload, baseUrl }) };
}

function fileRef({ params, url }: FastifyRequest<FileRequest>, { types, skip }: FileRoute): FileRef {
  const repo = repoRef({ ...params, types: params.types ?? types ?? 'models' });
  return { repo, ...parseRevisionPath(url, skip) };
}
