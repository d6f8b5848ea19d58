import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { parse } from '../wire/parse.ts';
import { readBody } from '../wire/request-body.ts';
import { SIGNED_OBJECT_PATH, SignedQuery } from './signed-url.ts';

/** The signed URL says how many bytes may come and the domain how long they may take; a silent client is cut off here. */
const LIMITS = { bodyBytes: Infinity, idleMs: 60_000, waitMs: Infinity };

/** PUT of a signed URL: a whole object or one part of a multipart upload. */
export const uploadRoute: FastifyPluginAsync = async (app) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async () => undefined);
  app.put(SIGNED_OBJECT_PATH, { schema: { hide: true } }, async (request, reply) => {
    const { token } = parse(SignedQuery, request.query);
    const contentLength = request.headers['content-length'];
    // A refusal may leave a part of the body unread: the connection cannot be used again then.
    reply.header('connection', 'close');
    const { etag } = await request.scope.services.storage.acceptUpload({
      token,
      contentLength,
      body: bodyOf(request),
    });
    return reply.removeHeader('connection').header('etag', etag).send();
  });
};

function bodyOf({ raw, headers }: FastifyRequest): Readable {
  const body = { stream: raw, contentEncoding: headers['content-encoding'] };
  const stream = Readable.from(readBody(body, LIMITS), { objectMode: false });
  // A refusal stops reading; what the connection does afterwards concerns nobody, and must not end the process.
  return stream.on('error', () => {});
}
