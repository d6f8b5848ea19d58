import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BadRequest } from '../../src/domain/errors.ts';
import { MAX_SPANS } from '../../src/domain/xet/xet-urls.ts';
import { parseXetHash } from '../../src/xet/xet-hash.ts';
import { contentRange, lengthOf, multipartRanges, requestedSpans } from '../wire/multipart-ranges.ts';
import { parse } from '../wire/parse.ts';
import { InstanceParams, SignedQuery, XET_BASE } from './xet-request.ts';

const Params = InstanceParams.extend({ hash: z.string() });

/** GET and HEAD of a URL from a reconstruction: bytes of a xorb. The URL is the permission; clients send no token. */
export const fetchXorbRoute: FastifyPluginAsync = async (app) => {
  const url = `${XET_BASE}/xorbs/:hash`;
  // HEAD before GET: otherwise Fastify makes a HEAD of the GET handler.
  app.head(url, { schema: { hide: true } }, async (request, reply) => {
    await find(request, reply);
    return reply.send();
  });
  app.get(url, { schema: { hide: true } }, async (request, reply) => {
    const open = await find(request, reply);
    return reply.send(await open());
  });
};

/** Writes status and headers, and gives what opens the body. */
async function find(request: FastifyRequest, reply: FastifyReply) {
  const { hash } = parse(Params, request.params);
  const { token } = parse(SignedQuery, request.query);
  const wanted = requestedSpans(request.headers.range);
  if (wanted && wanted.length > MAX_SPANS)
    throw new BadRequest(`Ask for at most ${MAX_SPANS} ranges at once.`);
  const { xorbReads } = request.scope.services;
  const { xorb, spans } = await xorbReads.find({ hash: parseXetHash(hash), token, wanted });
  reply.headers({ 'accept-ranges': 'bytes', 'x-content-type-options': 'nosniff' });
  const [span] = spans;
  if (spans.length > 1) {
    const multipart = multipartRanges(spans, xorb.serializedBytes);
    reply
      .code(206)
      .headers({ 'content-type': multipart.contentType, 'content-length': multipart.lengthBytes });
    return () => multipart.open((part) => xorbReads.open(xorb, part));
  }
  reply.headers({ 'content-type': 'application/octet-stream', 'content-length': lengthOf(span!) });
  if (wanted) reply.code(206).header('content-range', contentRange(span!, xorb.serializedBytes));
  return () => xorbReads.open(xorb, span!);
}
