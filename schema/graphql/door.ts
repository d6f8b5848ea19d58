import type { FastifyBaseLogger, FastifyError, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Config } from '../../src/config.ts';
import { BadRequest, DomainError, type DomainErrorCode } from '../../src/domain/errors.ts';
import { schemaContext } from '../context.ts';
import { checkJson, takeJson } from '../json-body.ts';
import { renderEditor, wantsEditor } from './editor.ts';
import type { GraphqlServer } from './server.ts';

/** A commit of a thousand files has half as many. */
const MAX_VALUES = 10_000;
const PARAMETERS = ['query', 'documentId', 'operationName', 'variables', 'extensions'];

/** GraphQL at `/graphql`, as its specification of HTTP has it (GraphQL over HTTP). Its parsers and error shape are its own. */
export const graphqlDoor: FastifyPluginAsync = async (app) => {
  let loading: Promise<GraphqlServer> | undefined;
  let editor: Promise<Buffer> | undefined;
  // A page of another site can send forms and texts, but no JSON: no CORS lets it.
  app.removeContentTypeParser(['application/x-www-form-urlencoded', 'text/plain', 'application/json']);
  takeJson(app, MAX_VALUES, app.getDefaultJsonParser('error', 'error'));
  app.setErrorHandler<FastifyError | DomainError>((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    return reply.code(status).send({ errors: [shown(error, status)] });
  });
  app.route({
    url: '/graphql',
    method: ['GET', 'POST'],
    exposeHeadRoute: false,
    schema: { hide: true },
    config: { isRead: true },
    handler: async (request, reply) => {
      const { config } = request.scope;
      if (config.graphql.isOpen && wantsEditor(request))
        return reply.type('text/html').send(await (editor ??= renderEditor(config.siteName)));
      requireBody(request);
      request.query = parametersOf(request);
      const server = await (loading ??= loadServer(config, app.log));
      return server.handleNodeRequestAndResponse(request, reply, schemaContext(request, reply));
    },
  });
};

/** The schema and its libraries take memory that a hub without such clients need not have: the first request loads them. */
async function loadServer(config: Config, log: FastifyBaseLogger): Promise<GraphqlServer> {
  const { createServer } = await import('./server.ts');
  return createServer({ config, log });
}

/** Yoga would look for the bytes of a body that was parsed to nothing. */
function requireBody({ method, body }: FastifyRequest): void {
  if (method === 'GET' || (typeof body === 'object' && body !== null && Object.keys(body).length > 0)) return;
  throw new BadRequest('Send an object with query or documentId.');
}

/** What an address may say. Yoga would take far longer for any number of other names. @throws {BadRequest} */
function parametersOf({ query }: FastifyRequest): Readonly<Record<string, string>> {
  const given = query as Readonly<Record<string, unknown>>;
  const known = PARAMETERS.filter((name) => Object.hasOwn(given, name));
  const parameters = Object.fromEntries(known.map((name) => [name, String(given[name])]));
  checkJson(Buffer.from(parameters['variables'] ?? ''), MAX_VALUES);
  return parameters;
}

/** Credentials are read before GraphQL sees the request; these are what that can refuse. */
const STATUS_OF: Readonly<Partial<Record<DomainErrorCode, number>>> = {
  BadRequest: 400,
  InvalidCredentials: 401,
  Forbidden: 403,
  PayloadTooLarge: 413,
  TooManyRequests: 429,
  Unavailable: 503,
};

function statusOf(error: FastifyError | DomainError): number {
  return (error instanceof DomainError ? STATUS_OF[error.code] : error.statusCode) ?? 500;
}

/** An error as GraphQL shows it. */
function shown(error: FastifyError | DomainError, status: number) {
  if (error instanceof DomainError)
    return { message: error.message, extensions: { ...error.details, code: error.code } };
  if (status >= 500) return { message: 'Internal server error', extensions: { code: 'ServerError' } };
  return {
    message: error.message,
    extensions: { code: status === 413 ? 'PayloadTooLarge' : 'BadRequest' },
  };
}
