import { GraphQLError } from 'graphql';
import { DomainError, type DomainErrorCode } from '../../src/domain/errors.ts';

/** Mistakes quote the document. */
const MAX_MESSAGE_CHARS = 1000;

/**
 * What a client sees of an error: domain errors with code and details, mistakes of the document as they are, and nothing of
 * anything else.
 */
export function maskError(error: unknown): GraphQLError {
  const cause = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  const at = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (cause instanceof DomainError) {
    const { code, details, message } = cause;
    return new GraphQLError(message, { ...at, extensions: { ...details, code } });
  }
  if (cause instanceof GraphQLError) {
    const { http } = cause.extensions;
    return new GraphQLError(cause.message.slice(0, MAX_MESSAGE_CHARS), {
      ...at,
      source: cause.source,
      positions: cause.positions,
      extensions: { ...(http && { http }), code: codeOf(cause) },
    });
  }
  return new GraphQLError('Internal server error', { ...at, extensions: { code: 'ServerError' } });
}

/** Yoga has codes of its own for what it refuses. */
function codeOf({ extensions }: GraphQLError): DomainErrorCode {
  return extensions['code'] === 'REQUEST_ENTITY_TOO_LARGE' ? 'PayloadTooLarge' : 'BadRequest';
}
