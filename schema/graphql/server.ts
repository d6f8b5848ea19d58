import type { FastifyBaseLogger } from 'fastify';
import { GraphQLError } from 'graphql';
import { createYoga, useExecutionCancellation, type YogaServerInstance } from 'graphql-yoga';
import type { Config } from '../../src/config.ts';
import { isClientGone, type SchemaContext } from '../context.ts';
import { useOneAttempt } from './attempt.ts';
import { useReadingServices } from './cancellation.ts';
import { documentCaches, useKnownDocuments, useLimits } from './documents.ts';
import { useFirstMistake } from './first-mistake.ts';
import { maskError } from './mask-error.ts';
import { useOneSchema } from './one-schema.ts';
import { schema } from './schema.ts';
import { useSubscriptionCost } from './subscription-cost.ts';

export type GraphqlServer = YogaServerInstance<SchemaContext, object>;

interface ServerOptions {
  readonly config: Config;
  readonly log: FastifyBaseLogger;
}

/** Executes operations over the schema; `door.ts` brings the requests. */
export function createServer({ config, log }: ServerOptions): GraphqlServer {
  const { isOpen } = config.graphql;
  return createYoga<SchemaContext>({
    schema,
    cors: false,
    // `editor.ts` has it.
    graphiql: false,
    landingPage: false,
    batching: false,
    multipart: false,
    // What matters is logged below; Yoga would log every refusal as an error.
    logging: false,
    maxRequestBodySize: config.limits.jsonBodyBytes,
    parserAndValidationCache: documentCaches(),
    plugins: [
      useKnownDocuments({ isOpen }),
      useLimits(),
      useOneAttempt(),
      useOneSchema(),
      useFirstMistake(),
      useSubscriptionCost(),
      // Both end the work for clients that have gone: the one inside services, the other between fields.
      useReadingServices(),
      useExecutionCancellation(),
    ],
    maskedErrors: {
      maskError: (error) => {
        const masked = maskError(error);
        if (masked.extensions['code'] === 'ServerError' && !isClientGone(causeOf(error)))
          log.error({ err: error }, 'request failed');
        return masked;
      },
    },
  });
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? error.originalError : error;
}
