import { describe, expect } from 'vitest';
import { apiUrl, fileLine, HEADER, it, ndjson } from '../support/content.ts';
import { localPath } from '../support/lfs-world.ts';

interface Commit {
  readonly id: string;
  readonly title: string;
}

describe('GET commits', () => {
  it('lists the history newest first, with formatted texts only when asked', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const header = { key: 'header', value: { summary: 'Use <b>', description: 'a & b' } };
    await content.sendCommit(owner, repo, ndjson([header, fileLine('a')]));
    const url = `${apiUrl(repo)}/commits/main`;
    const [newest, first, ...rest] = (await content.read(null, url)).json<object[]>();
    expect(rest).toEqual([]);
    expect(newest).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{40}$/),
      title: 'Use <b>',
      message: 'a & b',
      date: expect.stringMatching(/Z$/),
      authors: [{ user: owner.name }],
    });
    expect(first).not.toHaveProperty('formatted');
    for (const query of ['expand[]=formatted', 'expand%5B%5D=formatted', 'expand=formatted']) {
      const [commit] = (await content.read(null, `${url}?${query}`)).json<object[]>();
      expect(commit).toMatchObject({
        title: 'Use <b>',
        formatted: { title: 'Use &lt;b&gt;', message: 'a &amp; b' },
      });
    }
  });

  it('pages with an absolute Link that stays in the history it began', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    for (const path of ['a', 'b', 'c']) await content.commitLines(owner, repo, fileLine(path));
    const url = `${apiUrl(repo)}/commits/main`;
    const whole = (await content.read(null, url)).json<Commit[]>();
    const first = await content.read(null, `${url}?limit=2`);
    const link = /^<(http:\/\/hub\.test\/[^>]+)>; rel="next"$/.exec(String(first.headers['link']))?.[1];
    await content.commitLines(owner, repo, fileLine('later'));
    const second = await content.read(null, localPath(link!));
    expect([...first.json<Commit[]>(), ...second.json<Commit[]>()]).toEqual(whole);
    expect(second.headers['link']).toBeUndefined();
  });

  it('counts on a first page of one commit, as huggingface.js asks', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    for (const path of ['a', 'b']) await content.commitLines(owner, repo, fileLine(path));
    const url = `${apiUrl(repo)}/commits/main`;
    const first = await content.read(null, `${url}?limit=1`);
    expect(first.headers['x-total-count']).toBe('3');
    const link = /<([^>]+)>/.exec(String(first.headers['link']))?.[1];
    expect((await content.read(null, localPath(link!))).headers).not.toHaveProperty('x-total-count');
    expect((await content.read(null, url)).headers).not.toHaveProperty('x-total-count');
  });

  it('takes branches with slashes and pull requests', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    await content.postJson(owner, `${apiUrl(repo)}/branch/feat%2Fx`, {});
    await content.sendCommit(owner, repo, ndjson([HEADER, fileLine('a')]), { revision: 'main?create_pr=1' });
    const count = async (revision: string): Promise<number> =>
      (await content.read(null, `${apiUrl(repo)}/commits/${revision}`)).json<Commit[]>().length;
    expect(await Promise.all(['main', 'feat%2Fx', 'refs%2Fpr%2F1', 'refs/pr/1'].map(count))).toEqual([
      1, 1, 2, 2,
    ]);
  });

  it('refuses missing revisions and foreign cursors, and hides private repositories', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { isPrivate: true });
    const code = async (user: typeof owner | null, rest: string) =>
      (await content.read(user, `${apiUrl(repo)}/commits/${rest}`)).headers['x-error-code'];
    expect(await code(owner, 'nope')).toBe('RevisionNotFound');
    expect(await code(owner, 'main?cursor=x')).toBe('BadRequest');
    expect(await code(owner, 'main?limit=x')).toBe('BadRequest');
    expect(await code(null, 'main')).toBe('RepoNotFound');
  });
});
