import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { parseXetHash } from '../../src/xet/xet-hash.ts';
import { goneSignal } from '../wire/gone-signal.ts';
import { parse } from '../wire/parse.ts';
import { InstanceParams, XET_BASE, xetToken } from './xet-request.ts';

/** Clients of different age and kind send different prefixes, and mean the same. */
const Params = InstanceParams.extend({ prefix: z.string(), hash: z.string() });

/** GET chunks/{prefix}/{hash}: which xorbs hold a chunk that the client is about to upload. */
export const chunksRoute: FastifyPluginAsync = async (app) => {
  for (const path of ['/v1/chunks', '/chunks', '/chunk']) {
    const schema = { summary: 'Learn which chunks need no upload', tags: ['xet'] };
    app.get(`${XET_BASE}${path}/:prefix/:hash`, { schema }, async (request, reply) => {
      const { instance, hash } = parse(Params, request.params);
      const { xetAccess, dedup } = request.scope.services;
      const session = await xetAccess.openRead(xetToken(request), instance);
      const shard = await dedup.describe(session, parseXetHash(hash), goneSignal(reply));
      return reply.type('application/octet-stream').header('cache-control', 'no-store').send(shard);
    });
  }
};
