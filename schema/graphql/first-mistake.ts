import { type ExecutionArgs, getOperationAST, getVariableValues, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { maskError } from './mask-error.ts';

/**
 * Refuses variables at the first mistake in them. The executor looks for fifty, and quotes for each all that was sent.
 */
export function useFirstMistake(): Plugin {
  return { onExecute: check, onSubscribe: check };
}

interface Starting {
  readonly args: Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;
  readonly setResultAndStopExecution: (result: { readonly errors: readonly GraphQLError[] }) => void;
}

function check({ args, setResultAndStopExecution: stop }: Starting): void {
  const { schema, document, operationName, variableValues } = args;
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  const { errors } = getVariableValues(schema, definitions, variableValues ?? {}, { maxErrors: 1 });
  if (errors) stop({ errors: [asRefusal(errors[0]!)] });
}

/** With the status that a mistake in the document has. */
function asRefusal({ message, nodes }: GraphQLError): GraphQLError {
  return maskError(new GraphQLError(message, { nodes, extensions: { http: { spec: true, status: 400 } } }));
}
