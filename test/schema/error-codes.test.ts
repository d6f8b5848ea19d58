import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import Fastify, { type FastifyInstance } from 'fastify';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect } from 'vitest';
import { installErrorHandler, STATUS_OF } from '../../facade/errors.ts';
import { maskError } from '../../schema/graphql/mask-error.ts';
import { TRPC_CODE_OF } from '../../schema/trpc/error-codes.ts';
import { publicProcedure, router, trpcContext } from '../../schema/trpc/trpc.ts';
import * as errors from '../../src/domain/errors.ts';
import type { Hub } from '../../src/server/hub.ts';
import { requestScope } from '../../src/server/request-scope.ts';
import { it as base } from '../support/it.ts';

/** One error of each code, with a sentence that no other text holds. */
const SAMPLES = {
  BadRequest: new errors.BadRequest('field: is wrong.', { field: 'field' }),
  InvalidPath: new errors.InvalidPath('The path is wrong.'),
  InvalidCredentials: new errors.InvalidCredentials(),
  Unauthenticated: new errors.Unauthenticated(),
  Forbidden: new errors.Forbidden('This is not for you.'),
  GatedRepo: new errors.GatedRepo('model', 'a/b'),
  RepoNotFound: new errors.RepoNotFound(),
  RepoMoved: new errors.RepoMoved({ type: 'model', namespace: 'a', name: 'c' }),
  RevisionNotFound: new errors.RevisionNotFound('nowhere'),
  EntryNotFound: new errors.EntryNotFound('nothing.txt'),
  NotFound: new errors.NotFound('There is no such thing.'),
  RepoExists: new errors.RepoExists('It exists.', { url: 'http://hub.test/a/b' }),
  RefExists: new errors.RefExists('refs/heads/main'),
  Conflict: new errors.Conflict('Not in this state.'),
  StaleParent: new errors.StaleParent(),
  LfsObjectMissing: new errors.LfsObjectMissing('Upload it first.'),
  ObjectPruned: new errors.ObjectPruned('It was removed.'),
  PayloadTooLarge: new errors.PayloadTooLarge('Too much.'),
  QuotaExceeded: new errors.QuotaExceeded('No room.'),
  RangeNotSatisfiable: new errors.RangeNotSatisfiable('Outside.', { sizeBytes: 1 }),
  TooManyRequests: new errors.TooManyRequests('Slow down.', { retryAfterSeconds: 1 }),
  NotImplemented: new errors.NotImplemented('Not here.'),
  Unavailable: new errors.Unavailable('Later.'),
} satisfies Record<errors.DomainErrorCode, errors.DomainError>;

const CODES = Object.keys(SAMPLES) as errors.DomainErrorCode[];

const fail = (code: string): never => {
  throw code === 'bug' ? new Error('secret detail') : SAMPLES[code as errors.DomainErrorCode];
};

/** Each door's own handling of errors, around something that throws the error of a code; `bug` is none of ours. */
async function openDoors(hub: Hub): Promise<FastifyInstance> {
  const app = Fastify();
  installErrorHandler(app);
  await app.register(requestScope, { hub });
  app.get<{ Params: { code: string } }>('/rest/:code', ({ params }) => fail(params.code));
  const names = [...CODES, 'bug'];
  const procedures = router(
    Object.fromEntries(names.map((code) => [code, publicProcedure.query(() => fail(code))])),
  );
  app.get<{ Params: { path: string } }>('/trpc/:path', (req, res) =>
    fastifyRequestHandler({
      router: procedures,
      createContext: (made) => trpcContext(made.req, made.res, made.info.calls.length),
      req,
      res,
      path: req.params.path,
    }),
  );
  const fields = names.map((code) => [code, { type: GraphQLString, resolve: () => fail(code) }] as const);
  const query = new GraphQLObjectType({ name: 'Query', fields: Object.fromEntries(fields) });
  const yoga = createYoga({
    schema: new GraphQLSchema({ query }),
    logging: false,
    maskedErrors: { maskError },
  });
  app.post('/graphql', (request, reply) => yoga.handleNodeRequestAndResponse(request, reply));
  await app.ready();
  return app;
}

const it = base.extend('doors', { scope: 'file' }, async ({ hub }, { onCleanup }) => {
  const doors = await openDoors(hub);
  onCleanup(() => doors.close());
  return doors;
});

interface TrpcBody {
  readonly error: {
    readonly message: string;
    readonly data: { readonly code: string; readonly domainCode: unknown };
  };
}

interface GraphqlBody {
  readonly errors: readonly [
    { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> },
  ];
}

async function askAll(doors: FastifyInstance, code: string) {
  const rest = await doors.inject({ url: `/rest/${code}` });
  const trpc = await doors.inject({ url: `/trpc/${code}` });
  const graphql = await doors.inject({ method: 'POST', url: '/graphql', payload: { query: `{ ${code} }` } });
  return { rest, trpc: trpc.json<TrpcBody>().error, graphql: graphql.json<GraphqlBody>().errors[0] };
}

describe('an error of the domain', () => {
  it.for(CODES)('%s has its code in every door, and its sentence', async (code, { doors }) => {
    const { rest, trpc, graphql } = await askAll(doors, code);
    const { message } = SAMPLES[code];
    expect([rest.statusCode, rest.headers['x-error-code']]).toEqual([STATUS_OF[code], code]);
    expect([trpc.data.domainCode, trpc.data.code, trpc.message]).toEqual([code, TRPC_CODE_OF[code], message]);
    expect([graphql.extensions['code'], graphql.message]).toEqual([code, message]);
    // A redirect has no body.
    expect(rest.body).toContain(code === 'RepoMoved' ? '' : JSON.stringify(message));
  });

  it('is the only one that says something of itself', async ({ doors }) => {
    const { rest, trpc, graphql } = await askAll(doors, 'bug');
    expect([rest.statusCode, rest.headers['x-error-code']]).toEqual([500, 'ServerError']);
    expect(trpc).toMatchObject({ message: 'Internal server error', data: { domainCode: null } });
    expect(graphql).toMatchObject({ message: 'Internal server error', extensions: { code: 'ServerError' } });
    expect(JSON.stringify([rest.body, trpc, graphql])).not.toContain('secret');
  });
});
