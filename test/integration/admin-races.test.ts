import { expect } from 'vitest';
import { DomainError } from '../../src/domain/errors.ts';
import type { Hub } from '../../src/server/hub.ts';
import type { TestUser, World } from '../support/world.ts';
import { it } from './admin-calls.ts';

/** As many new administrators as are asked for, and no others. */
async function onlyAdmins(hub: Hub, world: World, count: number): Promise<TestUser[]> {
  await hub.deps.sql.execute({ text: 'update account set is_admin = false' });
  return Promise.all(Array.from({ length: count }, () => world.admin()));
}

async function activeAdmins(hub: Hub): Promise<number> {
  const [row] = await hub.deps.sql.query<{ count: number }>({
    text: 'select count(*) as count from account where is_admin and is_active',
  });
  return row?.count ?? 0;
}

function codesOf(results: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return results.map((result) => {
    if (result.status === 'fulfilled') return 'done';
    return result.reason instanceof DomainError ? result.reason.code : result.reason;
  });
}

it('the last administrator cannot be suspended, unmade or deleted', async ({ admins, hub, world }) => {
  const [admin] = (await onlyAdmins(hub, world, 1)) as [TestUser];
  const suspended = await world.admin();
  await admins.ok(admin, `POST /users/${suspended.name}/suspend`);
  for (const call of [`POST /users/${admin.name}/suspend`, `DELETE /users/${admin.name}/administrator`])
    expect.soft([call, ...(await admins.refused(admin, call))]).toEqual([call, 409, 'Conflict']);
  expect(await admins.refused(admin, `DELETE /users/${admin.name}`)).toEqual([409, 'Conflict']);
  expect(await activeAdmins(hub)).toBe(1);
  expect(await admins.acts(admin, admin.name)).toEqual([]);
});

it('of administrators who all put each other out at once, exactly one stays', async ({ hub, world }) => {
  for (let round = 0; round < 4; round++) {
    const all = await onlyAdmins(hub, world, 4);
    const acts = all.flatMap((actor, from) =>
      all.map(({ name }, to) => {
        const { adminUsers } = hub.services();
        const kind = (from + to + round) % 3;
        if (kind === 0) return adminUsers.suspend(actor.actor, name);
        if (kind === 1) return adminUsers.unmakeAdmin(actor.actor, name);
        return adminUsers.delete(actor.actor, name, { endsRedirects: false });
      }),
    );
    const codes = codesOf(await Promise.allSettled(acts));
    expect(
      codes.filter((code) => !['done', 'Forbidden', 'Conflict', 'NotFound'].includes(String(code))),
    ).toEqual([]);
    expect(await activeAdmins(hub)).toBe(1);
  }
});

it('whoever was unmade does nothing more, not even what he had begun', async ({ admins, hub, world }) => {
  const [first, second] = (await onlyAdmins(hub, world, 2)) as [TestUser, TestUser];
  const [ada, bob] = [await world.user(), await world.user()];
  await admins.ok(first, `DELETE /users/${second.name}/administrator`);
  // The actor was looked up before.
  const { adminUsers, adminLogins, adminOrgs, adminRepos } = hub.services();
  const repo = await world.repo(ada);
  const org = await world.org(ada);
  const late = [
    adminUsers.suspend(second.actor, ada.name),
    adminUsers.delete(second.actor, bob.name, { endsRedirects: false }),
    adminLogins.end(second.actor, ada.name, { kind: 'tokens' }),
    adminOrgs.appoint(second.actor, org, second.name),
    adminRepos.setDisabled(second.actor, repo, { isDisabled: true }),
    adminRepos.delete(second.actor, repo),
  ];
  expect(codesOf(await Promise.allSettled(late))).toEqual(late.map(() => 'Forbidden'));
});

it('an abandoned organization gets one super-admin, however many are named at once', async ({
  admins,
  hub,
  world,
}) => {
  const [admin] = (await onlyAdmins(hub, world, 1)) as [TestUser];
  const leader = await world.user();
  const org = await world.org(leader);
  const others = await Promise.all(Array.from({ length: 6 }, () => world.user()));
  await admins.ok(admin, `POST /users/${leader.name}/suspend`);
  const named = others.map(({ name }) => hub.services().adminOrgs.appoint(admin.actor, org, name));
  const codes = codesOf(await Promise.allSettled(named));
  expect(codes.filter((code) => code === 'done')).toHaveLength(1);
  expect(codes.filter((code) => code === 'Conflict')).toHaveLength(5);
  expect(await admins.acts(admin, org)).toEqual([
    ['org.appoint-super-admin', { user: others[codes.indexOf('done')]!.name }],
  ]);
});
