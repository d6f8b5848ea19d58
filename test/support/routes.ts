import type { FastifyInstance, RouteOptions } from 'fastify';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** One method of one route, as it was registered, and the file of `facade` that did it (null: a package or the server). */
export interface Route {
  readonly method: string;
  readonly url: string;
  readonly file: string | null;
}

const CREATED = 'fastify.initialization';

/** Builds an application and notes every route that it gets, those that Fastify adds by itself too. */
export async function withRoutes(
  build: () => Promise<FastifyInstance>,
): Promise<{ readonly app: FastifyInstance; readonly routes: readonly Route[] }> {
  const routes: Route[] = [];
  const note = ({ method, url }: RouteOptions): void => {
    const file = /\/(facade\/[\w/-]+\.route\.ts)/.exec(new Error('who').stack ?? '')?.[1] ?? null;
    for (const each of [method].flat()) routes.push({ method: each, url, file });
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
