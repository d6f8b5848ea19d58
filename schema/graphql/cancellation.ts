import { getOperationAST, OperationTypeNode } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { readingServices, type SchemaContext } from '../context.ts';

/** Gives queries services that stop when the client goes. A mutation is finished, and a subscription ends by its stream. */
export function useReadingServices(): Plugin<SchemaContext> {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.QUERY) return;
      Object.assign(contextValue, { services: readingServices(contextValue) });
    },
  };
}
