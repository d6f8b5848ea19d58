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
  'input of another type': [`/trpc/repos.get?${search({ name: 5 })}`, 400, 'BadRequest'],
  'input that is deep': [
    `/trpc/repos.get?${search({ name: JSON.parse('['.repeat(2000) + ']'.repeat(2000)) })}`,
    400,
    'BadRequest',
  ],
  'a mutation by GET': [`/trpc/repos.delete?${search({ name: 'a/b' })}`, 405, 'BadRequest'],
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

describe('a body that tRPC does not take', () => {
  it.for([
    ['no JSON', 'application/json', '{', 400, 'BadRequest'],
    ['a text', 'text/plain', '{"name": "a/b"}', 415, 'BadRequest'],
    ['a form', 'application/x-www-form-urlencoded', 'name=a/b', 415, 'BadRequest'],
    ['a form of parts', 'multipart/form-data; boundary=x', '--x--', 415, 'BadRequest'],
    ['bytes', 'application/octet-stream', '{"name": "a/b"}', 415, 'BadRequest'],
    ['too much', 'application/json', JSON.stringify({ name: 'x'.repeat(2 ** 20) }), 413, 'PayloadTooLarge'],
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

  it('ends with a batch that is too long, before anything runs', async ({ app, world }) => {
    const user = await world.user();
    const { name } = await world.repo(user);
    const calls = Array.from({ length: MAX_BATCH + 1 }, () => ({ name: `${user.name}/${name}` }));
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
