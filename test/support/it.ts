import { test as base } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { openTestHub } from './test-hub.ts';
import { World } from './world.ts';

/**
 * Tests over a real hub: `hub` (services and database), `app` (Fastify, for `inject`), `world` (makes users, tokens and
 * repositories with unique names). One database and one directory for each test file.
 */
export const it = base
  .extend('hub', { scope: 'file' }, async ({}, { onCleanup }) => {
    const test = await openTestHub();
    onCleanup(() => test.close());
    return test.hub;
  })
  .extend('app', { scope: 'file' }, async ({ hub }, { onCleanup }) => {
    const app = await buildApp(hub);
    await app.ready();
    onCleanup(() => app.close());
    return app;
  })
  .extend('world', { scope: 'file' }, ({ hub }) => new World(hub));
