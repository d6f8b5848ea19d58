import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { buildApp } from '../../src/server/app.ts';
import { type Hub, openHub } from '../../src/server/hub.ts';
import { cookieOf } from '../support/login.ts';
import { SAMPLE_KEYS } from '../support/ssh-samples.ts';
import { openTestHub, type TestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';

// Two processes of one hub share the database; here each is a hub object with caches and a data directory of its own.

let first: TestHub;
let second: Hub;
let app: FastifyInstance;
let secondDir: string;

beforeAll(async () => {
  first = await openTestHub();
  secondDir = await mkdtemp(join(tmpdir(), 'hub-node-'));
  const config = loadConfig({ ...first.env, KOHAKU_HUB_DATA_DIR: secondDir });
  second = await openHub(config, pino({ level: 'silent' }), { migrate: true });
  app = await buildApp(second);
});

afterAll(async () => {
  await app.close();
  await second.close();
  await first.close();
  await rm(secondDir, { recursive: true, force: true });
});

test('who is suspended on one node is out on the other at once', async () => {
  const world = new World(first.hub);
  const [admin, ada] = [await world.admin(), await world.user()];
  const cookie = await cookieOf(app, ada);
  const { type, base64 } = SAMPLE_KEYS[0];
  await first.hub.services().sshKeys.add(ada.actor, { title: 'laptop', key: `${type} ${base64}` });
  const key = Buffer.from(base64, 'base64');
  const ask = async (): Promise<unknown[]> => {
    const statuses = [ada.headers, cookie].map(
      async (headers) => (await app.inject({ url: '/api/whoami-v2', headers })).statusCode,
    );
    const keyHolder = await second.services().sshKeys.identify(key);
    return [...(await Promise.all(statuses)), keyHolder?.name ?? null];
  };
  expect(await ask()).toEqual([200, 200, ada.name]);
  await first.hub.services().adminUsers.suspend(admin.actor, ada.name);
  expect(await ask()).toEqual([401, 401, null]);
  await first.hub.services().adminUsers.reinstate(admin.actor, ada.name);
  expect(await ask()).toEqual([200, 401, ada.name]);
});

test('who was unmade administrator on one node is none on the other at once', async () => {
  const world = new World(first.hub);
  const [admin, ada] = [await world.admin(), await world.admin()];
  const ask = async (): Promise<number> =>
    (await app.inject({ url: '/api/admin/users', headers: ada.headers })).statusCode;
  expect(await ask()).toBe(200);
  await first.hub.services().adminUsers.unmakeAdmin(admin.actor, ada.name);
  expect(await ask()).toBe(403);
});

test('a repository that is disabled on one node is shut on the other at once', async () => {
  const world = new World(first.hub);
  const [admin, ada] = [await world.admin(), await world.user()];
  const ref = await world.repo(ada);
  const url = `/${ref.namespace}/${ref.name}/resolve/main/.gitattributes`;
  const ask = async (): Promise<number> => (await app.inject({ url, headers: ada.headers })).statusCode;
  expect(await ask()).toBe(200);
  await first.hub.services().adminRepos.setDisabled(admin.actor, ref, { isDisabled: true });
  expect(await ask()).toBe(403);
});
