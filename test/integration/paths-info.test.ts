import { describe, expect } from 'vitest';
import { apiUrl, fileLine, it } from '../support/content.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('POST paths-info', () => {
  it('takes forms and JSON, with and without a revision', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.commitLines(owner, repo, fileLine('a'), fileLine('dir/b'));
    const url = `${apiUrl(repo)}/paths-info`;
    const asForm = (payload: string, to = `${url}/main`) =>
      content.request(null, { method: 'POST', url: to, headers: FORM, payload });
    const many = await asForm('paths=dir&paths=nope&paths=a&expand=false');
    expect(many.json()).toEqual([
      { type: 'directory', path: 'dir', size: 0, oid: expect.any(String) },
      { type: 'file', path: 'a', size: 7, oid: expect.any(String) },
    ]);
    expect((await asForm('paths=a&expand=true')).json()).toEqual([
      expect.objectContaining({ path: 'a', lastCommit: expect.objectContaining({ title: 'Change files' }) }),
    ]);
    expect((await asForm('paths=dir%2Fb', url)).json()).toEqual([expect.objectContaining({ path: 'dir/b' })]);
    const asJson = await content.postJson(null, url, { paths: ['dir/b', 'a'], expand: false });
    expect(asJson.json<{ path: string }[]>().map((item) => item.path)).toEqual(['dir/b', 'a']);
    expect((await asForm('expand=false')).json()).toEqual([]);
  });

  it('takes 1000 paths and no more', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const form = (count: number) =>
      content.request(null, {
        method: 'POST',
        url: `${apiUrl(repo)}/paths-info/main`,
        headers: FORM,
        payload: Array.from({ length: count }, (_, index) => `paths=file-${index}`).join('&'),
      });
    expect((await form(1000)).json()).toEqual([]);
    const tooMany = await form(1001);
    expect([tooMany.statusCode, tooMany.headers['x-error-code']]).toEqual([413, 'PayloadTooLarge']);
  });

  it('knows missing revisions and hides private repositories', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { isPrivate: true });
    const ask = (user: typeof owner | null, revision: string) =>
      content.postJson(user, `${apiUrl(repo)}/paths-info/${revision}`, { paths: ['a'] });
    expect((await ask(owner, 'nope')).headers['x-error-code']).toBe('RevisionNotFound');
    expect((await ask(null, 'main')).headers['x-error-code']).toBe('RepoNotFound');
  });
});
