import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { Forbidden, Unauthenticated } from '../../src/domain/errors.ts';
import type { SchemaContext } from '../context.ts';
import { LIMIT, tooExpensive } from './limits.ts';

/**
 * The one builder of the schema. Errors come before scopes, so that a refused mutation is a member of its result union;
 * relay comes before scopes, so that global ids arrive parsed.
 */
export const builder = new SchemaBuilder<{
  Context: SchemaContext;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: false;
  AuthScopes: { signedIn: boolean; siteAdmin: boolean };
  Scalars: {
    ID: { Input: string; Output: string | number };
    DateTime: { Input: Date; Output: Date };
    SafeInt: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
  };
}>({
  defaultFieldNullability: false,
  plugins: [RelayPlugin, ErrorsPlugin, ScopeAuthPlugin, ComplexityPlugin, DataloaderPlugin],
  relay: {
    clientMutationId: 'omit',
    nodesQueryOptions: { complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }) },
    // The connection has multiplied by its entries already.
    edgesFieldOptions: { complexity: { field: 1, multiplier: 1 } },
  },
  errors: { directResult: true },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ actor }) => ({
      signedIn: actor.kind === 'user',
      siteAdmin: actor.kind === 'user' && actor.isAdmin,
    }),
    unauthorizedError: (_parent, { actor }) =>
      actor.kind === 'user'
        ? new Forbidden('Only administrators of this hub may do this.')
        : new Unauthenticated(),
  },
  complexity: { limit: LIMIT, complexityError: tooExpensive },
});

builder.queryType();
builder.mutationType();
builder.subscriptionType();

/** The arguments of every connection. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: 'How many entries: 1 to 100, 20 when it is left out' }),
  after: t.string({ description: '`endCursor` of the page before' }),
}));
