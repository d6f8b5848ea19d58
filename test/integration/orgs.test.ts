import { expect } from 'vitest';
import { ANONYMOUS } from '../../src/domain/actor.ts';
import type { OrgRole } from '../../src/domain/org/membership.entity.ts';
import type { Hub } from '../../src/server/hub.ts';
import { it } from '../support/it.ts';

it('whoever makes an organization is its super-admin', async ({ hub, world }) => {
  const alice = await world.user();
  const org = await world.org(alice);
  expect(await roles(hub, org)).toEqual({ [alice.name]: 'super-admin' });
});

it('an organization needs a login, a write token, and a name that is free', async ({ hub, world }) => {
  const alice = await world.user();
  const reader = await world.readToken(alice);
  const { orgs } = hub.services();
  await expect(orgs.create(ANONYMOUS, { name: 'acme' })).rejects.toMatchObject({ code: 'Unauthenticated' });
  await expect(orgs.create(reader.actor, { name: 'acme' })).rejects.toMatchObject({ code: 'Forbidden' });
  await expect(orgs.create(alice.actor, { name: 'datasets' })).rejects.toMatchObject({ code: 'BadRequest' });
  await expect(orgs.create(alice.actor, { name: alice.name.toUpperCase() })).rejects.toMatchObject({
    code: 'Conflict',
  });
});

it('a taken name leaves no half-made organization', async ({ hub, world }) => {
  const alice = await world.user();
  const org = await world.org(alice);
  const bob = await world.user();
  await expect(hub.services().orgs.create(bob.actor, { name: org })).rejects.toMatchObject({
    code: 'Conflict',
  });
  expect(await roles(hub, org)).toEqual({ [alice.name]: 'super-admin' });
});

it('admins change members up to their own role, nobody else does', async ({ hub, world }) => {
  const [owner, admin, member, visitor, stranger, newcomer] = [
    await world.user(),
    await world.user(),
    await world.user(),
    await world.user(),
    await world.user(),
    await world.user(),
  ];
  const org = await world.org(owner, [
    { user: admin, role: 'admin' },
    { user: member, role: 'member' },
    { user: visitor, role: 'visitor' },
  ]);
  const { orgs } = hub.services();
  const set = (by: typeof owner, who: typeof owner, role: OrgRole) =>
    who === newcomer
      ? orgs.addMember(by.actor, org, who.name, role)
      : orgs.changeRole(by.actor, org, who.name, role);
  for (const by of [member, visitor, stranger]) {
    await expect(set(by, newcomer, 'visitor')).rejects.toMatchObject({ code: 'Forbidden' });
    await expect(set(by, by, 'admin')).rejects.toMatchObject({ code: 'Forbidden' });
  }
  await expect(set(admin, admin, 'super-admin')).rejects.toMatchObject({ code: 'Forbidden' });
  await expect(set(admin, newcomer, 'super-admin')).rejects.toMatchObject({ code: 'Forbidden' });
  await expect(set(admin, owner, 'member')).rejects.toMatchObject({ code: 'Forbidden' });
  await set(admin, newcomer, 'admin');
  await set(admin, visitor, 'member');
  expect(await roles(hub, org)).toEqual({
    [owner.name]: 'super-admin',
    [admin.name]: 'admin',
    [newcomer.name]: 'admin',
    [member.name]: 'member',
    [visitor.name]: 'member',
  });
});

it('the last super-admin stays', async ({ hub, world }) => {
  const alice = await world.user();
  const org = await world.org(alice);
  const { orgs } = hub.services();
  await expect(orgs.changeRole(alice.actor, org, alice.name, 'admin')).rejects.toMatchObject({
    code: 'Conflict',
  });
  await expect(orgs.removeMember(alice.actor, org, alice.name)).rejects.toMatchObject({ code: 'Conflict' });
  expect(await roles(hub, org)).toEqual({ [alice.name]: 'super-admin' });
});

it('of super-admins who all leave at once, one stays', async ({ hub, world }) => {
  const [alice, ...others] = [await world.user(), await world.user(), await world.user(), await world.user()];
  for (let round = 0; round < 5; round++) {
    const org = await world.org(
      alice,
      others.map((user) => ({ user, role: 'super-admin' })),
    );
    const left = await Promise.allSettled(
      [alice, ...others].map((user) => hub.services().orgs.removeMember(user.actor, org, user.name)),
    );
    expect(left.filter((result) => result.status === 'fulfilled')).toHaveLength(3);
    expect(Object.values(await roles(hub, org))).toEqual(['super-admin']);
  }
});

it('members are removed by admins or leave by themselves', async ({ hub, world }) => {
  const [owner, admin, member, visitor] = [
    await world.user(),
    await world.user(),
    await world.user(),
    await world.user(),
  ];
  const org = await world.org(owner, [
    { user: admin, role: 'admin' },
    { user: member, role: 'member' },
    { user: visitor, role: 'visitor' },
  ]);
  const remove = (by: typeof owner, who: typeof owner) =>
    hub.services().orgs.removeMember(by.actor, org, who.name);
  await expect(remove(member, visitor)).rejects.toMatchObject({ code: 'Forbidden' });
  await expect(remove(admin, owner)).rejects.toMatchObject({ code: 'Forbidden' });
  await remove(visitor, visitor);
  await remove(admin, member);
  await expect(remove(admin, member)).rejects.toMatchObject({ code: 'NotFound' });
  expect(await roles(hub, org)).toEqual({ [owner.name]: 'super-admin', [admin.name]: 'admin' });
});

it('unknown organizations, users and roles are named', async ({ hub, world }) => {
  const alice = await world.user();
  const org = await world.org(alice);
  const { orgs } = hub.services();
  const unknownRole = 'owner' as OrgRole;
  await expect(orgs.addMember(alice.actor, 'no-such-org', alice.name, 'admin')).rejects.toMatchObject({
    code: 'NotFound',
  });
  await expect(orgs.addMember(alice.actor, org, 'no-such-user', 'admin')).rejects.toMatchObject({
    code: 'NotFound',
  });
  await expect(orgs.addMember(alice.actor, org, org, 'admin')).rejects.toMatchObject({ code: 'NotFound' });
  const stranger = await world.user();
  await expect(orgs.changeRole(alice.actor, org, stranger.name, 'member')).rejects.toMatchObject({
    code: 'NotFound',
  });
  await orgs.addMember(alice.actor, org, stranger.name, 'member');
  await expect(orgs.addMember(alice.actor, org, stranger.name, 'admin')).rejects.toMatchObject({
    code: 'Conflict',
  });
  await expect(orgs.changeRole(alice.actor, org, alice.name, unknownRole)).rejects.toMatchObject({
    code: 'BadRequest',
  });
});

it('repositories of an organization are its own: they stay, and it pays for them, when their maker goes', async ({
  hub,
  world,
}) => {
  const [owner, maker] = [await world.user(), await world.user()];
  const org = await world.org(owner, [{ user: maker, role: 'member' }]);
  const repo = await world.repo(maker, { namespace: org });
  await world.commit(maker, repo, { 'a.txt': 'content' });
  const usedBytes = async (name: string) => {
    const [row] = await hub.deps.sql.query<{ bytes: number }>({
      text: 'select public_used_bytes as bytes from account where name = $1',
      values: [name],
    });
    return row!.bytes;
  };
  expect(await usedBytes(maker.name)).toBe(0);
  const before = await usedBytes(org);
  expect(before).toBeGreaterThan(0);
  await hub.deps.sql.execute({ text: 'delete from account where name = $1', values: [maker.name] });
  expect(await hub.services().access.require(owner.actor, repo, 'admin')).toMatchObject({
    fullName: `${org}/${repo.name}`,
  });
  expect(await usedBytes(org)).toBe(before);
  expect(await roles(hub, org)).toEqual({ [owner.name]: 'super-admin' });
});

async function roles(hub: Hub, org: string): Promise<Record<string, OrgRole>> {
  const rows = await hub.deps.sql.query<{ name: string; role: OrgRole }>({
    text: `
      select u.name, m.role from membership m join account u on u.id = m.user_id join account o on o.id = m.org_id
      where o.name = $1`,
    values: [org],
  });
  return Object.fromEntries(rows.map((row) => [row.name, row.role]));
}
