import type { FastifyInstance, RouteOptions } from 'fastify';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** One method of one route, as it was registered. */
export interface Route {
  readonly method: string;
  readonly url: string;
}

const CREATED = 'fastify.initialization';

/** Builds an application and notes every route that it gets, those that Fastify adds by itself too. */
export async function withRoutes(
  build: () => Promise<FastifyInstance>,
): Promise<{ readonly app: FastifyInstance; readonly routes: readonly Route[] }> {
  const routes: Route[] = [];
  const note = ({ method, url }: RouteOptions): void => {
    for (const each of [method].flat()) routes.push({ method: each, url });
  };
  const onCreated = (message: unknown): void => {
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', note);
  };
  subscribe(CREATED, onCreated);
  try {
    return { app: await build(), routes };
  } finally {
    unsubscribe(CREATED, onCreated);
  }
}
