import type { FastifyPluginAsync } from 'fastify';
import { z } from 'zod';
import { parseXetHash } from '../../src/xet/xet-hash.ts';
import { requestedRange } from '../wire/byte-range.ts';
import { parse } from '../wire/parse.ts';
import { reconstructionV1, reconstructionV2 } from '../wire/reconstruction-presenter.ts';
import { InstanceParams, XET_BASE, xetToken } from './xet-request.ts';

const Params = InstanceParams.extend({ fileId: z.string() });

/** Clients before version 1.3 of `hf_xet` leave out the version, those before 1.1.10 know one of each thing. */
const ROUTES = [
  { path: '/v2/reconstructions', present: reconstructionV2 },
  { path: '/v1/reconstructions', present: reconstructionV1 },
  { path: '/reconstructions', present: reconstructionV1 },
  { path: '/reconstruction', present: reconstructionV1 },
] as const;

/** GET reconstructions/{fileId}: which chunks make a file, or a range of it, and where to fetch them. */
export const reconstructionsRoute: FastifyPluginAsync = async (app) => {
  for (const { path, present } of ROUTES) {
    const schema = { summary: 'Learn how to put a file together', tags: ['xet'] };
    app.get(`${XET_BASE}${path}/:fileId`, { schema }, async (request, reply) => {
      const { instance, fileId } = parse(Params, request.params);
      const { xetAccess, reconstructions } = request.scope.services;
      const session = await xetAccess.openRead(xetToken(request), instance);
      const hash = parseXetHash(fileId);
      const range = requestedRange(request.headers, `"${hash}"`);
      // The URLs inside end sooner than a cache may think.
      reply.header('cache-control', 'no-store');
      const reconstruction = await reconstructions.describe(session, hash, range);
      reconstructions.noteDownload(session, { address: request.ip, range });
      return present(reconstruction);
    });
  }
};
