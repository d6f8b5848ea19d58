import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';

const CREATE = { method: 'POST', url: '/api/repos/create' } as const;

describe('POST /api/repos/create', () => {
  it('makes a model with one commit that holds .gitattributes', async ({ app, world, hub }) => {
    const ann = await world.user('ann');
    const response = await app.inject({
      ...CREATE,
      headers: ann.headers,
      payload: { name: 'bert', organization: null },
    });
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({
      url: `http://hub.test/${ann.name}/bert`,
      name: `${ann.name}/bert`,
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      repo_id: `${ann.name}/bert`,
    });

    const services = hub.services();
    const access = await services.access.require(
      ann.actor,
      { type: 'model', namespace: ann.name, name: 'bert' },
      'admin',
    );
    const history = await services.history.list(access, access.headOid!, { limit: 10 });
    expect(history.items).toMatchObject([{ title: 'initial commit', userName: ann.name, parents: [] }]);
    const attributes = await services.trees.entry(access, access.headOid!, '.gitattributes');
    expect(attributes?.kind).toBe('file');
    const text = String(await services.blobs.read(access, attributes!.oid, 10_000));
    for (const pattern of ['*.bin', '*.pkl', '*.safetensors', 'saved_model/**/*', '*tfevents*'])
      expect(text).toContain(`${pattern} filter=lfs diff=lfs merge=lfs -text\n`);
    expect(access.usedBytes).toBe(Buffer.byteLength(text));
  });

  it('adds lists of media to a dataset, and pages to a static space', async ({ app, world }) => {
    const ann = await world.user();
    const create = (payload: object) => app.inject({ ...CREATE, headers: ann.headers, payload });
    expect((await create({ type: 'dataset', name: 'squad' })).json()).toMatchObject({
      url: `http://hub.test/datasets/${ann.name}/squad`,
    });
    expect((await create({ type: 'space', name: 'demo', sdk: 'static' })).json()).toMatchObject({
      url: `http://hub.test/spaces/${ann.name}/demo`,
    });
    const space = await app.inject({ url: `/api/spaces/${ann.name}/demo` });
    expect(space.json()).toMatchObject({
      sdk: 'static',
      tags: ['static'],
      cardData: { title: 'demo', sdk: 'static' },
      siblings: ['.gitattributes', 'README.md', 'index.html', 'style.css'].map((rfilename) => ({
        rfilename,
      })),
    });
    expect((await create({ type: 'space', name: 'odd', sdk: 'cobol' })).statusCode).toBe(400);
  });

  it('puts the first files and the license into the initial commit', async ({ app, world }) => {
    const ann = await world.user();
    const create = (name: string, payload: object) =>
      app.inject({ ...CREATE, headers: ann.headers, payload: { name, ...payload } });
    const content = Buffer.from('---\nlicense: mit\npipeline_tag: fill-mask\n---\n').toString('base64');
    const files = [
      { path: 'README.md', content, encoding: 'base64' },
      { path: 'src/a.py', content: 'pass', encoding: 'utf-8' },
    ];
    expect((await create('filled', { files })).statusCode).toBe(200);
    const info = async (name: string) =>
      (await app.inject({ url: `/api/models/${ann.name}/${name}` })).json();
    expect(await info('filled')).toMatchObject({
      tags: ['fill-mask', 'license:mit'],
      pipeline_tag: 'fill-mask',
      siblings: ['.gitattributes', 'README.md', 'src/a.py'].map((rfilename) => ({ rfilename })),
    });
    expect((await create('licensed', { license: 'apache-2.0' })).statusCode).toBe(200);
    expect(await info('licensed')).toMatchObject({
      cardData: { license: 'apache-2.0' },
      tags: ['license:apache-2.0'],
    });

    for (const [bad, status] of [
      [{ path: '../x', content: '' }, 422],
      [{ path: '.git/config', content: '' }, 422],
      [{ path: 'x', content: '%%%', encoding: 'base64' }, 400],
      [{ path: 'x', content: 'x'.repeat(50_000) }, 413],
      [{ path: 'README.md/x', content: '' }, 400],
    ] as const) {
      const response = await create('refused', { files: [...files, bad] });
      expect([bad.path, response.statusCode]).toEqual([bad.path, status]);
    }
    expect((await app.inject({ url: `/api/models/${ann.name}/refused` })).statusCode).toBe(404);
  });

  it.for<[object, boolean]>([
    [{ visibility: 'private' }, true],
    [{ visibility: 'public' }, false],
    [{ private: true }, true],
    [{ private: false }, false],
    [{}, false],
  ])('understands %j', async ([visibility, isPrivate], { app, world }) => {
    const ann = await world.user();
    const payload = { name: 'x1', ...visibility };
    await app.inject({ ...CREATE, headers: ann.headers, payload });
    const info = await app.inject({ url: `/api/models/${ann.name}/x1`, headers: ann.headers });
    expect(info.json()).toMatchObject({ private: isPrivate });
  });

  it.for(['Same-Name', 'same_name', 'SAME-NAME'])(
    'refuses %s next to Same_Name, and names the one that exists',
    async (name, { app, world }) => {
      const ann = await world.user();
      await world.repo(ann, { name: 'Same_Name' });
      const response = await app.inject({ ...CREATE, headers: ann.headers, payload: { name } });
      expect(response.statusCode).toBe(409);
      expect(response.headers['x-error-code']).toBe('RepoExists');
      expect(response.json()).toEqual({
        error: `A model repository called ${ann.name}/Same_Name already exists`,
        url: `http://hub.test/${ann.name}/Same_Name`,
      });
    },
  );

  it('lets the same name stand once in each type', async ({ app, world }) => {
    const ann = await world.user();
    for (const type of ['model', 'dataset', 'space']) {
      const response = await app.inject({ ...CREATE, headers: ann.headers, payload: { type, name: 'one' } });
      expect(response.statusCode).toBe(200);
    }
  });

  it('lets one of many win when they create the same name at once', async ({ app, world }) => {
    const ann = await world.user();
    const names = ['race', 'Race', 'RACE', 'race', 'rAce', 'racE'];
    const responses = await Promise.all(
      names.map((name) => app.inject({ ...CREATE, headers: ann.headers, payload: { name } })),
    );
    const won = responses.filter((response) => response.statusCode === 200);
    expect(won).toHaveLength(1);
    expect(responses.filter((response) => response.statusCode === 409)).toHaveLength(5);
    const { url } = won[0]!.json();
    for (const response of responses) expect(response.json().url).toBe(url);
  });

  it.for(['', '-a', 'a-', 'a--b', 'a..b', 'x.git', 'a b', '../x', 'ä', 'x'.repeat(97), 'models', 'a/b/c'])(
    'refuses the name "%s"',
    async (name, { app, world }) => {
      const ann = await world.user();
      const response = await app.inject({
        ...CREATE,
        headers: ann.headers,
        payload: { name, organization: ann.name },
      });
      expect(response.statusCode).toBe(400);
      expect(response.json()).toHaveProperty('error');
    },
  );

  it('needs a login, a token that may write, and a namespace of the caller', async ({ app, world }) => {
    const ann = await world.user();
    const bob = await world.user();
    const create = (headers: Record<string, string>, organization: string | null) =>
      app.inject({ ...CREATE, headers, payload: { name: 'x', organization } });
    expect((await create({}, null)).statusCode).toBe(401);
    expect((await create({ ...(await world.readToken(ann)).headers }, null)).statusCode).toBe(403);

    const foreign = await create({ ...bob.headers }, ann.name);
    const missing = await create({ ...bob.headers }, 'nobody-here');
    expect(foreign.statusCode).toBe(403);
    expect(missing.statusCode).toBe(403);
    expect(foreign.json().error.replace(ann.name, 'X')).toBe(
      missing.json().error.replace('nobody-here', 'X'),
    );
  });

  it.for([
    ['visitor', 403],
    ['member', 200],
    ['admin', 200],
  ] as const)('answers an organization %s with %i', async ([role, status], { app, world }) => {
    const owner = await world.user();
    const user = await world.user();
    const organization = await world.org(owner, [{ user, role }]);
    const response = await app.inject({
      ...CREATE,
      headers: user.headers,
      payload: { name: 'x', organization },
    });
    expect(response.statusCode).toBe(status);
  });

  it('refuses a namespace without room, and leaves nothing behind', async ({ app, world, hub }) => {
    const ann = await world.user();
    await hub.deps.sql.execute({
      text: 'update account set public_quota_bytes = 10 where name = $1',
      values: [ann.name],
    });
    const response = await app.inject({ ...CREATE, headers: ann.headers, payload: { name: 'x' } });
    expect(response.statusCode).toBe(413);
    expect((await app.inject({ url: `/api/models/${ann.name}/x` })).statusCode).toBe(404);
  });
});
