import { describe, expect } from 'vitest';
import { apiUrl, it } from '../support/content.ts';
import { localPath } from '../support/lfs-world.ts';

interface TokenBody {
  readonly accessToken: string;
  readonly exp: number;
  readonly casUrl: string;
}

describe('a Xet token', () => {
  it('comes in the body and in the headers, for every kind of repository', async ({ content }) => {
    const owner = await content.user();
    for (const type of ['model', 'dataset', 'space'] as const) {
      const repo = await content.repo(owner, { type });
      for (const scope of ['read', 'write'] as const) {
        const before = Date.now();
        const answer = await content.read(owner, `${apiUrl(repo)}/xet-${scope}-token/main`);
        expect(answer.statusCode).toBe(200);
        expect(answer.headers['content-type']).toContain('application/json');
        expect(answer.headers['cache-control']).toBe('no-store');
        const { accessToken, exp, casUrl, ...rest } = answer.json<TokenBody>();
        expect(rest).toEqual({});
        expect(answer.headers).toMatchObject({
          'x-xet-access-token': accessToken,
          'x-xet-token-expiration': String(exp),
          'x-xet-cas-url': casUrl,
        });
        expect(Number.isInteger(exp)).toBe(true);
        // Clients ask again 60 seconds before the end.
        expect(exp * 1000).toBeGreaterThan(before + 5 * 60_000);
        expect(casUrl).toBe(`${content.hub.config.baseUrl}/xet/${content.hub.deps.xet.instanceId}`);
      }
    }
  });

  it('opens the store for what it was given for', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const { id: userId } = owner.actor as { id: number };
    const { xetAccess } = content.hub.services();
    const { instanceId } = content.hub.deps.xet;
    const tokenOf = async (user: typeof owner | null, scope: string): Promise<string> =>
      (await content.read(user, `${apiUrl(repo)}/xet-${scope}-token/main`)).json<TokenBody>().accessToken;

    const [read, write, anonymous] = [
      await tokenOf(owner, 'read'),
      await tokenOf(owner, 'write'),
      await tokenOf(null, 'read'),
    ];
    expect(await xetAccess.openWrite(write, instanceId)).toMatchObject({ userId, isWriter: true });
    expect(await xetAccess.openRead(write, instanceId)).toMatchObject({ userId, isWriter: true });
    expect(await xetAccess.openRead(read, instanceId)).toMatchObject({ userId, isWriter: false });
    expect(await xetAccess.openRead(anonymous, instanceId)).toMatchObject({ userId: null, isWriter: false });
    for (const token of [read, anonymous])
      await expect(xetAccess.openWrite(token, instanceId)).rejects.toMatchObject({ code: 'Forbidden' });
  });

  it('is for a revision however it is spelled, and for none', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const commit = await content.commit(owner, repo, { 'a.txt': 'a' });
    await content.postJson(owner, `${apiUrl(repo)}/branch/feature%2Fone`, {});
    const statusOf = async (path: string): Promise<number> =>
      (await content.read(owner, `${apiUrl(repo)}/${path}`)).statusCode;
    for (const revision of ['main', commit, 'feature%2Fone', 'feature/one', 'refs%2Fheads%2Fmain', 'None'])
      for (const scope of ['read', 'write'])
        expect([revision, scope, await statusOf(`xet-${scope}-token/${revision}`)]).toEqual([
          revision,
          scope,
          200,
        ]);
    const missing = await content.read(owner, `${apiUrl(repo)}/xet-write-token/nowhere`);
    expect([missing.statusCode, missing.headers['x-error-code']]).toEqual([404, 'RevisionNotFound']);
    expect(missing.headers['x-xet-access-token']).toBeUndefined();
  });

  it('of a reader is for a pull request only', async ({ content }) => {
    const [owner, reader] = [await content.user(), await content.user()];
    const repo = await content.repo(owner);
    const url = `${apiUrl(repo)}/xet-write-token`;
    const { xetAccess } = content.hub.services();
    for (const query of ['1', 'true']) {
      const answer = await content.read(reader, `${url}/None?create_pr=${query}`);
      expect(answer.statusCode).toBe(200);
      const { accessToken } = answer.json<TokenBody>();
      const session = await xetAccess.openWrite(accessToken, content.hub.deps.xet.instanceId);
      expect(session.isWriter).toBe(false);
    }
    for (const path of ['main', 'None', 'main?create_pr=0', 'None?create_pr=false'])
      expect([path, (await content.read(reader, `${url}/${path}`)).statusCode]).toEqual([path, 403]);
    expect((await content.read(null, `${url}/None?create_pr=1`)).statusCode).toBe(401);
    // Who only reads may download.
    expect((await content.read(reader, `${apiUrl(repo)}/xet-read-token/main`)).statusCode).toBe(200);
  });

  it('is found under the new name of a repository', async ({ content }) => {
    const owner = await content.user();
    const repo = await content.repo(owner);
    const moved = { ...repo, name: `${repo.name}-new` };
    await content.postJson(owner, '/api/repos/move', {
      fromRepo: `${repo.namespace}/${repo.name}`,
      toRepo: `${moved.namespace}/${moved.name}`,
    });
    const answer = await content.read(owner, `${apiUrl(repo)}/xet-write-token/main`);
    expect([answer.statusCode, answer.headers['location']]).toEqual([
      307,
      `${apiUrl(moved)}/xet-write-token/main`,
    ]);
    expect(
      (await content.read(owner, localPath(`http://hub${apiUrl(moved)}/xet-write-token/main`))).statusCode,
    ).toBe(200);
  });
});
