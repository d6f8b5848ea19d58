import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { randomUUID } from 'node:crypto';
import { installErrorHandler, replyWithError } from '../../facade/errors.ts';
import { facade } from '../../facade/index.ts';
import { notFoundAt } from '../../facade/not-found.ts';
import { firstPartyDoors } from '../../schema/index.ts';
import { bodyDeadline } from './body-deadline.ts';
import { answerClientError } from './client-errors.ts';
import type { Hub } from './hub.ts';
import { metrics } from './metrics.ts';
import { readStoredByKind } from '../domain/admin/storage-overview.queries.ts';
import { openapi } from './openapi.ts';
import { proxyWarning } from './proxy-warning.ts';
import { RequestLog } from './request-log.ts';
import { requestScope } from './request-scope.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route changes nothing, though its method could. */
    isRead?: boolean;
  }
}

/** Large enough for any revision or path; the longest path in a repository has 2048 bytes, percent-encoded. */
const MAX_PARAM_CHARS = 16_384;

/** The HTTP application over an open hub. It does not listen; `serve` and the tests do. */
export async function buildApp(hub: Hub): Promise<FastifyInstance> {
  const { config } = hub;
  const loggerInstance: FastifyBaseLogger = hub.log;
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (_, bindings) => new RequestLog(hub.log, bindings),
    trustProxy: typeof config.trustProxy === 'boolean' ? config.trustProxy : [...config.trustProxy],
    bodyLimit: config.limits.jsonBodyBytes,
    // Uploads may take hours. Headers and parsed bodies have deadlines of their own.
    requestTimeout: 0,
    http: headerDeadline(config.limits.requestTimeoutMs),
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    genReqId: (request) => requestId(request.headers['x-request-id']),
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => answerBadUrl(error, request, reply),
    clientErrorHandler: answerClientError,
  });
  // Routes take the handler that is there when they are added.
  installErrorHandler(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: config.limits.jsonBodyBytes });
  await app.register(bodyDeadline, { timeoutMs: config.limits.requestTimeoutMs });
  app.addHook('onRequest', async (request, reply) => {
    // Most answers depend on who asks. Those that do not, such as files of public repositories, say so themselves.
    reply.headers({ 'x-request-id': request.id, 'cache-control': 'private, no-cache' });
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log[requestLogLevel(request, reply)](
      {
        method: request.method,
        url: request.url,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime),
      },
      'request',
    );
  });
  // Open streams would keep the server from closing.
  app.addHook('preClose', async () => hub.deps.activity.end());
  await app.register(proxyWarning, { trustProxy: config.trustProxy });
  const readStored = () => readStoredByKind(hub.deps.sql);
  await app.register(metrics, { token: config.metricsToken, readStored });
  await app.register(openapi, { config });
  await app.register(requestScope, { hub });
  await app.register(facade);
  await app.register(firstPartyDoors);
  app.setNotFoundHandler((request) => {
    throw notFoundAt(request.url.split('?', 1)[0]!);
  });
  return app;
}

const MAX_HEADERS_MS = 60_000;
const MAX_CHECK_MS = 30_000;

/** How long headers may take to arrive, and how often Node looks who is late. */
function headerDeadline(timeoutMs: number) {
  return {
    headersTimeout: Math.min(timeoutMs, MAX_HEADERS_MS),
    connectionsCheckingInterval: Math.min(timeoutMs, MAX_CHECK_MS),
  };
}

/** URLs that the router cannot decode end here, before any hook has run. */
function answerBadUrl(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { message } = replyWithError(request, reply, error);
  void reply.header('x-request-id', request.id).send({ error: message });
}

/** Reads that went well are most of the traffic and say little: a download is one line for each of its files. */
function requestLogLevel(
  { method, routeOptions }: FastifyRequest,
  { statusCode }: FastifyReply,
): 'debug' | 'info' {
  const isRead = method === 'GET' || method === 'HEAD' || routeOptions.config.isRead === true;
  return isRead && statusCode < 400 ? 'debug' : 'info';
}

/** A client's own id is kept when it is harmless; it ends up in logs and in the answer. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:;=-]{1,128}$/.test(given) ? given : randomUUID();
}
