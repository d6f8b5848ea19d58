import { initContextCache } from '@pothos/core';
import type { GraphQLSchema } from 'graphql';

/**
 * Lets each mutation of an operation begin with loaders that remember nothing: mutations run one after the other, and what an earlier
 * one read may have changed since. @returns the schema itself.
 */
export function withFreshMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (!resolve) continue;
    field.resolve = (root, args, context, info) => {
      Object.assign(context, initContextCache());
      return resolve(root, args, context, info);
    };
  }
  return schema;
}
