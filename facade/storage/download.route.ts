import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { parse } from '../wire/parse.ts';
import { SIGNED_OBJECT_PATH, SignedQuery } from './signed-url.ts';

/** GET and HEAD of a signed URL: a whole object or one range. */
export const downloadRoute: FastifyPluginAsync = async (app) => {
  app.get(SIGNED_OBJECT_PATH, { exposeHeadRoute: false, schema: { hide: true } }, async (request, reply) => {
    const { body } = await open(request, reply);
    return reply.send(body);
  });

  app.head(SIGNED_OBJECT_PATH, { schema: { hide: true } }, async (request, reply) => {
    const { body } = await open(request, reply);
    body.destroy();
    return reply.send();
  });
};

async function open(request: FastifyRequest, reply: FastifyReply) {
  const { token } = parse(SignedQuery, request.query);
  const { range } = request.headers;
  const ifRange = request.headers['if-range'] as string | undefined;
  const download = await request.scope.services.storage.openDownload({ token, range, ifRange });
  reply.code(download.status).headers(download.headers);
  return download;
}
