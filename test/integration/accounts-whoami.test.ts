import { whoAmI } from '@huggingface/hub';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { VERSION } from '../../src/version.ts';
import { cookieOf } from '../support/login.ts';
import { it } from '../support/it.ts';

const avatarUrl = (name: string): string => `http://hub.test/api/organizations/${name}/avatar`;

it('whoami tells the account, its organizations and the token', async ({ app, world }) => {
  const alice = await world.user();
  const own = await world.org(alice);
  const boss = await world.user();
  const other = await world.org(boss, [{ user: alice, role: 'member' }]);
  const answer = await app.inject({ url: '/api/whoami-v2', headers: alice.headers });
  const org = {
    type: 'org',
    id: expect.stringMatching(/^\d+$/),
    email: null,
    canPay: false,
    periodEnd: null,
  };
  expect(answer.json()).toEqual({
    type: 'user',
    id: expect.stringMatching(/^\d+$/),
    name: alice.name,
    fullname: alice.name,
    email: `${alice.name}@example.test`,
    emailVerified: true,
    canPay: false,
    isPro: false,
    periodEnd: null,
    avatarUrl: `http://hub.test/api/users/${alice.name}/avatar`,
    orgs: expect.toSatisfy((orgs: unknown[]) => orgs.length === 2),
    auth: {
      type: 'access_token',
      accessToken: { displayName: 'test', role: 'write', createdAt: expect.stringMatching(/Z$/) },
    },
    site: { name: 'Kohaku Hub', api: 'kohakuhub', version: VERSION },
  });
  const { orgs } = answer.json<{ orgs: unknown[] }>();
  expect(orgs).toContainEqual({
    ...org,
    name: own,
    fullname: own,
    avatarUrl: avatarUrl(own),
    roleInOrg: 'super-admin',
  });
  expect(orgs).toContainEqual({
    ...org,
    name: other,
    fullname: other,
    avatarUrl: avatarUrl(other),
    roleInOrg: 'member',
  });
});

it('whoami tells the role of a read token, and that a cookie is a session', async ({ app, world }) => {
  const alice = await world.user();
  const reader = await world.readToken(alice);
  const byToken = await app.inject({ url: '/api/whoami-v2', headers: reader.headers });
  const byCookie = await app.inject({ url: '/api/whoami-v2', headers: await cookieOf(app, alice) });
  expect(byToken.json()).toMatchObject({ auth: { accessToken: { displayName: 'read only', role: 'read' } } });
  expect(byCookie.json()).toMatchObject({ name: alice.name, auth: { type: 'session' } });
});

it('whoami needs a login', async ({ app }) => {
  const answer = await app.inject({ url: '/api/whoami-v2' });
  expect(answer.statusCode).toBe(401);
  expect(answer.headers['x-error-code']).toBe('Unauthenticated');
});

it('@huggingface/hub reads the answer', async ({ hub, world }) => {
  const alice = await world.user();
  const app = await buildApp(hub);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const hubUrl = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const me = await whoAmI({ hubUrl, accessToken: alice.token });
  await app.close();
  expect(me).toMatchObject({ type: 'user', name: alice.name });
  expect(me.auth.accessToken?.createdAt).toBeInstanceOf(Date);
});

it('version and site-config tell what clients and pages ask', async ({ app }) => {
  const version = await app.inject({ url: '/api/version' });
  expect(version.json()).toEqual({ api: 'kohakuhub', version: VERSION, name: 'Kohaku Hub' });
  const config = await app.inject({ url: '/api/site-config' });
  expect(config.json()).toEqual({
    site_name: 'Kohaku Hub',
    invitation_only: false,
    require_email_verification: false,
  });
});
