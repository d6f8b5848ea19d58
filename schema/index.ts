import type { FastifyPluginAsync } from 'fastify';
import fp from 'fastify-plugin';
import { graphqlDoor } from './graphql/door.ts';
import { trpcDoor } from './trpc/door.ts';

/** The first-party doors. Each is its own plugin, so that its parsers and error shapes stay its own. */
export const firstPartyDoors: FastifyPluginAsync = fp(
  async (app) => {
    await app.register(graphqlDoor);
    await app.register(trpcDoor);
  },
  { name: 'first-party-doors', dependencies: ['request-scope'] },
);
