import { afterAll, beforeAll, expect } from 'vitest';
import { it, webUrl } from '../support/content.ts';

// A machine without git: the runner, which is started late, finds none.
const path = process.env['PATH'];
beforeAll(() => {
  process.env['PATH'] = '/nonexistent';
});
afterAll(() => {
  process.env['PATH'] = path;
});

it('without a git, Git clients are told so, and everything else works', async ({ content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const oid = await content.commit(owner, repo, { 'a.txt': 'a' });
  const info = await content.read(null, `${webUrl(repo)}.git/info/refs?service=git-upload-pack`);
  expect([info.statusCode, info.headers['x-error-code']]).toEqual([501, 'NotImplemented']);
  expect(info.body).toContain('This hub has no Git');
  const fetch = { method: 'POST', url: `${webUrl(repo)}/git-upload-pack`, payload: '0000' } as const;
  expect((await content.request(null, fetch)).statusCode).toBe(501);
  const push = { method: 'POST', url: `${webUrl(repo)}/git-receive-pack`, payload: '0000' } as const;
  expect((await content.request(owner, push)).statusCode).toBe(501);
  expect((await content.request(null, push)).statusCode).toBe(401);
  const refs = await content.read(owner, `${webUrl(repo)}/info/refs?service=git-receive-pack`);
  expect([refs.statusCode, refs.body]).toEqual([501, info.body]);
  expect((await content.read(null, `${webUrl(repo)}/HEAD`)).body).toBe('ref: refs/heads/main\n');
  expect((await content.read(null, `${webUrl(repo)}/resolve/${oid}/a.txt`)).body).toBe('a');
  expect(await content.headOf(owner, repo)).toBe(oid);
});

it('without a git, clients that come by SSH are told so in the same words', async ({ content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const { gitSessions, gitPushes } = content.hub.services();
  const nothing = (async function* (): AsyncGenerator<Buffer> {})();
  for (const protocol of [undefined, 'version=2']) {
    const session = { protocol, input: nothing, signal: new AbortController().signal };
    const said = gitSessions.uploadPack(owner.actor, repo, session).next();
    await expect(said).rejects.toThrow('This hub has no Git');
  }
  const push = gitPushes.advertise(owner.actor, repo, { version: 0, via: 'git-ssh' });
  await expect(push).rejects.toThrow('This hub has no Git');
});

it('whoever may not see a repository is told nothing of git', async ({ content }) => {
  const owner = await content.user();
  const repo = await content.repo(owner, { isPrivate: true });
  const url = `${webUrl(repo)}/info/refs?service=git-upload-pack`;
  const anonymous = await content.read(null, url);
  expect([anonymous.statusCode, anonymous.headers['www-authenticate']]).toEqual([
    401,
    'Basic realm="Kohaku Hub"',
  ]);
  expect((await content.read(await content.user(), url)).statusCode).toBe(404);
  expect((await content.read(owner, url)).statusCode).toBe(501);
});
