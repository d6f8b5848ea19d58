import { describe, expect } from 'vitest';
import { BranchSteps } from '../support/branches.ts';
import { type ContentWorld, it } from '../support/content.ts';

interface Comparison {
  readonly files: readonly { path: string; type: string; diff?: string | null }[];
  readonly [field: string]: unknown;
}

async function parted(content: ContentWorld) {
  const at = await BranchSteps.make(content);
  const base = await at.commit('main', { a: '1\n', shared: 's\n' });
  await at.branch('side');
  const side = [await at.commit('side', { s: 'x\n' }), await at.commit('side', { s: 'y\n' })];
  const main = [await at.commit('main', { a: '2\n' })];
  const compare = async (range: string, query = '') =>
    (await content.read(at.owner, `${at.url}/compare/${range}${query}`)).json<Comparison>();
  return { at, base, side, main, compare };
}

describe('GET compare', () => {
  it('shows what the head changed since they parted, and all that differs', async ({ content }) => {
    const { base, side, main, compare } = await parted(content);
    expect(await compare('main...side')).toEqual({
      base: main[0],
      head: side[1],
      merge_base: base,
      ahead_by: 2,
      behind_by: 1,
      files: [
        expect.objectContaining({ path: 's', type: 'added', diff: '--- a/s\n+++ b/s\n@@ -0,0 +1 @@\n+y\n' }),
      ],
    });
    const both = await compare('main..side', '?text=false');
    expect(both.files.map((file) => [file.type, file.path, file.diff])).toEqual([
      ['changed', 'a', undefined],
      ['added', 's', undefined],
    ]);
    expect(await compare('side...main')).toMatchObject({ ahead_by: 1, behind_by: 2, files: [{ path: 'a' }] });
    expect(await compare('main...main')).toMatchObject({
      ahead_by: 0,
      behind_by: 0,
      merge_base: main[0],
      files: [],
    });
  });

  it('compares branches without a commit in common with nothing', async ({ content }) => {
    const { at, compare } = await parted(content);
    await at.post('super-squash/side', {});
    const answer = await compare('main...side', '?text=0');
    expect(answer).toMatchObject({ merge_base: null, ahead_by: 1, behind_by: 3 });
    expect(answer.files.map((file) => file.path)).toEqual(['.gitattributes', 'a', 's', 'shared']);
  });

  it('lists the commits of either side, page by page, and stays with those of the first page', async ({
    content,
  }) => {
    const { at, side, main } = await parted(content);
    const url = `${at.url}/compare/main...side/commits`;
    expect(ids((await content.read(null, url)).body)).toEqual(side.toReversed());
    expect(ids((await content.read(null, `${url}?side=behind`)).body)).toEqual(main);
    const first = await content.read(null, `${url}?limit=1`);
    const next = /<http:\/\/hub\.test([^>]+)>/.exec(String(first.headers.link))![1]!;
    await at.commit('side', { s: 'z\n' });
    const second = await content.read(null, next);
    expect([...ids(first.body), ...ids(second.body), second.headers.link]).toEqual([
      side[1],
      side[0],
      undefined,
    ]);
    const wrong = await content.read(
      null,
      `${url}?cursor=${Buffer.from('["side","x","y",1]').toString('base64url')}`,
    );
    expect(wrong.statusCode).toBe(400);
  });

  it('stays with the commits of the first page when a branch moves', async ({ content }) => {
    const { at, side } = await parted(content);
    const lastPage = async (between: () => Promise<unknown>) => {
      const first = await content.read(at.owner, `${at.url}/compare/main..side?limit=1`);
      await between();
      const next = /<http:\/\/hub\.test([^>]+)>/.exec(String(first.headers.link))![1]!;
      return (await content.read(at.owner, next)).json<Comparison>();
    };
    const page = await lastPage(() => at.commit('side', { s: 'moved\n', a: '2\n' }));
    expect([page['head'], page.files.map((file) => file.path)]).toEqual([side[1], ['s']]);
  });

  it('says the same of the two revisions on every page', async ({ content }) => {
    const { at, compare } = await parted(content);
    await at.commit('side', { t: 'second file' });
    const { files, ...first } = await compare('main...side', '?limit=1');
    const { link } = (await content.read(at.owner, `${at.url}/compare/main...side?limit=1`)).headers;
    const next = /<http:\/\/hub\.test([^>]+)>/.exec(String(link))![1]!;
    const { files: others, ...second } = (await content.read(at.owner, next)).json<Comparison>();
    expect(second).toEqual(first);
    expect([...files, ...others].map((file) => file.path)).toEqual(['s', 't']);
  });

  it('gives one patch', async ({ content }) => {
    const { at } = await parted(content);
    const raw = await content.read(at.owner, `${at.url}/compare/main..side?raw=true`);
    expect(raw.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(raw.body).toMatch(
      /^diff --git a\/a b\/a\nindex [0-9a-f]{40}\.\.[0-9a-f]{40} 100644\n--- a\/a\n\+\+\+ b\/a\n@@ -1 \+1 @@\n-2\n\+1\ndiff --git a\/s b\/s\nnew file mode 100644\n/,
    );
  });

  it('refuses a patch of too many files, and ranges that are none', async ({ content }) => {
    const { at } = await parted(content);
    await at.commit(
      'side',
      Object.fromEntries(Array.from({ length: 3001 }, (_, index) => [`n/${index}`, `${index}`])),
    );
    const large = await content.read(at.owner, `${at.url}/compare/main...side?raw=1`);
    expect([large.statusCode, large.headers['x-error-code']]).toEqual([413, 'PayloadTooLarge']);
    for (const range of ['main', 'main...', '..main', 'a..b..c']) {
      const answer = await content.read(at.owner, `${at.url}/compare/${range}`);
      expect([range, answer.statusCode]).toEqual([range, 400]);
    }
    expect((await content.read(at.owner, `${at.url}/compare/main..nope`)).headers['x-error-code']).toBe(
      'RevisionNotFound',
    );
  });
});

function ids(body: string): string[] {
  return (JSON.parse(body) as { id: string }[]).map((commit) => commit.id);
}
