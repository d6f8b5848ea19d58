import { GraphQLError, isIntrospectionType, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

const ROOTS: ReadonlySet<string> = new Set(['__schema', '__type']);

/** What is read of the schema costs no points, and is a large answer by itself: aliases would have it many times. */
const OneSchemaRule: ValidationRule = (context) => ({
  Field(node) {
    const parent = context.getParentType();
    const isOfSchema = ROOTS.has(node.name.value) || (parent && isIntrospectionType(parent));
    if (node.alias && isOfSchema)
      context.reportError(new GraphQLError('The schema is read without aliases.', { nodes: node }));
  },
});

/** Refuses, before any of it runs, an operation that reads the schema more than once. */
export function useOneSchema(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(OneSchemaRule);
    },
  };
}
