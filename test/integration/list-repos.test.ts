import type { FastifyInstance } from 'fastify';
import type { OutgoingHttpHeader } from 'node:http';
import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';

/** Every page of a list, following its Link headers. */
async function pagesOf(app: FastifyInstance, url: string, headers = {}): Promise<{ id: string }[][]> {
  const pages: { id: string }[][] = [];
  for (let next: string | undefined = url; next;) {
    const response = await app.inject({ url: next, headers });
    expect(response.statusCode).toBe(200);
    pages.push(response.json());
    next = nextOf(response.headers['link']);
  }
  return pages;
}

/** Path and query of the next page; the link is absolute. */
function nextOf(link: OutgoingHttpHeader | undefined): string | undefined {
  return typeof link === 'string'
    ? /^<http:\/\/hub\.test(\/api\/[^>]+)>; rel="next"$/.exec(link)![1]
    : undefined;
}

async function idsOf(app: FastifyInstance, url: string, headers = {}): Promise<string[]> {
  return (await pagesOf(app, url, headers)).flat().map((item) => item.id);
}

describe('GET /api/models', () => {
  it('shows what lists show', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const sha = await world.commit(ann, ref, {
      'README.md': '---\nlicense: mit\npipeline_tag: fill-mask\n---\n',
    });
    const get = async (query: string) =>
      (await app.inject({ url: `/api/models?author=${ann.name}${query}` })).json();
    const usual = {
      _id: expect.any(String),
      id: `${ann.name}/${ref.name}`,
      modelId: `${ann.name}/${ref.name}`,
      author: ann.name,
      sha,
      lastModified: expect.stringMatching(/Z$/),
      createdAt: expect.stringMatching(/Z$/),
      private: false,
      gated: false,
      disabled: false,
      downloads: 0,
      likes: 0,
      trendingScore: 0,
      tags: ['fill-mask', 'license:mit'],
      pipeline_tag: 'fill-mask',
    };
    const cardData = { license: 'mit', pipeline_tag: 'fill-mask' };
    const siblings = [{ rfilename: '.gitattributes' }, { rfilename: 'README.md' }];
    expect(await get('')).toEqual([usual]);
    expect(await get('&cardData=true')).toEqual([{ ...usual, cardData }]);
    expect(await get('&full=true&config=true')).toEqual([
      { ...usual, cardData, siblings, usedStorage: expect.any(Number) },
    ]);
    expect(await get('&expand=sha&expand=siblings')).toEqual([
      { _id: usual._id, id: usual.id, sha, siblings },
    ]);
    const unknown = await app.inject({ url: '/api/models?expand=nonsense' });
    expect(unknown.statusCode).toBe(400);
    expect(unknown.json().error).toMatch(/^"expand" must be one of \[/);
  });

  it.for(['createdAt', 'lastModified', 'downloads', 'likes', 'trendingScore'])(
    'pages through ties of %s without losing or repeating one',
    async (sort, { app, world, hub }) => {
      const ann = await world.user();
      const refs = [];
      for (let i = 0; i < 7; i++) refs.push(await world.repo(ann));
      await hub.deps.sql.execute({
        text: `
          update repo set created_at = '2026-01-01T00:00:00.123457Z', last_modified_at = '2026-01-01T00:00:00.123457Z',
            likes_count = id % 2, downloads = 5, trending_score = (id % 2) / 3.0
          where owner_id = (select id from account where name = $1)`,
        values: [ann.name],
      });
      const url = `/api/models?author=${ann.name}&sort=${sort}&limit=2`;
      const pages = await pagesOf(app, url);
      expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
      const ids = pages.flat().map((item) => item.id);
      expect(new Set(ids)).toEqual(new Set(refs.map((ref) => `${ann.name}/${ref.name}`)));
      expect(ids).toEqual(await idsOf(app, `/api/models?author=${ann.name}&sort=${sort}&direction=-1`));
    },
  );

  it('sorts descending by every name of an order', async ({ app, world, hub }) => {
    const ann = await world.user();
    const [a, b] = [await world.repo(ann), await world.repo(ann)].map((ref) => `${ann.name}/${ref.name}`);
    await hub.deps.sql.execute({
      text: `update repo set likes_count = 1, downloads = 1, trending_score = 1, last_modified_at = now() + interval '1 hour'
        where name = $1`,
      values: [a!.split('/')[1]],
    });
    const order = (sort: string) => idsOf(app, `/api/models?author=${ann.name}&sort=${sort}`);
    for (const sort of [
      'likes',
      'downloads',
      'trending',
      'trendingScore',
      'updated',
      'lastModified',
      'last_modified',
    ])
      expect(await order(sort)).toEqual([a, b]);
    for (const sort of ['recent', 'createdAt', 'created_at']) expect(await order(sort)).toEqual([b, a]);
    expect((await app.inject({ url: '/api/models?sort=size' })).statusCode).toBe(400);
  });

  it('filters by tags, task, gate and parts of the name', async ({ app, world, hub }) => {
    const ann = await world.user();
    const make = async (name: string, readme: string) => {
      const ref = await world.repo(ann, { name });
      await world.commit(ann, ref, { 'README.md': readme });
      return `${ann.name}/${name}`;
    };
    const bert = await make(
      'Big-Bert',
      '---\nlicense: mit\nlanguage: en\npipeline_tag: fill-mask\nlibrary_name: transformers\n---\n',
    );
    const llama = await make('llama', '---\nlicense: mit\ndatasets: squad\ntags: [50%_x]\n---\n');
    await hub
      .services()
      .repos.updateSettings(
        ann.actor,
        { type: 'model', namespace: ann.name, name: 'llama' },
        { gated: 'auto' },
      );
    const find = (query: string) => idsOf(app, `/api/models?author=${ann.name}&${query}`);
    expect(await find('filter=license:mit')).toEqual([llama, bert]);
    expect(await find('filter=license:mit&filter=en')).toEqual([bert]);
    expect(await find('filter=language:en')).toEqual([bert]);
    expect(await find('filter=dataset:squad')).toEqual([llama]);
    expect(await find('filter=transformers')).toEqual([bert]);
    expect(await find('library=transformers')).toEqual([bert]);
    expect(await find('filter=fill-mask')).toEqual([bert]);
    expect(await find('pipeline_tag=fill-mask')).toEqual([bert]);
    expect(await find('filter=nothing')).toEqual([]);
    expect(await find('gated=true')).toEqual([llama]);
    expect(await find('gated=false')).toEqual([bert]);
    expect(await find('search=bert')).toEqual([bert]);
    expect(await find(`search=${ann.name.toUpperCase()}/l&search=AMA`)).toEqual([llama]);
    expect(await find('search=bert&search=llama')).toEqual([]);
    expect(await find('search=%25')).toEqual([]);
    expect(await idsOf(app, '/api/models?author=nobody-at-all')).toEqual([]);
    expect(await idsOf(app, `/api/datasets?author=${ann.name}`)).toEqual([]);
  });

  it('filters by the number of parameters', async ({ app, world, hub }) => {
    const ann = await world.user();
    const make = async (name: string, total: number | null) => {
      await world.repo(ann, { name });
      await hub.deps.sql.execute({
        text: `update repo set safetensors = $2 where name = $1 and owner_id = (select id from account where name = $3)`,
        values: [name, total === null ? null : { parameters: { F32: total }, total }, ann.name],
      });
      return `${ann.name}/${name}`;
    };
    const small = await make('small', 999_999);
    const middle = await make('middle', 7_000_000_000);
    const large = await make('large', 1_000_000_000_000);
    await make('unknown', null);
    const find = (range: string) => idsOf(app, `/api/models?author=${ann.name}&num_parameters=${range}`);
    expect(await find('min:6B,max:128B')).toEqual([middle]);
    expect(await find('max:7b,%20min:1k')).toEqual([middle, small]);
    expect(await find('min:6.99B')).toEqual([large, middle]);
    expect(await find('max:999999')).toEqual([small]);
    expect(await find('min:0.9999991M')).toEqual([large, middle]);
    for (const range of ['', '6B', 'min:', 'min:-1', 'min:1Q', 'over:1B', 'min:1B;max:2B', '%00']) {
      const response = await app.inject({ url: `/api/models?num_parameters=${range}` });
      expect([range, response.statusCode]).toEqual([range, 400]);
      expect(response.json().error).toMatch(/^num_parameters: /);
    }
  });

  it('knows of no model that somebody serves, and of no apps', async ({ app, world }) => {
    const ann = await world.user();
    await world.repo(ann);
    for (const query of [
      'inference=warm',
      'inference_provider=all',
      'inference_provider=a&inference_provider=b',
    ])
      expect(await idsOf(app, `/api/models?author=${ann.name}&${query}`)).toEqual([]);
    const response = await app.inject({ url: '/api/models?apps=vllm' });
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toContain('does not know which apps');
  });

  it('shows private repositories only to those who may read them', async ({ app, world }) => {
    const [owner, visitor, stranger] = await Promise.all([1, 2, 3].map(() => world.user()));
    const namespace = await world.org(owner!, [{ user: visitor!, role: 'visitor' }]);
    const ref = await world.repo(owner!, { namespace, isPrivate: true });
    const own = await world.repo(owner!, { isPrivate: true });
    for (const [author, name, readers] of [
      [namespace, ref.name, [owner!, visitor!]],
      [owner!.name, own.name, [owner!]],
    ] as const) {
      const url = `/api/models?author=${author}`;
      for (const user of readers) expect(await idsOf(app, url, user.headers)).toEqual([`${author}/${name}`]);
      expect(await idsOf(app, url, stranger!.headers)).toEqual([]);
      expect(await idsOf(app, url)).toEqual([]);
    }
  });

  it.for([
    'x',
    'W10',
    Buffer.from('["likes","1;drop",1]').toString('base64url'),
    Buffer.from('["createdAt","1e9",1]').toString('base64url'),
    Buffer.from('["downloads","1",1]').toString('base64url'),
  ])('refuses the cursor %s', async (cursor, { app }) => {
    const response = await app.inject({ url: `/api/models?cursor=${cursor}` });
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toContain('cursor');
  });

  it.for(['limit=0', 'limit=x', 'gated=maybe', 'direction=1', 'full=2'])(
    'refuses %s',
    async (query, { app }) => {
      expect((await app.inject({ url: `/api/models?${query}` })).statusCode).toBe(400);
    },
  );
});

describe('GET /api/spaces', () => {
  it('filters by what the card names', async ({ app, world }) => {
    const ann = await world.user();
    const make = async (name: string, card: string) => {
      const ref = await world.repo(ann, { name, type: 'space' });
      await world.commit(ann, ref, { 'README.md': `---\nsdk: static\n${card}---\n` });
      return `${ann.name}/${name}`;
    };
    const chat = await make('chat', 'models: [a/llama, b/bert]\ndatasets: [c/squad]\n');
    const view = await make('view', 'datasets: c/squad\n');
    await make('plain', '');
    const find = (query: string) => idsOf(app, `/api/spaces?author=${ann.name}&${query}`);
    expect(await find('models=a/llama')).toEqual([chat]);
    expect(await find('models=a/llama&models=b/bert')).toEqual([chat]);
    expect(await find('models=a/llama&models=x/y')).toEqual([]);
    expect(await find('datasets=c/squad')).toEqual([view, chat]);
    expect(await find('models=a/llama&datasets=c/squad')).toEqual([chat]);
    expect(await find('linked=true')).toEqual([view, chat]);
    expect(await find('linked=false')).toHaveLength(3);
    expect(await find('models=%00')).toEqual([]);
  });
});

it.for(['author', 'search', 'filter', 'pipeline_tag', 'library'])(
  'finds nothing for NUL in %s',
  async (name, { app }) => {
    const response = await app.inject({ url: `/api/models?${name}=%00` });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual([]);
  },
);

describe('GET /api/users/{name}/repos', () => {
  it('groups by type and pages in all of them', async ({ app, world }) => {
    const ann = await world.user();
    for (const type of ['model', 'model', 'model', 'dataset', 'space'] as const)
      await world.repo(ann, { type });
    const url = `/api/users/${ann.name}/repos`;
    const all = (await app.inject({ url })).json();
    expect(Object.keys(all)).toEqual(['models', 'datasets', 'spaces']);
    expect([all.models.length, all.datasets.length, all.spaces.length]).toEqual([3, 1, 1]);

    const first = await app.inject({ url: `${url}?limit=2&sort=likes` });
    const next = nextOf(first.headers['link'])!;
    const second = await app.inject({ url: next });
    expect(second.json()).toEqual({ models: [all.models[2]], datasets: [], spaces: [] });
    expect(second.headers['link']).toBeUndefined();
    expect((await app.inject({ url: `${url}?cursor=x` })).statusCode).toBe(400);
  });

  it('answers for organizations, and with 404 for nobody', async ({ app, world }) => {
    const ann = await world.user();
    const namespace = await world.org(ann);
    expect((await app.inject({ url: `/api/users/${namespace}/repos` })).json()).toEqual({
      models: [],
      datasets: [],
      spaces: [],
    });
    for (const name of ['nobody-at-all', '%00'])
      expect((await app.inject({ url: `/api/users/${name}/repos` })).statusCode).toBe(404);
  });
});

describe('GET settings/repositories', () => {
  it('lists what the caller stores, over pages', async ({ app, world }) => {
    const ann = await world.user();
    for (const type of ['model', 'model', 'dataset', 'space'] as const)
      await world.repo(ann, { type, isPrivate: type === 'dataset' });
    const url = '/api/settings/repositories';
    const all = (await app.inject({ url, headers: ann.headers })).json<
      { type: string; storage: number; storagePercent: number }[]
    >();
    expect(all.map(({ type }) => type)).toEqual(['model', 'model', 'dataset', 'space']);
    expect(all[2]).toEqual({
      id: expect.stringContaining(`${ann.name}/`) as string,
      type: 'dataset',
      updatedAt: expect.stringMatching(/Z$/) as string,
      visibility: 'private',
      storage: expect.any(Number) as number,
      storagePercent: expect.any(Number) as number,
      logicalStorage: all[2]!.storage,
    });
    const percents = all.map(({ storagePercent }) => storagePercent);
    expect(percents.reduce((sum, percent) => sum + percent, 0)).toBeCloseTo(100);
    expect(percents[0]).toBeCloseTo(percents[1]!);
    const first = await app.inject({ url: `${url}?limit=1`, headers: ann.headers });
    const second = await app.inject({ url: nextOf(first.headers['link'])!, headers: ann.headers });
    expect([first.json<object[]>().length, second.json<object[]>().length]).toEqual([3, 1]);
    expect((await app.inject({ url })).statusCode).toBe(401);
  });

  it('lists an organization, and hides its private repositories from strangers', async ({ app, world }) => {
    const [ann, ben] = [await world.user(), await world.user()];
    const namespace = await world.org(ann);
    await world.repo(ann, { namespace, isPrivate: true });
    const url = `/api/organizations/${namespace}/settings/repositories`;
    expect((await app.inject({ url, headers: ann.headers })).json()).toHaveLength(1);
    expect((await app.inject({ url, headers: ben.headers })).json()).toEqual([]);
    expect((await app.inject({ url })).statusCode).toBe(401);
  });
});

describe('GET /api/models-tags-by-type', () => {
  it('groups the tags of public repositories', async ({ app, world }) => {
    const ann = await world.user();
    const card = { 'README.md': '---\nlicense: tagtest\ntags: [plain-tag]\n---\n' };
    await world.commit(ann, await world.repo(ann), card);
    const hidden = { 'README.md': '---\nlicense: hidden-license\n---\n' };
    await world.commit(ann, await world.repo(ann, { isPrivate: true }), hidden);
    const tags = (await app.inject({ url: '/api/models-tags-by-type' })).json();
    expect(tags.license).toContainEqual({ id: 'license:tagtest', label: 'tagtest', type: 'license' });
    expect(tags.other).toContainEqual({ id: 'plain-tag', label: 'plain-tag', type: 'other' });
    expect(JSON.stringify(tags)).not.toContain('hidden-license');
  });
});
