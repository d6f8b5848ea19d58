import { GraphQLError } from 'graphql';

/** A request that never becomes an operation. */
export function refusal(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'BadRequest', http: { status: 400 } },
  });
}
