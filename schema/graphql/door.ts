import type { FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify';
import { createYoga, type YogaServerInstance } from 'graphql-yoga';
import type { GraphQLError } from 'graphql';
import { DomainError } from '../../src/domain/errors.ts';
import { schemaContext, type SchemaContext } from '../context.ts';
import { maskError } from './mask-error.ts';
import { schema } from './schema.ts';

/** GraphQL at `/graphql`, as its specification of HTTP has it (GraphQL over HTTP). Its parsers and error shape are its own. */
export const graphqlDoor: FastifyPluginAsync = async (app) => {
  const yoga = createServer(app);
  // A page of another site can send forms and texts, but no JSON: no CORS lets it.
  app.removeContentTypeParser(['application/x-www-form-urlencoded', 'text/plain']);
  app.setErrorHandler<FastifyError | DomainError>((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    return reply.code(status).send({ errors: [shown(error)] });
  });
  app.route({
    url: yoga.graphqlEndpoint,
    method: ['GET', 'POST'],
    schema: { hide: true },
    config: { isRead: true },
    handler: (request, reply) =>
      yoga.handleNodeRequestAndResponse(request, reply, schemaContext(request, reply)),
  });
};

function createServer({ log }: FastifyInstance): YogaServerInstance<SchemaContext, object> {
  return createYoga<SchemaContext>({
    schema,
    cors: false,
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    logging: log,
    maskedErrors: {
      maskError: (error) => {
        const masked = maskError(error);
        if (masked.extensions['code'] === 'ServerError') log.error({ err: error }, 'request failed');
        return masked;
      },
    },
  });
}

/** Credentials are read before GraphQL sees the request; these are what that can refuse. */
const STATUS_OF: Readonly<Partial<Record<string, number>>> = {
  InvalidCredentials: 401,
  Forbidden: 403,
  TooManyRequests: 429,
};

function statusOf(error: FastifyError | DomainError): number {
  return (error instanceof DomainError ? STATUS_OF[error.code] : error.statusCode) ?? 500;
}

function shown(error: FastifyError | DomainError): GraphQLError | { readonly message: string } {
  if (error instanceof DomainError || statusOf(error) >= 500) return maskError(error);
  return { message: error.message };
}
