import { describe, expect } from 'vitest';
import { apiUrl, it, webUrl } from '../support/content.ts';

describe('a page of another site', () => {
  it('cannot log its visitor in: forms are not taken where a session begins', async ({ content }) => {
    const user = await content.user();
    const answer = await content.request(null, {
      method: 'POST',
      url: '/api/auth/login',
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.test' },
      payload: new URLSearchParams({ username: user.name, password: user.password }).toString(),
    });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([415, undefined]);
  });
});

describe('a shared cache', () => {
  it('keeps no answer that depends on who asks', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { isPrivate: true });
    const commit = await content.commit(owner, repo, { 'a.txt': 'a' });
    const urls = [apiUrl(repo), '/api/models', '/api/whoami-v2', `${webUrl(repo)}/resolve/${commit}/a.txt`];
    for (const user of [owner, null]) {
      for (const url of urls) {
        const answer = await content.read(user, url);
        expect.soft([url, answer.headers['cache-control']]).toEqual([url, 'private, no-cache']);
      }
    }
  });
});

it('metrics are not for those who come through a proxy on the same machine', async ({ content }) => {
  const through = (headers: Record<string, string>) => content.read(null, '/metrics', headers);
  expect((await through({})).statusCode).toBe(200);
  expect((await through({ 'x-forwarded-for': '203.0.113.7' })).statusCode).toBe(404);
  expect((await through({ forwarded: 'for=203.0.113.7' })).statusCode).toBe(404);
});
