import {
  checkRepoAccess,
  createRepo,
  datasetInfo,
  deleteRepo,
  HubApiError,
  listDatasets,
  listModels,
  listSpaces,
  modelInfo,
  type RepoDesignation,
  repoExists,
  spaceInfo,
  uploadFile,
  whoAmI,
} from '@huggingface/hub';
import { describe, expect } from 'vitest';
import { collect, it } from './listening-hub.ts';

/** The client asks for 500 at once, which no test has. */
const fetchTwo: typeof fetch = (url, init) =>
  fetch(url instanceof Request ? url : url.toString().replace(/limit=\d+/, 'limit=2'), init);

describe('repositories through @huggingface/hub', () => {
  it.for(['model', 'dataset', 'space'] as const)('creates, finds and deletes a %s', async (type, { hub }) => {
    const { user, ...me } = await hub.person();
    const name = `${user.name}/${hub.name('repo')}`;
    const repo: RepoDesignation = { type, name };
    const made = await createRepo({ ...me, repo, ...(type === 'space' && { sdk: 'gradio' as const }) });
    const prefix = type === 'model' ? '' : `${type}s/`;
    expect(made).toEqual({
      repoUrl: `${hub.url}/${prefix}${name}`,
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
    });
    await checkRepoAccess({ hubUrl: hub.url, repo });
    expect(await repoExists({ hubUrl: hub.url, repo })).toBe(true);
    await deleteRepo({ ...me, repo });
    expect(await repoExists({ ...me, repo })).toBe(false);
    await expect(checkRepoAccess({ ...me, repo })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('creates a private model with first files, which only its owner sees', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const stranger = await hub.person();
    const name = `${user.name}/${hub.name('secret')}`;
    const files = [{ path: 'config.json', content: new Blob(['{}']) }];
    await createRepo({ ...me, repo: name, visibility: 'private', license: 'mit', files });
    const info = await modelInfo({ ...me, name, additionalFields: ['cardData', 'filePaths', 'sha', 'tags'] });
    expect(info).toMatchObject({ name, private: true, gated: false, likes: 0, downloads: 0 });
    expect(info.filePaths).toContain('config.json');
    expect(info.cardData).toEqual({ license: 'mit' });
    expect(info.tags).toContain('license:mit');
    expect(info.sha).toMatch(/^[0-9a-f]{40}$/);
    expect(info.updatedAt.getTime()).toBeGreaterThan(0);
    for (const other of [{ hubUrl: hub.url }, { hubUrl: hub.url, accessToken: stranger.accessToken }]) {
      await expect(modelInfo({ ...other, name })).rejects.toMatchObject({ statusCode: 404 });
      await expect(checkRepoAccess({ ...other, repo: name })).rejects.toMatchObject({ statusCode: 404 });
    }
  });

  it('describes datasets and spaces, also at a revision', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const name = `${user.name}/${hub.name('both')}`;
    await createRepo({ ...me, repo: { type: 'dataset', name } });
    await createRepo({ ...me, repo: { type: 'space', name }, sdk: 'static' });
    const dataset = await datasetInfo({ ...me, name, revision: 'main', additionalFields: ['author', 'sha'] });
    expect(dataset).toMatchObject({ name, private: false, author: user.name });
    const space = await spaceInfo({ ...me, name, additionalFields: ['sha', 'runtime'] });
    expect(space).toMatchObject({ name, sdk: 'static' });
    const before = await datasetInfo({ ...me, name, revision: dataset.sha, additionalFields: ['sha'] });
    expect(before.sha).toBe(dataset.sha);
    await expect(datasetInfo({ ...me, name, revision: 'nope' })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('carries status, message and request id in its errors', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const stranger = await hub.person();
    const repo = `${user.name}/${hub.name('repo')}`;
    await createRepo({ ...me, repo });
    const again = await createRepo({ ...me, repo }).catch((error: unknown) => error);
    expect(again).toBeInstanceOf(HubApiError);
    expect(again).toMatchObject({
      statusCode: 409,
      message: expect.stringContaining('already'),
      requestId: expect.stringMatching(/./),
      data: { url: `${hub.url}/${repo}` },
    });
    await expect(deleteRepo({ ...stranger, repo })).rejects.toMatchObject({ statusCode: 403 });
    await expect(deleteRepo({ ...(await hub.reader({ user, ...me })), repo })).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(createRepo({ ...stranger, repo: `${user.name}/mine` })).rejects.toMatchObject({
      statusCode: 403,
    });
    const wrong = { hubUrl: hub.url, accessToken: 'hf_wrongwrongwrongwrongwrongwrongwrong' };
    await expect(whoAmI(wrong)).rejects.toMatchObject({
      statusCode: 401,
      message: expect.stringContaining('Invalid credentials in Authorization header'),
    });
  });
});

describe('lists through @huggingface/hub', () => {
  it('finds models by owner, part of the name, task and tags, with more fields', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const names = [0, 1, 2].map((index) => `${user.name}/list-${index}`);
    for (const repo of names) await createRepo({ ...me, repo });
    const card =
      '---\npipeline_tag: text-classification\nlibrary_name: transformers\ntags: [mine, yours]\n---\n';
    await uploadFile({
      ...me,
      repo: names[1]!,
      file: { path: 'README.md', content: new Blob([card]) },
      useXet: false,
    });
    const found = async (search: object): Promise<string[]> =>
      (await collect(listModels({ ...me, search }))).map((model) => model.name);
    expect((await found({ owner: user.name })).toSorted()).toEqual(names);
    expect(await found({ owner: user.name, query: 'list-2' })).toEqual([names[2]]);
    expect(await found({ owner: user.name, task: 'text-classification' })).toEqual([names[1]]);
    expect(await found({ owner: user.name, tags: ['mine', 'yours'] })).toEqual([names[1]]);
    expect(await found({ owner: user.name, tags: ['mine', 'theirs'] })).toEqual([]);
    const [newest, ...rest] = await collect(
      listModels({
        ...me,
        search: { owner: user.name },
        sort: 'lastModified',
        limit: 1,
        additionalFields: ['author', 'library_name', 'tags', 'filePaths', 'sha', 'createdAt'],
      }),
    );
    expect(rest).toEqual([]);
    expect(newest).toMatchObject({
      name: names[1],
      task: 'text-classification',
      author: user.name,
      library_name: 'transformers',
      filePaths: ['.gitattributes', 'README.md'],
    });
  });

  it('follows pages to the end', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const names = Array.from({ length: 7 }, (_, index) => `${user.name}/page-${index}`);
    for (const repo of names) await createRepo({ ...me, repo });
    const listed = await collect(
      listModels({ ...me, search: { owner: user.name }, sort: 'createdAt', fetch: fetchTwo }),
    );
    expect(listed.map((model) => model.name)).toEqual(names.toReversed());
  });

  it('lists datasets and spaces, private ones only to their people', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const name = `${user.name}/${hub.name('repo')}`;
    await createRepo({ ...me, repo: { type: 'dataset', name }, visibility: 'private' });
    await createRepo({ ...me, repo: { type: 'space', name }, sdk: 'docker' });
    const search = { owner: user.name, query: 'repo' };
    const [dataset] = await collect(
      listDatasets({ ...me, search, limit: 5, additionalFields: ['author', 'tags', 'sha'] }),
    );
    expect(dataset).toMatchObject({ name, private: true, author: user.name, gated: false });
    expect(await collect(listDatasets({ hubUrl: hub.url, search }))).toEqual([]);
    const [space] = await collect(listSpaces({ hubUrl: hub.url, search, additionalFields: ['author'] }));
    expect(space).toMatchObject({ name, sdk: 'docker', private: false, author: user.name });
  });

  it('knows who it is', async ({ hub }) => {
    const { user, ...me } = await hub.person();
    const org = await hub.org(user);
    expect(await whoAmI(me)).toMatchObject({
      type: 'user',
      name: user.name,
      orgs: [expect.objectContaining({ type: 'org', name: org })],
      auth: { type: 'access_token', accessToken: { role: 'write', createdAt: expect.any(Date) } },
    });
  });
});
