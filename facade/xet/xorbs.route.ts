import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { parseXetHash } from '../../src/xet/xet-hash.ts';
import { parse } from '../wire/parse.ts';
import { discardRest } from '../wire/request-body.ts';
import { uploadBody, xetCaller } from './upload-body.ts';
import { XET_BASE } from './xet-request.ts';

const Params = z.object({ hash: z.string() });

/** POST xorbs/{prefix}/{hash}: any prefix, because clients differ in it. */
export const xorbsRoute: FastifyPluginAsync = async (app) => {
  for (const path of ['/v1/xorbs', '/xorbs', '/xorb']) {
    app.post(`${XET_BASE}${path}/:prefix/:hash`, { schema: { hide: true } }, async (request, reply) => {
      try {
        const hash = parseXetHash(parse(Params, request.params).hash);
        const { xorbUploads } = request.scope.services;
        const { isNew } = await xorbUploads.upload(xetCaller(request), hash, uploadBody(request, reply));
        return { was_inserted: isNew };
      } finally {
        discardRest(request.raw);
      }
    });
  }
};
