import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect } from 'vitest';
import { cookieOf } from '../support/login.ts';
import { SAMPLE_KEYS } from '../support/ssh-samples.ts';
import { it } from '../support/it.ts';

/** A public key that nobody has. */
function newKey(): string {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const head = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
  const blob = Buffer.concat([head, Buffer.from(x!, 'base64url')]);
  return `ssh-ed25519 ${blob.toString('base64')}`;
}

describe('a key', () => {
  it.for(SAMPLE_KEYS)('of type $type is added, listed, read and deleted', async (sample, { app, world }) => {
    const { headers } = await world.user();
    const { type, base64, fingerprint } = sample;
    const added = await add(app, headers, { title: ' My Laptop ', key: `${type} ${base64} ada@laptop\n` });
    const id = added.json<{ id: number }>().id;
    const shown = {
      id: expect.any(Number),
      title: 'My Laptop',
      key_type: type,
      fingerprint,
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
      last_used: null,
    };
    expect([added.statusCode, added.json()]).toEqual([200, shown]);
    expect((await app.inject({ url: '/api/user/keys', headers })).json()).toEqual([added.json()]);
    expect((await app.inject({ url: `/api/user/keys/${id}`, headers })).json()).toEqual(added.json());

    const deleted = await remove(app, headers, id);
    expect([deleted.statusCode, deleted.json()]).toEqual([
      200,
      { success: true, message: 'SSH key deleted successfully' },
    ]);
    expect((await app.inject({ url: '/api/user/keys', headers })).json()).toEqual([]);
    expect((await remove(app, headers, id)).statusCode).toBe(404);
    expect((await app.inject({ url: `/api/user/keys/${id}`, headers })).statusCode).toBe(404);
  });

  it('may be added by a session of a browser', async ({ app, world }) => {
    const cookie = await cookieOf(app, await world.user());
    expect((await add(app, cookie, { title: 'x', key: newKey() })).statusCode).toBe(200);
  });

  it('belongs to one account, and the refusal does not say to whose', async ({ app, world }) => {
    const [alice, bob] = [await world.user('alice'), await world.user('bob')];
    const key = newKey();
    const first = await add(app, alice.headers, { title: 'x', key });
    const answers = [
      await add(app, alice.headers, { title: 'y', key: `${key} again` }),
      await add(app, bob.headers, { title: 'x', key }),
    ];
    for (const answer of answers) {
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([409, 'Conflict']);
      expect(answer.body).not.toContain(alice.name);
    }
    expect(answers[0]!.body).toBe(answers[1]!.body);
    await remove(app, alice.headers, first.json<{ id: number }>().id);
    expect((await add(app, bob.headers, { title: 'x', key })).statusCode).toBe(200);
  });

  it('is added once by two requests at once', async ({ app, world }) => {
    const { headers } = await world.user();
    const key = newKey();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => add(app, headers, { title: 'x', key })),
    );
    const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b);
    expect(statuses).toEqual([200, 409, 409, 409, 409]);
  });

  it('is one of at most 100', async ({ app, world, hub }) => {
    const user = await world.user();
    await hub.deps.sql.execute({
      text: `
        insert into ssh_key (user_id, title, key_type, public_key, fingerprint)
        select a.id, 't', 'ssh-ed25519', 'none', a.id || ':' || n from account a, generate_series(1, 100) n where a.name = $1`,
      values: [user.name],
    });
    const answer = await add(app, user.headers, { title: 'x', key: newKey() });
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([
      400,
      'You have 100 SSH keys. Delete one that you do not use any more.',
    ]);
  });
});

describe('who may', () => {
  it('every route needs a login', async ({ app }) => {
    const answers = [
      await app.inject({ url: '/api/user/keys' }),
      await app.inject({ url: '/api/user/keys/1' }),
      await add(app, {}, { title: 'x', key: newKey() }),
      await remove(app, {}, 1),
    ];
    expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401, 401, 401]);
  });

  it("a stranger neither sees nor deletes somebody's keys", async ({ app, world }) => {
    const [alice, bob] = [await world.user(), await world.user()];
    const { id } = (await add(app, alice.headers, { title: 'x', key: newKey() })).json<{ id: number }>();
    const url = `/api/user/keys/${id}`;
    const answers = [await app.inject({ url, headers: bob.headers }), await remove(app, bob.headers, id)];
    expect(answers.map((answer) => [answer.statusCode, answer.json()])).toEqual([
      [404, { error: 'SSH key not found' }],
      [404, { error: 'SSH key not found' }],
    ]);
    expect((await app.inject({ url: '/api/user/keys', headers: bob.headers })).json()).toEqual([]);
    expect((await app.inject({ url, headers: alice.headers })).statusCode).toBe(200);
  });

  it('a read token reads keys, and changes none', async ({ app, world }) => {
    const user = await world.user();
    const { id } = (await add(app, user.headers, { title: 'x', key: newKey() })).json<{ id: number }>();
    const { headers } = await world.readToken(user);
    const answers = [
      await app.inject({ url: '/api/user/keys', headers }),
      await app.inject({ url: `/api/user/keys/${id}`, headers }),
      await add(app, headers, { title: 'x', key: newKey() }),
      await remove(app, headers, id),
    ];
    expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200, 403, 403]);
  });
});

describe('refuses', () => {
  it.for([
    {},
    { title: 'x' },
    { title: 'x', key: 1 },
    { title: 'x', key: '' },
    { title: 'x', key: `ssh-ed25519 ${'A'.repeat(68)}` },
    { title: 'x', key: `ssh-rsa ${'A'.repeat(20_000)}` },
    { title: '', key: SAMPLE_KEYS[0].base64 },
  ])('the body %j', async (body, { app, world }) => {
    const { headers } = await world.user();
    const answer = await add(app, headers, body);
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([400, 'BadRequest']);
  });

  it.for(['', '   ', 'x'.repeat(201), 'a\0b', 'a\nb', 'a\u001b[31m'])(
    'the title %j',
    async (title, { app, world }) => {
      const { headers } = await world.user();
      const answer = await add(app, headers, { title, key: newKey() });
      expect(answer.statusCode).toBe(400);
      expect(answer.json<{ error: string }>().error).toContain('title');
    },
  );

  it.for(['abc', '0', '-1', '1.5', '99999999999999999999'])('the key id %s', async (id, { app, world }) => {
    const { headers } = await world.user();
    expect((await remove(app, headers, id)).statusCode).toBe(400);
    expect((await app.inject({ url: `/api/user/keys/${id}`, headers })).statusCode).toBe(400);
  });
});

function add(
  app: FastifyInstance,
  headers: Record<string, string>,
  payload: object,
): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/api/user/keys', headers, payload });
}

function remove(
  app: FastifyInstance,
  headers: Record<string, string>,
  id: number | string,
): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'DELETE', url: `/api/user/keys/${id}`, headers });
}
