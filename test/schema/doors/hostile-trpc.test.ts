import { describe, expect } from 'vitest';
import { MAX_BATCH } from '../../../schema/trpc/max-batch.ts';
import { countStatements } from '../../support/count-statements.ts';
import { it } from '../../support/it.ts';

const paths = (count: number, path: string): string => Array.from({ length: count }, () => path).join(',');
const search = (input: unknown): string => `input=${encodeURIComponent(JSON.stringify(input))}`;

/** An address, the status and the code that it gets. */
const HOSTILE: Readonly<Record<string, readonly [url: string, status: number, code: string]>> = {
  'a batch of one call too many': [
    `/trpc/${paths(MAX_BATCH + 1, 'repos.list')}?batch=1&input={}`,
    400,
    'BadRequest',
  ],
  'a batch as long as an address may be': [`/trpc/${','.repeat(15_000)}?batch=1`, 400, 'BadRequest'],
  'a procedure that is not there': ['/trpc/repos.nothing', 404, 'NotFound'],
  'a name of 15,000 characters': [`/trpc/${'a'.repeat(15_000)}`, 404, 'NotFound'],
  'a name of 7,000 parts': [`/trpc/${'a.'.repeat(7000)}a`, 404, 'NotFound'],
  'a name that every object has': ['/trpc/constructor', 404, 'NotFound'],
  'a name that every object inherits': ['/trpc/__proto__', 404, 'NotFound'],
  'a name below a procedure': ['/trpc/repos.get.call', 404, 'NotFound'],
  'input that is no JSON': ['/trpc/repos.list?input=garbage', 400, 'BadRequest'],
  'input of another type': [`/trpc/repos.get?${search({ repo: { name: 5 } })}`, 400, 'BadRequest'],
  'input that is deep': [
    `/trpc/repos.get?${search({ repo: JSON.parse('['.repeat(2000) + ']'.repeat(2000)) })}`,
    400,
    'BadRequest',
  ],
  'a mutation by GET': [`/trpc/repos.delete?${search({ repo: { name: 'a/b' } })}`, 405, 'BadRequest'],
};

describe('a call that is hostile', () => {
  it.for(Object.entries(HOSTILE))('%s', async ([, [url, status, code]], { hub, app }) => {
    const statements = await countStatements(hub, async () => {
      const answer = await app.inject({ method: 'GET', url });
      expect(answer.statusCode).toBe(status);
      const error = { data: { domainCode: code } };
      const body = answer.json<unknown>();
      for (const each of Array.isArray(body) ? body : [body]) expect(each).toMatchObject({ error });
    });
    expect(statements).toBe(0);
  });
});

/** The address of a batch. */
function batch(calls: readonly (readonly [path: string, input: object])[]): string {
  const input = Object.assign(
    {},
    calls.map(([, each]) => each),
  );
  return `/trpc/${calls.map(([path]) => path).join(',')}?batch=1&${search(input)}`;
}

/** The code of each answer of a batch; null for one that is no error. */
function codesOf(body: unknown): (string | null)[] {
  return (body as { error?: { data: { domainCode: string } } }[]).map(
    ({ error }) => error?.data.domainCode ?? null,
  );
}

describe('a batch that costs too much', () => {
  it('answers what it may have, and refuses the rest before it runs', async ({ hub, app, world }) => {
    const user = await world.user();
    const ref = await world.repo(user);
    const repo = { name: `${user.name}/${ref.name}` };
    const comparison = ['comparisons.diffs', { repo, base: 'main', head: 'main', limit: 100 }] as const;
    const send = async (count: number) => {
      const answer = await app.inject({ url: batch(Array.from({ length: count }, () => comparison)) });
      return codesOf(answer.json());
    };
    // Each is 1,310 points.
    expect(await send(3)).toEqual([null, null, null]);
    let codes: readonly (string | null)[] = [];
    const three = await countStatements(hub, () => send(3));
    const twenty = await countStatements(hub, async () => {
      codes = await send(MAX_BATCH);
    });
    expect(codes).toEqual([null, null, null, ...Array.from({ length: MAX_BATCH - 3 }, () => 'BadRequest')]);
    expect(twenty).toBe(three);
  });

  it.for([
    ['lists', 'repos.list', { limit: 1000 }, 1],
    ['lists of the usual length', 'repos.list', {}, 16],
    ['trees', 'files.tree', { repo: { name: 'a/b' }, limit: 1000 }, 1],
    ['trees with last commits', 'files.tree', { repo: { name: 'a/b' }, withLastCommit: true }, 5],
    ['texts', 'files.text', { repo: { name: 'a/b' }, path: 'a', maxBytes: 1_048_576 }, 13],
  ] as const)('of %s', async ([, path, input, fitting], { app }) => {
    const calls = Array.from({ length: MAX_BATCH }, () => [path, input] as const);
    const answer = await app.inject({ url: batch(calls) });
    const refused = codesOf(answer.json()).map((code) => code === 'BadRequest');
    expect(refused).toEqual(Array.from({ length: MAX_BATCH }, (_, index) => index >= fitting));
  });

  it('of changes: ten, as many as a document of GraphQL has', async ({ app, world }) => {
    const user = await world.user();
    const answer = await app.inject({
      method: 'POST',
      url: `/trpc/${paths(12, 'repos.create')}?batch=1`,
      headers: user.headers,
      payload: Object.assign({}, ...Array.from({ length: 12 }, (_, n) => ({ [n]: { name: `made-${n}` } }))),
    });
    const codes = codesOf(answer.json());
    expect(codes).toEqual([...Array.from({ length: 10 }, () => null), 'BadRequest', 'BadRequest']);
  });

  it('of one call that asks for too much', async ({ app }) => {
    const url = `/trpc/files.tree?${search({ repo: { name: 'a/b' }, limit: 1000, withLastCommit: true })}`;
    const answer = await app.inject({ url });
    expect(answer.json()).toMatchObject({
      error: {
        message:
          'With this call the request costs 8060 points; 5000 are the most. Ask for shorter lists, or send fewer calls together.',
      },
    });
  });
});

describe('a body that tRPC does not take', () => {
  const manyKeys = JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`k${n}`, n])));

  it.for([
    ['no JSON', 'application/json', '{', 400, 'BadRequest'],
    ['a text', 'text/plain', '{"name": "a/b"}', 415, 'BadRequest'],
    ['a form', 'application/x-www-form-urlencoded', 'name=a/b', 415, 'BadRequest'],
    ['a form of parts', 'multipart/form-data; boundary=x', '--x--', 415, 'BadRequest'],
    ['bytes', 'application/octet-stream', '{"name": "a/b"}', 415, 'BadRequest'],
    ['too much', 'application/json', JSON.stringify({ name: 'x'.repeat(2 ** 20) }), 413, 'PayloadTooLarge'],
    ['too many values', 'application/json', `[${'1,'.repeat(31_000)}1]`, 400, 'BadRequest'],
    ['too many levels', 'application/json', '['.repeat(41) + ']'.repeat(41), 400, 'BadRequest'],
    ['an object of too many keys', 'application/json', manyKeys, 400, 'BadRequest'],
    ['a list where it wants an object', 'application/json', '["a/b"]', 400, 'BadRequest'],
  ] as const)('%s', async ([, type, payload, status, code], { app, world }) => {
    const { headers } = await world.user();
    const answer = await app.inject({
      method: 'POST',
      url: '/trpc/repos.delete',
      headers: { ...headers, 'content-type': type },
      payload,
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ error: { data: { domainCode: code } } });
  });

  it('is large without a login', async ({ app }) => {
    const payload = { username: 'x'.repeat(2 ** 15), password: 'x' };
    const answer = await app.inject({ method: 'POST', url: '/trpc/auth.login', payload });
    expect(answer.statusCode).toBe(413);
    expect(answer.json()).toMatchObject({ error: { data: { domainCode: 'PayloadTooLarge' } } });
  });

  it('ends with a batch that is too long, before anything runs', async ({ app, world }) => {
    const user = await world.user();
    const { name } = await world.repo(user);
    const calls = Array.from({ length: MAX_BATCH + 1 }, () => ({ repo: { name: `${user.name}/${name}` } }));
    const answer = await app.inject({
      method: 'POST',
      url: `/trpc/${paths(MAX_BATCH + 1, 'repos.delete')}?batch=1`,
      headers: user.headers,
      payload: Object.assign({}, calls),
    });
    expect(answer.statusCode).toBe(400);
    const { statusCode } = await app.inject(`/api/models/${user.name}/${name}`);
    expect(statusCode).toBe(200);
  });

  it.for(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const)('by %s', async (method, { app }) => {
    expect((await app.inject({ method, url: '/trpc/repos.list' })).statusCode).toBe(404);
  });
});

describe('a request with wrong credentials', () => {
  it('is told so in the shape of tRPC', async ({ app }) => {
    const headers = { authorization: 'Bearer hf_wrong' };
    const answer = await app.inject({ method: 'GET', url: '/trpc/repos.list', headers });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({
      error: { data: { domainCode: 'InvalidCredentials', code: 'UNAUTHORIZED', httpStatus: 401 } },
    });
  });
});
