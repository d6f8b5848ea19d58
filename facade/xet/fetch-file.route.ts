import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { isFresh, requestedRange } from '../wire/byte-range.ts';
import { contentRangeOf } from '../wire/file-headers.ts';
import { parse } from '../wire/parse.ts';
import { InstanceParams, SignedQuery, XET_BASE } from './xet-request.ts';

const Params = InstanceParams.extend({ sha256: z.string() });

/** GET and HEAD of a signed URL: a content that is kept in xorbs, as one file. The URL is the permission. */
export const fetchFileRoute: FastifyPluginAsync = async (app) => {
  const url = `${XET_BASE}/files/:sha256`;
  // HEAD before GET: otherwise Fastify makes a HEAD of the GET handler.
  app.head(url, { schema: { hide: true } }, async (request, reply) => {
    const { content, etag } = await find(request, reply);
    if (isFresh(request.headers, etag)) return reply.code(304).send();
    return reply.header('content-length', content.sizeBytes).send();
  });
  app.get(url, { schema: { hide: true } }, async (request, reply) => {
    const { content, etag } = await find(request, reply);
    if (isFresh(request.headers, etag)) return reply.code(304).send();
    const range = requestedRange(request.headers, etag);
    const file = await request.scope.services.xetReads.open(content.fileId, range);
    if (range) reply.code(206).header('content-range', contentRangeOf(file));
    return reply.header('content-length', file.lengthBytes).send(file.body);
  });
};

async function find(request: FastifyRequest, reply: FastifyReply) {
  const sha256 = parseSha256(parse(Params, request.params).sha256);
  const { token } = parse(SignedQuery, request.query);
  const content = await request.scope.services.xetReads.findContent(sha256, token);
  const etag = `"${sha256}"`;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
  });
  return { content, etag };
}
