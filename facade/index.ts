import type { FastifyPluginAsync } from 'fastify';
import fp from 'fastify-plugin';
import { gitDoor } from './git/index.ts';
import { hubDoor } from './hub/index.ts';
import { kohakuDoor } from './kohaku/index.ts';
import { lfsDoor } from './lfs/index.ts';
import { opsDoor } from './ops/index.ts';
import { storageDoor } from './storage/index.ts';
import { xetDoor } from './xet/index.ts';

/** All foreign protocols. Each door is its own plugin, so that its parsers and error shapes stay its own. */
export const facade: FastifyPluginAsync = fp(
  async (app) => {
    await app.register(opsDoor);
    await app.register(kohakuDoor);
    await app.register(hubDoor);
    await app.register(lfsDoor);
    await app.register(gitDoor);
    await app.register(storageDoor);
    await app.register(xetDoor);
  },
  { name: 'facade', dependencies: ['request-scope'] },
);
