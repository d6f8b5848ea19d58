import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.ts';
import { type Actor, ANONYMOUS } from '../domain/actor.ts';
import type { Hub } from './hub.ts';
import type { Services } from './services.ts';

/** What a door gets to work with: who is calling, and the services of this request. */
export interface RequestScope {
  readonly actor: Actor;
  readonly services: Services;
  /**
   * Others: for what outlives a request, as each event of a subscription is answered as if it were one, and for what only reads and
   * ends with a signal.
   */
  readonly openServices: (signal?: AbortSignal) => Services;
  /** For what answers carry (the public URL) and requests may not exceed. */
  readonly config: Config;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before every handler. */
    scope: RequestScope;
  }
  interface FastifyContextConfig {
    /** The route's `Authorization` is not an account's: its door reads it, and the scope's actor is anonymous. */
    hasOwnTokens?: boolean;
    /** What SSH gives to git-lfs is good for the route. */
    takesLfsCredentials?: boolean;
  }
}

/** Gives every request its own services and finds out who is calling. */
export const requestScope = fp(
  async (app: FastifyInstance, { hub }: { hub: Hub }) => {
    app.decorateRequest('scope');
    app.addHook('onRequest', async (request: FastifyRequest) => {
      const openServices = (signal?: AbortSignal): Services => hub.services(signal);
      const services = openServices();
      // Xet clients send their token to routes that newer stores have, and take a 404, not a 401, for "not here".
      if (request.routeOptions.config.hasOwnTokens || request.is404) {
        request.scope = { services, openServices, actor: ANONYMOUS, config: hub.config };
        return;
      }
      const actor = await services.auth.identify({
        authorization: request.headers.authorization,
        cookie: request.headers.cookie,
        method: request.method,
        origin: request.headers.origin,
        host: request.headers.host,
        fetchSite: request.headers['sec-fetch-site'],
        address: request.ip,
        takesLfsCredentials: request.routeOptions.config.takesLfsCredentials,
      });
      request.scope = { services, openServices, actor, config: hub.config };
    });
  },
  { name: 'request-scope' },
);
