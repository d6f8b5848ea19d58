import type { LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { graphql } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { cookieOf } from '../../support/login.ts';
import { trpcQuery } from '../../support/trpc.ts';

const CREATE = `mutation {
  createToken(input: { name: "laptop" }) { __typename ... on DomainError { code } }
}`;
const LOGIN = `mutation ($input: LoginInput!) {
  login(input: $input) { __typename ... on LoginPayload { user { name } } ... on DomainError { code } }
}`;

const FOREIGN = [
  { origin: 'https://evil.test' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
] as const;
const OWN = [{ origin: 'http://hub.test' }, { 'sec-fetch-site': 'same-origin' }] as const;

/** The one cookie of an answer. */
function cookieIn(answer: LightMyRequestResponse) {
  expect(answer.cookies).toHaveLength(1);
  return answer.cookies[0]!;
}

describe('a change by cookie', () => {
  it.for(FOREIGN)('is refused from a page of another site: %j', async (page, { app, world, hub }) => {
    const user = await world.user();
    const browser = await openBrowser(app, user);
    const byGraphql = await browser.graphql(CREATE, {}, page);
    expect(byGraphql.statusCode).toBe(403);
    expect(byGraphql.json()).toMatchObject({ errors: [{ extensions: { code: 'Forbidden' } }] });
    const byTrpc = await browser.trpc('tokens.create', { name: 'laptop' }, page);
    expect(byTrpc.statusCode).toBe(403);
    expect(byTrpc.json()).toMatchObject({ error: { data: { domainCode: 'Forbidden' } } });
    expect(await hub.services().tokens.list(user.actor)).toHaveLength(1);
  });

  it.for(OWN)('is taken from a page of the hub: %j', async (page, { app, world }) => {
    const browser = await openBrowser(app, await world.user());
    const byGraphql = await browser.graphql(CREATE, {}, page);
    expect(byGraphql.json()).toEqual({ data: { createToken: { __typename: 'CreateTokenPayload' } } });
    expect((await browser.trpc('tokens.create', { name: 'laptop' }, page)).statusCode).toBe(200);
  });

  it.for(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'])(
    'cannot be sent by a form of type %s',
    async (type, { app, world, hub }) => {
      const user = await world.user();
      const headers = { ...(await cookieOf(app, user)), 'content-type': type };
      const forms = {
        '/graphql':
          type === 'text/plain' ? JSON.stringify({ query: CREATE }) : `query=${encodeURIComponent(CREATE)}`,
        '/trpc/tokens.create': '{"name":"laptop"}',
      };
      for (const [url, payload] of Object.entries(forms)) {
        expect((await app.inject({ method: 'POST', url, headers, payload })).statusCode).toBe(415);
      }
      expect(await hub.services().tokens.list(user.actor)).toHaveLength(1);
    },
  );

  it('cannot be sent by GET, which pages of other sites may do', async ({ app, world }) => {
    const user = await world.user();
    const query = `query=${encodeURIComponent(CREATE)}`;
    const byGraphql = await app.inject({ url: `/graphql?${query}`, headers: user.headers });
    expect(byGraphql.statusCode).toBe(405);
    const byTrpc = await trpcQuery({ app, user, path: 'tokens.create', input: { name: 'laptop' } });
    expect(byTrpc.status).toBe(405);
  });
});

describe('a login', () => {
  it('by either door sets the cookie of a session, which is nowhere else', async ({ app, world }) => {
    const user = await world.user();
    const input = { username: user.name, password: user.password };
    const anonymous = await openBrowser(app, null);
    for (const answer of [
      await anonymous.graphql(LOGIN, { input }),
      await anonymous.trpc('auth.login', input),
    ]) {
      expect(answer.statusCode).toBe(200);
      const { name, value, ...attributes } = cookieIn(answer);
      expect(attributes).toEqual({
        path: '/',
        httpOnly: true,
        sameSite: 'Lax',
        maxAge: expect.any(Number) as number,
      });
      expect(answer.body).not.toContain(value);
      const me = await app.inject({ url: '/api/auth/me', headers: { cookie: `${name}=${value}` } });
      expect(me.json()).toMatchObject({ username: user.name });
    }
  });

  it('that fails sets none', async ({ app, world }) => {
    const input = { username: (await world.user()).name, password: 'not the password' };
    const anonymous = await openBrowser(app, null);
    const byGraphql = await anonymous.graphql(LOGIN, { input });
    expect(byGraphql.json()).toEqual({
      data: { login: { __typename: 'InvalidCredentialsError', code: 'InvalidCredentials' } },
    });
    const byTrpc = await anonymous.trpc('auth.login', input);
    expect(byTrpc.statusCode).toBe(401);
    expect([...byGraphql.cookies, ...byTrpc.cookies]).toEqual([]);
  });

  it('ends by either door, which makes the browser forget it', async ({ app, world }) => {
    const user = await world.user();
    for (const logout of ['graphql', 'trpc'] as const) {
      const browser = await openBrowser(app, user);
      const answer =
        logout === 'graphql'
          ? await browser.graphql('mutation { logout { __typename ... on Deleted { id } } }')
          : await browser.trpc('auth.logout');
      expect(answer.statusCode).toBe(200);
      expect(cookieIn(answer)).toMatchObject({ name: 'session_id', value: '', expires: new Date(0) });
      expect((await browser.graphql('{ viewer { isAdmin } }')).json()).toEqual({ data: { viewer: null } });
    }
  });
});

describe('a token that only reads', () => {
  it('reads what its owner may read, and changes nothing, in both doors', async ({ app, world }) => {
    const reader = await world.readToken(await world.user());
    const viewer = await graphql(app, reader, '{ viewer { user { name } } }');
    expect(viewer).toEqual({ data: { viewer: { user: { name: reader.name } } } });
    expect((await trpcQuery({ app, user: reader, path: 'account.own' })).data.name).toBe(reader.name);
    expect((await graphql(app, reader, CREATE)).data.createToken.code).toBe('Forbidden');
    const headers = { ...reader.headers, 'content-type': 'application/json' };
    const byTrpc = await app.inject({
      method: 'POST',
      url: '/trpc/tokens.create',
      headers,
      payload: '{"name":"laptop"}',
    });
    expect(byTrpc.json()).toMatchObject({ error: { data: { domainCode: 'Forbidden' } } });
  });
});
