import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';

const DATE = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('GET repository info', () => {
  it('has the fields of a model, and files without details', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const sha = await world.commit(ann, ref, { 'b/c.txt': 'c', 'a.txt': 'a' });
    const response = await app.inject({ url: `/api/models/${ann.name}/${ref.name}` });
    const id = `${ann.name}/${ref.name}`;
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      _id: expect.stringMatching(/^[0-9a-f]{24}$/),
      id,
      modelId: id,
      author: ann.name,
      sha,
      lastModified: DATE,
      createdAt: DATE,
      private: false,
      gated: false,
      disabled: false,
      downloads: 0,
      likes: 0,
      trendingScore: 0,
      tags: [],
      siblings: ['.gitattributes', 'a.txt', 'b/c.txt'].map((rfilename) => ({ rfilename })),
      usedStorage: expect.any(Number),
    });
  });

  it('tells size and blob id with blobs=true', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann, { type: 'dataset' });
    await world.commit(ann, ref, { 'a.txt': 'hello\n', '.gitattributes': null });
    const info = await app.inject({ url: `/api/datasets/${ann.name}/${ref.name}?blobs=true` });
    expect(info.json().siblings).toEqual([
      { rfilename: 'a.txt', size: 6, blobId: 'ce013625030ba8dba906f756967f9e9ca394464a' },
    ]);
    expect(info.json()).not.toHaveProperty('modelId');
  });

  it('shows a revision as it was', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const first = await world.commit(ann, ref, { 'a.txt': 'a' });
    await world.commit(ann, ref, { 'b.txt': 'b' });
    const at = (revision: string) =>
      app.inject({ url: `/api/models/${ann.name}/${ref.name}/revision/${revision}` });
    expect((await at(first)).json()).toMatchObject({
      sha: first,
      siblings: [{ rfilename: '.gitattributes' }, { rfilename: 'a.txt' }],
    });
    expect((await at('refs%2Fheads%2Fmain')).json().siblings).toHaveLength(3);
    const missing = await at('nowhere');
    expect(missing.statusCode).toBe(404);
    expect(missing.headers['x-error-code']).toBe('RevisionNotFound');
  });

  it('gives only what expand asks for', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const get = (query: string) => app.inject({ url: `/api/models/${ann.name}/${ref.name}${query}` });
    const ids = { _id: expect.any(String), id: `${ann.name}/${ref.name}` };
    expect((await get('?expand=author&expand=likes')).json()).toEqual({ ...ids, author: ann.name, likes: 0 });
    expect((await get('/revision/main?expand=xetEnabled')).json()).toEqual({ ...ids, xetEnabled: true });
    expect((await get('?expand[]=siblings&expand=gguf')).json()).toEqual({
      ...ids,
      siblings: [{ rfilename: '.gitattributes' }],
    });
    const unknown = await get('?expand=author&expand=nonsense');
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json().error).toMatch(/^"expand" must be one of \[author, baseModels, .*xetEnabled\]$/);
    const ofSpace = await app.inject({ url: `/api/spaces/${ann.name}/${ref.name}?expand=safetensors` });
    expect(ofSpace.statusCode).toBe(400);
  });

  it('finds a repository under every spelling of its name', async ({ app, world }) => {
    const ann = await world.user();
    await world.repo(ann, { name: 'My-Model' });
    for (const name of ['My-Model', 'my_model', 'MY-MODEL']) {
      const info = await app.inject({ url: `/api/models/${ann.name.toUpperCase()}/${name}` });
      expect(info.json()).toMatchObject({ id: `${ann.name}/My-Model` });
    }
  });

  it.for(['a%00b/c', 'a/c%00', `a/${'x'.repeat(5000)}`, 'a/%ED%A0%80', 'a/%F0%9F%98%80'])(
    'knows no repository called %s',
    async (name, { app }) => {
      const response = await app.inject({ url: `/api/models/${name}` });
      expect([400, 404]).toContain(response.statusCode);
    },
  );

  it.for(['', '/revision/main', '/revision/nowhere', '/auth-check', '/lfs/settings'])(
    'answers for a hidden repository as for a missing one: GET %s',
    async (path, { app, world }) => {
      const ann = await world.user();
      const bob = await world.user();
      const hidden = await world.repo(ann, { isPrivate: true });
      for (const headers of [{}, bob.headers]) {
        const answers = await Promise.all(
          [hidden.name, 'missing'].map((name) =>
            app.inject({
              url: `/api/models/${ann.name}/${name}${path}`,
              headers: { ...headers, 'x-request-id': 'same' },
            }),
          ),
        );
        const seen = answers.map(({ statusCode, body, headers: { date: _date, ...rest } }) => ({
          statusCode,
          body,
          rest,
        }));
        expect(seen[0]).toEqual(seen[1]);
        expect(seen[0]).toMatchObject({
          statusCode: 404,
          rest: { 'x-error-code': 'RepoNotFound', 'x-request-id': 'same' },
        });
      }
      const other = await app.inject({
        url: `/api/datasets/${ann.name}/${hidden.name}${path}`,
        headers: ann.headers,
      });
      expect(other.statusCode).toBe(404);
    },
  );
});
