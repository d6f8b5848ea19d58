import { expect } from 'vitest';
import { BranchSteps } from '../../support/branches.ts';
import { it as base } from '../../support/content.ts';
import { steady } from '../../support/graphql.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';
import { fullName } from '../graphql/full-name.ts';

const it = base.extend('steps', ({ content }) => BranchSteps.make(content));

it('branches and tags are created, listed and deleted', async ({ app, steps: { owner, repo } }) => {
  const name = fullName(repo);
  const send = (path: string, input: object) =>
    trpcMutation({ app, user: owner, path, input: { repo: { name }, ...input } });
  expect(steady(await send('branches.create', { branch: 'dev' }))).toMatchInlineSnapshot(`
    {
      "data": {
        "commitOid": "<oid>",
        "name": "dev",
        "refName": "refs/heads/dev",
      },
      "status": 200,
    }
  `);
  expect(await send('branches.create', { branch: 'dev' })).toMatchObject({
    status: 409,
    error: { domainCode: 'RefExists' },
  });
  expect(steady(await send('tags.create', { tag: 'v1', revision: 'dev', message: 'One' })))
    .toMatchInlineSnapshot(`
    {
      "data": {
        "commitOid": "<oid>",
        "name": "v1",
        "refName": "refs/tags/v1",
      },
      "status": 200,
    }
  `);
  const branches = await trpcQuery({ app, user: null, path: 'refs.list', input: { repo: { name } } });
  expect(steady(branches)).toMatchInlineSnapshot(`
    {
      "data": {
        "items": [
          {
            "commitOid": "<oid>",
            "name": "dev",
            "refName": "refs/heads/dev",
          },
          {
            "commitOid": "<oid>",
            "name": "main",
            "refName": "refs/heads/main",
          },
        ],
        "nextCursor": null,
      },
      "status": 200,
    }
  `);
  const tags = await trpcQuery({
    app,
    user: null,
    path: 'refs.list',
    input: { repo: { name }, kind: 'tags' },
  });
  expect(steady(tags)).toMatchInlineSnapshot(`
    {
      "data": {
        "items": [
          {
            "commitOid": "<oid>",
            "name": "v1",
            "refName": "refs/tags/v1",
          },
        ],
        "nextCursor": null,
      },
      "status": 200,
    }
  `);
  expect(await send('tags.delete', { tag: 'v1' })).toEqual({ status: 200 });
  expect(await send('branches.delete', { branch: 'dev' })).toEqual({ status: 200 });
  expect(await send('branches.delete', { branch: 'main' })).toMatchObject({
    error: { domainCode: 'BadRequest' },
  });
});

it('pages of branches follow one another', async ({ app, hub, steps: { owner, repo } }) => {
  for (const branch of ['a', 'b']) await hub.services().refs.createBranch(owner.actor, repo, branch, null);
  const input = { repo: { name: fullName(repo) }, limit: 2 };
  const first = await trpcQuery({ app, user: null, path: 'refs.list', input });
  const cursor: unknown = first.data.nextCursor;
  const second = await trpcQuery({ app, user: null, path: 'refs.list', input: { ...input, cursor } });
  const names = [...first.data.items, ...second.data.items].map((ref: { name: string }) => ref.name);
  expect([names, second.data.nextCursor]).toEqual([['a', 'b', 'main'], null]);
});

it('branches are reverted, reset, merged and squashed', async ({ app, steps }) => {
  const { owner, repo } = steps;
  const send = (path: string, input: object) =>
    trpcMutation({ app, user: owner, path, input: { repo: { name: fullName(repo) }, ...input } });
  const refusal = async (path: string, input: object) => (await send(path, input)).error?.domainCode;
  /** What a change of `main` answers with, once it is done. */
  const written = async ({ isNew }: { isNew: boolean }) => ({
    status: 200,
    data: { commitOid: await steps.head(), isNew },
  });
  const oid = await steps.commit('main', { a: 'one' });
  await steps.commit('main', { b: 'two' });
  const reverted = await send('branches.revert', { revision: oid });
  expect(reverted).toEqual(await written({ isNew: true }));
  expect(await steps.files()).toEqual({ b: 'two' });
  expect(await refusal('branches.reset', { branch: 'main', revision: oid })).toBe('BadRequest');
  const reset = await send('branches.reset', { branch: 'main', revision: oid, isForced: true });
  expect(reset).toEqual(await written({ isNew: true }));
  expect(await steps.files()).toEqual({ a: 'one' });
  await steps.branch('dev');
  await steps.commit('dev', { c: 'three' });
  const merge = { source: 'dev', destination: 'main' };
  expect(await refusal('branches.merge', { ...merge, expectedHead: oid })).toBe('StaleParent');
  const merged = await send('branches.merge', merge);
  expect(merged).toEqual(await written({ isNew: true }));
  const again = await send('branches.merge', merge);
  expect(again).toEqual(await written({ isNew: false }));
  expect(await steps.files()).toEqual({ a: 'one', c: 'three' });
  const squashed = await send('branches.superSquash', { branch: 'main', message: 'One' });
  expect(squashed).toEqual(await written({ isNew: true }));
  expect(await steps.titles()).toEqual(['One']);
});

it('a conflict names the files', async ({ app, steps }) => {
  const { owner, repo } = steps;
  await steps.branch('dev');
  await steps.commit('dev', { a: 'of dev' });
  await steps.commit('main', { a: 'of main' });
  const input = { repo: { name: fullName(repo) }, source: 'dev', destination: 'main' };
  const answer = await app.inject({
    method: 'POST',
    url: '/trpc/branches.merge',
    headers: { ...owner.headers, 'content-type': 'application/json' },
    payload: JSON.stringify(input),
  });
  expect(answer.json()).toMatchObject({
    error: { data: { domainCode: 'Conflict', details: { conflicts: ['a'] } } },
  });
});
