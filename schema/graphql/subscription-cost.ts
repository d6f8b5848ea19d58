import { complexityFromQuery } from '@pothos/plugin-complexity';
import { type DocumentNode, getOperationAST, Kind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { checkCost } from './limits.ts';
import { maskError } from './mask-error.ts';

/**
 * Refuses a subscription whose events would cost too much before it begins. Each event is counted too, but who would be refused all
 * of them must not hold a stream until the first one comes.
 */
export function useSubscriptionCost(): Plugin {
  return {
    onSubscribe({ args: { document, operationName, schema, variableValues }, setResultAndStopExecution }) {
      try {
        const alone = onlyOperation(document, operationName);
        checkCost(complexityFromQuery(alone, { schema, variables: { ...variableValues } }));
      } catch (error) {
        setResultAndStopExecution({ errors: [maskError(error)] });
      }
    },
  };
}

/** What runs of a document: the cost is that of its first operation. */
function onlyOperation(document: DocumentNode, operationName: string | null | undefined): DocumentNode {
  const operation = getOperationAST(document, operationName);
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  return { ...document, definitions: operation ? [operation, ...fragments] : [] };
}
