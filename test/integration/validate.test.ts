import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { expect } from 'vitest';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';
import type { TestUser } from '../support/world.ts';

it('a free name is available', async ({ app, world }) => {
  const alice = await world.user();
  const repo = await checkName(app, { name: 'my-new-repo', namespace: alice.name, type: 'model' });
  expect(repo.json()).toEqual({
    available: true,
    normalized_name: 'my_new_repo',
    conflict_with: null,
    message: 'Repository name is available',
  });
  const account = await checkName(app, { name: 'Some-Body' });
  expect(account.json()).toEqual({
    available: true,
    normalized_name: 'some_body',
    conflict_with: null,
    message: 'Name is available',
  });
});

it('a repository that everybody sees stands in the way for everybody', async ({ app, hub, world }) => {
  const alice = await world.user();
  const name = await storeRepo(hub, alice, 'public');
  const other = await checkName(app, { name: name.toUpperCase(), namespace: alice.name, type: 'model' });
  expect(other.json()).toEqual({
    available: false,
    normalized_name: name.replaceAll('-', '_'),
    conflict_with: `${alice.name}/${name}`,
    message: `Repository name conflicts with existing repository: ${name} (case-insensitive)`,
  });
  const dataset = await checkName(app, { name, namespace: alice.name, type: 'dataset' });
  expect(dataset.json()).toMatchObject({ available: true });
});

it('a private repository stands in the way only for those who see it', async ({ app, hub, world }) => {
  const [alice, stranger] = [await world.user(), await world.user()];
  const name = await storeRepo(hub, alice, 'private');
  const ask = async (headers: Record<string, string>) =>
    (await checkName(app, { name, namespace: alice.name, type: 'model' }, headers)).json<object>();
  const free = await checkName(app, { name: `${name}x`, namespace: alice.name, type: 'model' });
  const unseen = { ...free.json<object>(), normalized_name: name.replaceAll('-', '_') };
  expect(await ask({})).toEqual(unseen);
  expect(await ask(stranger.headers)).toEqual(unseen);
  expect(await ask(alice.headers)).toMatchObject({
    available: false,
    conflict_with: `${alice.name}/${name}`,
  });
});

it('users and organizations share one space of names', async ({ app, world }) => {
  const alice = await world.user();
  const org = await world.org(alice);
  const [same, like, taken] = [
    await checkName(app, { name: alice.name }),
    await checkName(app, { name: alice.name.toUpperCase() }),
    await checkName(app, { name: org }),
  ];
  expect(same.json()).toMatchObject({ available: false, conflict_with: alice.name });
  expect(like.json()).toMatchObject({
    available: false,
    conflict_with: alice.name,
    message: `Name conflicts with existing user or organization: ${alice.name} (case-insensitive)`,
  });
  expect(taken.json()).toMatchObject({ available: false, conflict_with: org });
});

it.for([
  [{ name: 'datasets' }, 'reserved'],
  [{ name: '../x' }, 'may hold letters'],
  [{ name: 'a\0' }, 'may hold letters'],
  [{ name: 'x.git', namespace: 'alice', type: 'model' }, 'may hold letters'],
  [{ name: 'x', namespace: 'a/b', type: 'model' }, 'may hold letters'],
  [{ name: 'x'.repeat(97) }, 'longer than 96'],
] as const)('the name %j is not available', async ([body, words], { app }) => {
  const answer = await checkName(app, body);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ available: false, conflict_with: null });
  expect(answer.json<{ message: string }>().message).toContain(words);
});

it.for([{}, { name: 7 }, { name: 'x', namespace: 'alice', type: 'bucket' }, { name: 'x'.repeat(2000) }])(
  'check-name with %j is a bad request',
  async (body, { app }) => {
    const answer = await checkName(app, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['x-error-code']).toBe('BadRequest');
  },
);

it('good metadata is valid', async ({ app }) => {
  const content = '---\nlicense: mit\n---\n# Title\n';
  const answers = [
    await validateYaml(app, { content, repoType: 'model' }),
    await validateYaml(app, { content, repo_type: 'dataset' }),
    await validateYaml(app, { content }),
  ];
  for (const answer of answers) {
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ valid: true, errors: [], warnings: [] });
  }
});

it('no metadata is a warning', async ({ app }) => {
  const answer = await validateYaml(app, { content: '# Title', repoType: 'model' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    valid: true,
    errors: [],
    warnings: [{ message: 'empty or missing yaml metadata in repo card' }],
  });
});

it('bad metadata is a 400 that names the field', async ({ app }) => {
  const answer = await validateYaml(app, {
    content: '---\nmodel-index: foo\ntags: 1\n---\n',
    repoType: 'model',
  });
  expect(answer.statusCode).toBe(400);
  expect(answer.headers).toMatchObject({
    'x-error-code': 'BadRequest',
    'x-error-message': 'Invalid metadata in README.md',
    'content-type': 'application/json; charset=utf-8',
  });
  expect(answer.json()).toEqual({
    error: 'Invalid metadata in README.md',
    errors: [
      { message: '"tags" must be a list of strings' },
      { message: '"model-index" must be a list of models, each with a list of "results"' },
    ],
    warnings: [],
  });
});

it('clients that want text get lines of text', async ({ app }) => {
  const headers = { accept: 'text/plain' };
  const bad = await validateYaml(app, { content: '---\nlicense: {}\n---\n', repoType: 'model' }, headers);
  const good = await validateYaml(app, { content: '---\nlicense: mit\n---\n', repoType: 'model' }, headers);
  expect([bad.statusCode, bad.body]).toEqual([
    400,
    '- Error: "license" must be a string or a list of strings',
  ]);
  expect([good.statusCode, good.body]).toEqual([200, '']);
  expect(bad.headers['content-type']).toBe('text/plain; charset=utf-8');
});

it.for([
  ['no content', {}, 400],
  ['an unknown type', { content: '', repoType: 'bucket' }, 400],
  ['a content that is no text', { content: 1 }, 400],
  ['no JSON', '{', 400],
  ['more than the limit of bodies', { content: 'x'.repeat(2 ** 20) }, 413],
] as const)('%s is refused in JSON', async ([, body, status], { app }) => {
  const answer = await validateYaml(app, body);
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toEqual({ error: expect.any(String) });
});

function checkName(
  app: FastifyInstance,
  payload: object,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  return app.inject({ method: 'POST', url: '/api/validate/check-name', headers, payload });
}

function validateYaml(
  app: FastifyInstance,
  payload: object | string,
  headers: Record<string, string> = {},
): Promise<LightMyRequestResponse> {
  const type = { 'content-type': 'application/json' };
  return app.inject({ method: 'POST', url: '/api/validate-yaml', headers: { ...type, ...headers }, payload });
}

/** A repository as a row: its name is all that counts here. */
async function storeRepo(hub: Hub, owner: TestUser, visibility: 'public' | 'private'): Promise<string> {
  const name = `repo-${Math.random().toString(36).slice(2, 8)}`;
  await hub.deps.sql.execute({
    text: `
      with made as (
        insert into repo (type, owner_id, name, normalized_name, is_private)
        select 'model', id, $2, $3, $4 from account where name = $1 returning id)
      insert into git_store (repo_id) select id from made`,
    values: [owner.name, name, name.replaceAll('-', '_'), visibility === 'private'],
  });
  return name;
}
