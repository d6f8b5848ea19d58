import { expect } from 'vitest';
import { steady } from '../../support/graphql.ts';
import { it } from '../../support/it.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';
import { fullName } from '../graphql/full-name.ts';

it('locks are made, listed, verified and ended', async ({ app, world }) => {
  const owner = await world.user();
  const member = await world.user();
  const org = await world.org(owner, [{ user: member, role: 'member' }]);
  const repo = { name: fullName(await world.repo(owner, { namespace: org })) };
  const made = await trpcMutation({ app, user: owner, path: 'locks.lock', input: { repo, path: 'a' } });
  const { id, ...lock } = made.data;
  expect(id).toEqual(expect.any(Number));
  expect(steady(lock)).toMatchInlineSnapshot(`
    {
      "lockedAt": "<date>",
      "ownerName": "user1",
      "path": "a",
    }
  `);
  const other = await trpcMutation({ app, user: member, path: 'locks.lock', input: { repo, path: 'b' } });
  const again = await trpcMutation({ app, user: member, path: 'locks.lock', input: { repo, path: 'a' } });
  expect(again.error?.domainCode).toBe('Conflict');
  const first = await trpcQuery({ app, user: null, path: 'locks.list', input: { repo, limit: 1 } });
  const cursor: unknown = first.data.nextCursor;
  const second = await trpcQuery({ app, user: null, path: 'locks.list', input: { repo, limit: 1, cursor } });
  expect(first.data).toEqual({ items: [made.data], nextCursor: expect.any(String) });
  expect(second.data).toEqual({ items: [other.data], nextCursor: null });
  const verified = await trpcQuery({ app, user: owner, path: 'locks.verify', input: { repo } });
  expect(verified.data).toEqual({
    ours: [made.data],
    theirs: [{ ...other.data, path: 'b', ownerName: member.name }],
    nextCursor: null,
  });
  const end = { app, path: 'locks.unlock', input: { repo, id } };
  expect((await trpcMutation({ ...end, user: member })).error?.domainCode).toBe('Forbidden');
  expect((await trpcMutation({ ...end, user: owner })).data).toEqual(made.data);
  expect((await trpcMutation({ ...end, user: owner })).error?.domainCode).toBe('NotFound');
});

it('verifying needs the right to push', async ({ app, world }) => {
  const repo = { name: fullName(await world.repo(await world.user())) };
  const verify = async (user: Awaited<ReturnType<typeof world.user>> | null, refName: string | null) =>
    (await trpcQuery({ app, user, path: 'locks.verify', input: { repo, refName } })).error?.domainCode ??
    null;
  const stranger = await world.user();
  expect(await verify(stranger, 'refs/heads/main')).toBe('Forbidden');
  expect(await verify(stranger, 'refs/pr/1')).toBeNull();
  expect(await verify(null, 'refs/pr/1')).toBe('Unauthenticated');
});
