import { expect } from 'vitest';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

it('quotas are shown, set and counted anew', async ({ app, world }) => {
  const [admin, user, stranger] = [await world.admin(), await world.user(), await world.user()];
  const repo = await world.repo(user, { name: 'abc' });
  await world.commit(user, repo, { 'a.txt': 'x'.repeat(1000) });
  const namespace = user.name;
  const set = await trpcMutation({
    app,
    user: admin,
    path: 'quotas.setLimits',
    input: { namespace, privateQuotaBytes: 10, publicQuotaBytes: 1_000_000 },
  });
  const usage = set.data;
  expect(usage).toEqual({
    name: namespace,
    kind: 'user',
    privateUsedBytes: 0,
    privateQuotaBytes: 10,
    publicUsedBytes: expect.any(Number),
    publicQuotaBytes: 1_000_000,
  });
  expect(usage.publicUsedBytes).toBeGreaterThan(1000);
  const get = { app, path: 'quotas.get', input: { namespace } };
  expect((await trpcQuery({ ...get, user })).data).toEqual(usage);
  expect((await trpcQuery({ ...get, user: stranger })).error?.domainCode).toBe('Forbidden');
  expect((await trpcQuery({ ...get, user: null })).error?.domainCode).toBe('Unauthenticated');
  const open = await trpcQuery({ ...get, path: 'quotas.public', user: null });
  expect(open.data).toEqual({
    ...usage,
    seesPrivate: false,
    privateUsedBytes: null,
    privateQuotaBytes: null,
  });
  const repos = await trpcQuery({ ...get, path: 'quotas.repos', user });
  expect(repos.data).toEqual({
    namespace: usage,
    total: 1,
    repos: [
      {
        id: expect.any(Number),
        type: 'model',
        name: 'abc',
        isPrivate: false,
        usedBytes: usage.publicUsedBytes,
        quotaBytes: null,
        createdAt: expect.stringMatching(/Z$/),
      },
    ],
  });
  expect((await trpcQuery({ ...get, path: 'quotas.repos', user: stranger })).error?.domainCode).toBe(
    'Forbidden',
  );
  const recounted = await trpcMutation({ ...get, path: 'quotas.recount', user });
  expect(recounted.data).toEqual(usage);
});

it('quotas of repositories are within those of their namespaces', async ({ app, world }) => {
  const [admin, user] = [await world.admin(), await world.user()];
  const { namespace, name } = await world.repo(user);
  await trpcMutation({
    app,
    user: admin,
    path: 'quotas.setLimits',
    input: { namespace, publicQuotaBytes: 5000 },
  });
  const fullName = `${namespace}/${name}`;
  const ref = { repo: { name: fullName } };
  const set = (quotaBytes: number | null) =>
    trpcMutation({ app, user, path: 'quotas.setRepoLimit', input: { ...ref, quotaBytes } });
  const limited = await set(4000);
  expect(limited.data).toEqual({
    type: 'model',
    fullName,
    usedBytes: expect.any(Number),
    quotaBytes: 4000,
    namespaceUsedBytes: expect.any(Number),
    namespaceQuotaBytes: 5000,
  });
  expect((await trpcQuery({ app, user: null, path: 'quotas.repo', input: ref })).data).toEqual(limited.data);
  expect((await trpcMutation({ app, user, path: 'quotas.recountRepo', input: ref })).data).toEqual(
    limited.data,
  );
  expect((await set(5001)).error?.domainCode).toBe('BadRequest');
  expect((await set(-1)).error?.domainCode).toBe('BadRequest');
  expect((await set(null)).data.quotaBytes).toBeNull();
});
