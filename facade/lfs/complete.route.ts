import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { CompleteBody, LFS_MEDIA_TYPE, TokenQuery } from './lfs-wire.ts';

/** 10,000 parts with long ETags. */
const BODY_LIMIT_BYTES = 2 * 2 ** 20;

/** POST /api/lfs/complete: joins the parts of an upload. The token in the URL is the permission: clients send no other. */
export const completeRoute: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/lfs/complete',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        summary: 'LFS multipart completion',
        tags: ['lfs'],
        querystring: TokenQuery,
        body: CompleteBody,
      },
    },
    async (request, reply) => {
      await request.scope.services.lfsUploads.completeMultipart(request.query.token, request.body);
      return reply.type(LFS_MEDIA_TYPE).send(JSON.stringify({ message: 'Upload complete' }));
    },
  );
};
