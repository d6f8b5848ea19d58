import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { cookieOf } from './login.ts';
import type { TestUser } from './world.ts';

/** A person who is logged in by cookie. Requests of his to the first-party doors carry what a browser sends. */
export interface Browser {
  /** Sends one operation of GraphQL. @param headers of the page, such as `origin`. */
  readonly graphql: (query: string, variables?: object, headers?: object) => Promise<LightMyRequestResponse>;
  /** Calls one mutation of tRPC. */
  readonly trpc: (path: string, input?: object, headers?: object) => Promise<LightMyRequestResponse>;
}

/** @param user null is a browser without a login. */
export async function openBrowser(app: FastifyInstance, user: TestUser | null): Promise<Browser> {
  const login = user ? await cookieOf(app, user) : {};
  const post = (url: string, payload: object, headers: object) =>
    app.inject({ method: 'POST', url, headers: { ...login, ...headers }, payload });
  return {
    graphql: (query, variables = {}, headers = {}) => post('/graphql', { query, variables }, headers),
    trpc: (path, input = {}, headers = {}) => post(`/trpc/${path}`, input, headers),
  };
}
