import { describe, expect } from 'vitest';
import { apiUrl, type ContentWorld, fileLine, HEADER, it, ndjson, webUrl } from '../support/content.ts';

interface Refs {
  readonly branches: { name: string; ref: string; targetCommit: string }[];
  readonly tags: { name: string; ref: string; targetCommit: string }[];
}

async function sample(content: ContentWorld) {
  const owner = await content.user();
  const repo = await content.repo(owner);
  const refs = async (): Promise<Refs> => (await content.read(owner, `${apiUrl(repo)}/refs`)).json<Refs>();
  return { owner, repo, refs, url: apiUrl(repo), head: await content.headOf(owner, repo) };
}

describe('GET refs', () => {
  it('lists branches, tags, conversions, and pull requests when asked', async ({ content }) => {
    const { owner, repo, url, head } = await sample(content);
    await content.postJson(owner, `${url}/tag/main`, { tag: 'v1' });
    await content.sendCommit(owner, repo, ndjson([HEADER, fileLine('a')]), { revision: 'main?create_pr=1' });
    const plain = {
      branches: [{ name: 'main', ref: 'refs/heads/main', targetCommit: head }],
      converts: [],
      tags: [{ name: 'v1', ref: 'refs/tags/v1', targetCommit: head }],
    };
    expect((await content.read(null, `${url}/refs`)).json()).toEqual(plain);
    expect((await content.read(null, `${url}/refs?include_prs=1`)).json()).toEqual({
      ...plain,
      pullRequests: [{ name: '1', ref: 'refs/pr/1', targetCommit: expect.any(String) }],
    });
  });

  it('hides private repositories', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner, { isPrivate: true });
    expect((await content.read(null, `${apiUrl(repo)}/refs`)).headers['x-error-code']).toBe('RepoNotFound');
  });
});

describe('branches', () => {
  it('are created from main or a starting point, and deleted', async ({ content }) => {
    const { owner, repo, url, refs, head } = await sample(content);
    await content.commitLines(owner, repo, fileLine('a'));
    expect(
      (await content.postJson(owner, `${url}/branch/feat%2Fx`, { startingPoint: head })).statusCode,
    ).toBe(200);
    expect((await content.postJson(owner, `${url}/branch/dev`, {})).statusCode).toBe(200);
    const { branches } = await refs();
    expect(branches.map((branch) => branch.name)).toEqual(['dev', 'feat/x', 'main']);
    expect(branches[1]!.targetCommit).toBe(head);
    expect((await content.remove(owner, `${url}/branch/feat%2Fx`)).statusCode).toBe(200);
    expect((await refs()).branches.map((branch) => branch.name)).toEqual(['dev', 'main']);
  });

  it('answer 409 with the text that clients look for, and a tag of the same name is no conflict', async ({
    content,
  }) => {
    const { owner, url } = await sample(content);
    await content.postJson(owner, `${url}/tag/main`, { tag: 'same' });
    expect((await content.postJson(owner, `${url}/branch/same`, {})).statusCode).toBe(200);
    const again = await content.postJson(owner, `${url}/branch/same`, {});
    expect([again.statusCode, again.headers['x-error-code']]).toEqual([409, 'RefExists']);
    expect(again.json<{ error: string }>().error).toContain('Reference refs/heads/same already exists');
  });

  it('cannot be deleted when missing, a tag, or main', async ({ content }) => {
    const { owner, url } = await sample(content);
    await content.postJson(owner, `${url}/tag/main`, { tag: 'v1' });
    for (const name of ['nope', 'v1']) {
      const missing = await content.remove(owner, `${url}/branch/${name}`);
      expect([missing.statusCode, missing.body]).toEqual([404, expect.stringContaining('Invalid rev id')]);
    }
    const main = await content.remove(owner, `${url}/branch/main`);
    expect([main.statusCode, main.body]).toEqual([
      400,
      expect.stringContaining('Cannot delete refs/heads/main'),
    ]);
  });

  it('need a good name and a real starting point', async ({ content }) => {
    const { owner, url, refs } = await sample(content);
    expect((await content.postJson(owner, `${url}/branch/a..b`, {})).headers['x-error-code']).toBe(
      'BadRequest',
    );
    const lost = await content.postJson(owner, `${url}/branch/b`, { startingPoint: 'nope' });
    expect(lost.headers['x-error-code']).toBe('RevisionNotFound');
    expect((await refs()).branches).toHaveLength(1);
  });
});

describe('tags', () => {
  it('name any revision, with or without a message, and are deleted', async ({ content }) => {
    const { owner, repo, url, refs, head } = await sample(content);
    await content.sendCommit(owner, repo, ndjson([HEADER, fileLine('a')]), { revision: 'main?create_pr=1' });
    expect((await content.postJson(owner, `${url}/tag/${head.slice(0, 7)}`, { tag: 'v1' })).statusCode).toBe(
      200,
    );
    expect(
      (await content.postJson(owner, `${url}/tag/main`, { tag: 'v2', message: 'Second' })).statusCode,
    ).toBe(200);
    expect((await content.postJson(owner, `${url}/tag/refs%2Fpr%2F1`, { tag: 'a/b' })).statusCode).toBe(200);
    expect((await refs()).tags).toEqual([
      { name: 'a/b', ref: 'refs/tags/a/b', targetCommit: await content.headOf(owner, repo, 'refs/pr/1') },
      { name: 'v1', ref: 'refs/tags/v1', targetCommit: head },
      { name: 'v2', ref: 'refs/tags/v2', targetCommit: head },
    ]);
    expect((await content.remove(owner, `${url}/tag/a%2Fb`)).statusCode).toBe(200);
    expect((await refs()).tags).toHaveLength(2);
  });

  it('answer 409 for a duplicate and 404 for missing ones', async ({ content }) => {
    const { owner, url } = await sample(content);
    await content.postJson(owner, `${url}/tag/main`, { tag: 'v1' });
    expect((await content.postJson(owner, `${url}/tag/main`, { tag: 'v1' })).statusCode).toBe(409);
    for (const answer of [
      await content.postJson(owner, `${url}/tag/nope`, { tag: 'v2' }),
      await content.remove(owner, `${url}/tag/nope`),
      await content.remove(owner, `${url}/tag/main`),
    ]) {
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([404, 'RevisionNotFound']);
    }
    expect((await content.postJson(owner, `${url}/tag/main`, { tag: 'no good' })).statusCode).toBe(400);
    expect((await content.postJson(owner, `${url}/tag/main`, {})).json<{ error: string }>().error).toContain(
      'tag',
    );
  });
});

describe('the spelling of the specification', () => {
  it('works for branches and tags, with and without /api', async ({ content }) => {
    const { owner, repo, refs } = await sample(content);
    const bare = apiUrl(repo).replace('/api', '');
    expect(
      (await content.postJson(owner, `${bare}/branch`, { branch: 'one', revision: 'main' })).statusCode,
    ).toBe(200);
    expect((await content.postJson(owner, `${bare}/branch/two`, {})).statusCode).toBe(200);
    expect((await content.postJson(owner, `${apiUrl(repo)}/branch`, { branch: 'three' })).statusCode).toBe(
      200,
    );
    expect((await content.postJson(owner, `${bare}/tag`, { tag: 'v1' })).statusCode).toBe(200);
    expect((await content.remove(owner, `${bare}/branch/one`)).statusCode).toBe(200);
    expect((await refs()).branches.map((branch) => branch.name)).toEqual(['main', 'three', 'two']);
    expect((await content.remove(owner, `${bare}/tag/v1`)).statusCode).toBe(200);
    expect((await content.read(null, `${bare}/commits/main`)).statusCode).toBe(200);
    expect((await content.read(null, `${webUrl(repo)}/resolve/two/.gitattributes`)).statusCode).toBe(200);
  });
});

describe('changing refs', () => {
  it('needs a login and is refused to strangers and read tokens', async ({ content }) => {
    const { owner, url, refs } = await sample(content);
    const stranger = await content.user();
    const readOnly = await content.readToken(owner);
    await content.postJson(owner, `${url}/branch/dev`, {});
    await content.postJson(owner, `${url}/tag/main`, { tag: 'v1' });
    for (const [user, status] of [
      [null, 401],
      [stranger, 403],
      [readOnly, 403],
    ] as const) {
      expect((await content.postJson(user, `${url}/branch/x`, {})).statusCode).toBe(status);
      expect((await content.postJson(user, `${url}/branch`, { branch: 'x' })).statusCode).toBe(status);
      expect((await content.remove(user, `${url}/branch/dev`)).statusCode).toBe(status);
      expect((await content.postJson(user, `${url}/tag/main`, { tag: 'x' })).statusCode).toBe(status);
      expect((await content.postJson(user, `${url}/tag`, { tag: 'x' })).statusCode).toBe(status);
      expect((await content.remove(user, `${url}/tag/v1`)).statusCode).toBe(status);
    }
    const { branches, tags } = await refs();
    expect([branches.length, tags.length]).toEqual([2, 1]);
  });
});
