import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import { openSsh } from '../../src/server/ssh.ts';
import { postLogin } from '../support/login.ts';
import { MailTrap } from '../support/mail-trap.ts';
import { openTestHub } from '../support/test-hub.ts';
import { World } from '../support/world.ts';
import { AdminCalls, it, type ShownEntry } from './admin-calls.ts';

interface Health {
  readonly dependencies: readonly { readonly name: string; readonly status: string }[];
}

describe('organizations', () => {
  it('are listed, and one that nobody leads gets a super-admin', async ({ admins, hub, world }) => {
    const [admin, leader, member] = [await world.admin(), await world.user(), await world.user()];
    const org = await world.org(leader, [{ user: member, role: 'visitor' }]);
    const abandoned = async (): Promise<unknown> =>
      (
        await admins.ok<{ organizations: object[] }>(
          admin,
          `GET /organizations?abandoned=true&search=${org.toUpperCase()}`,
        )
      ).organizations;
    const appoint = `POST /organizations/${org}/super-admin`;
    expect(await abandoned()).toEqual([]);
    expect(await admins.refused(admin, appoint, { username: member.name })).toEqual([409, 'Conflict']);
    await admins.ok(admin, `POST /users/${leader.name}/suspend`);
    expect(await abandoned()).toEqual([
      expect.objectContaining({ name: org, members: 2, active_super_admins: 0, private_used_bytes: 0 }),
    ]);
    expect(await admins.refused(admin, appoint, { username: leader.name })).toEqual([409, 'Conflict']);
    expect(await admins.refused(admin, appoint, { username: 'nobody\0' })).toEqual([404, 'NotFound']);
    expect(await admins.refused(admin, 'POST /organizations/none/super-admin', { username: 'x' })).toEqual([
      404,
      'NotFound',
    ]);
    await admins.ok(admin, appoint, { username: member.name });
    expect(await abandoned()).toEqual([]);
    // He leads it now.
    await hub.services().orgs.removeMember(member.actor, org, leader.name);
    expect(await admins.acts(admin, org)).toEqual([['org.appoint-super-admin', { user: member.name }]]);
  });
});

describe('invitations', () => {
  it('of everybody are listed without secrets and cancelled', async ({ admins, app, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const org = await world.org(ada);
    const invite = async (path: string, payload: object, user = ada): Promise<string> => {
      const url = `/api/invitations/${path}/create`;
      const answer = await app.inject({ method: 'POST', url, headers: user.headers, payload });
      return answer.json<{ token: string }>().token;
    };
    const intoOrg = await invite(`org/${org}`, { role: 'member' });
    const toRegister = await invite('register', { org_name: null }, admin);
    const list = await admins.send(admin, 'GET /invitations?limit=2');
    const { invitations } = list.json<{ invitations: { id: number; action: string }[] }>();
    expect(invitations).toEqual([
      expect.objectContaining({
        action: 'register_account',
        org_name: null,
        created_by: admin.name,
        token: null,
      }),
      expect.objectContaining({ action: 'join_org', org_name: org, created_by: ada.name, role: 'member' }),
    ]);
    for (const token of [intoOrg, toRegister]) expect(list.body).not.toContain(token);
    const only = await admins.ok<{ invitations: unknown[] }>(
      admin,
      'GET /invitations?action=join_org&limit=1',
    );
    expect(only.invitations).toEqual([invitations[1]]);
    for (const { id } of invitations) await admins.ok(admin, `DELETE /invitations/${id}`);
    expect(await admins.refused(admin, `DELETE /invitations/${invitations[0]!.id}`)).toEqual([
      404,
      'NotFound',
    ]);
    for (const token of [intoOrg, toRegister])
      expect((await app.inject({ url: `/api/invitations/${token}` })).statusCode).toBe(404);
    expect(await admins.acts(admin, org)).toEqual([
      ['invitation.cancel', { kind: 'join_org', org, role: 'member', email: null }],
    ]);
  });

  it('to register are logged where they are made and cancelled elsewhere, too', async ({
    admins,
    app,
    world,
  }) => {
    const admin = await world.admin();
    const email = `${world.name('guest')}@example.test`;
    const url = '/api/invitations/register';
    await app.inject({ method: 'POST', url: `${url}/create`, headers: admin.headers, payload: { email } });
    const list = await app.inject({ url: `${url}/list?limit=1`, headers: admin.headers });
    const [{ id }] = list.json<{ invitations: [{ id: number }] }>().invitations;
    await app.inject({ method: 'DELETE', url: `${url}/${id}`, headers: admin.headers });
    const details = { kind: 'register_account', org: null, role: null, email };
    expect(await admins.acts(admin, email)).toEqual([
      ['invitation.create', details],
      ['invitation.cancel', details],
    ]);
  });
});

describe('the audit log', () => {
  it('says who did what to whom, from where and when', async ({ admins, app, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const url = `/api/admin/users/${ada.name}/suspend`;
    await app.inject({ method: 'POST', url, headers: admin.headers, remoteAddress: '192.0.2.7' });
    const [entry] = await admins.log(admin, ada.name);
    expect(entry).toEqual({
      id: expect.any(Number) as number,
      at: expect.stringMatching(/Z$/) as string,
      actor: { id: admin.actor.kind === 'user' && admin.actor.id, name: admin.name },
      action: 'user.suspend',
      subject: { kind: 'user', id: ada.actor.kind === 'user' && ada.actor.id, name: ada.name },
      details: { reason: null },
      address: '192.0.2.7',
    });
  });

  it('is filtered and paged, newest first', async ({ admins, app, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    for (const act of ['suspend', 'reinstate', 'suspend'])
      await admins.ok(admin, `POST /users/${ada.name}/${act}`);
    const actions = async (query: string): Promise<string[]> =>
      (
        await admins.ok<{ entries: ShownEntry[] }>(admin, `GET /audit?actor=${admin.name}&${query}`)
      ).entries.map(({ action }) => action);
    expect(await actions('')).toEqual(['user.suspend', 'user.reinstate', 'user.suspend']);
    expect(await actions('action=user.reinstate')).toEqual(['user.reinstate']);
    expect(await actions('subject_kind=org')).toEqual([]);
    expect(await actions('subject=nobody')).toEqual([]);
    const [newest] = await admins.log(admin, ada.name);
    expect((await actions(`since=${newest!.at}`))[0]).toBe('user.suspend');
    expect((await actions(`until=${newest!.at}`)).length).toBeLessThan(3);
    expect(await actions('since=2100-01-01T00:00:00Z')).toEqual([]);
    expect(await actions('until=2000-01-01T00:00:00%2B02:00')).toEqual([]);
    const first = await admins.send(admin, `GET /audit?actor=${admin.name}&limit=2`);
    const next = /<http:\/\/hub\.test([^>]+)>/.exec(String(first.headers.link))![1]!;
    const second = await app.inject({ url: next, headers: admin.headers });
    expect(second.json<{ entries: ShownEntry[] }>().entries.map(({ action }) => action)).toEqual([
      'user.suspend',
    ]);
    expect(second.headers.link).toBeUndefined();
    for (const bad of [
      'action=user.fly',
      'since=yesterday',
      'actor=%00',
      'subject=%00',
      'cursor=x',
      'limit=0',
    ])
      expect.soft([bad, (await admins.refused(admin, `GET /audit?${bad}`))[0]]).toEqual([bad, 400]);
  });

  it('outlives the administrator, and has no way to be changed', async ({ admins, world }) => {
    const [admin, other, ada] = [await world.admin(), await world.admin(), await world.user()];
    await admins.ok(other, `POST /users/${ada.name}/suspend`);
    await admins.ok(admin, `DELETE /users/${other.name}`);
    await admins.ok(admin, `DELETE /users/${ada.name}`);
    const entries = await admins.log(admin, ada.name);
    expect(entries.map(({ actor, action }) => [actor.name, action])).toEqual([
      [admin.name, 'user.delete'],
      [other.name, 'user.suspend'],
    ]);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect((await admins.send(admin, `${method} /audit`)).statusCode).toBe(404);
  });

  it('keeps limits of storage, and recounts of what is none of the administrator’s', async ({
    admins,
    app,
    world,
  }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const put = (name: string) =>
      app.inject({
        method: 'PUT',
        url: `/api/quota/${name}`,
        headers: admin.headers,
        payload: { private_quota_bytes: 5, public_quota_bytes: null },
      });
    const recount = (name: string) =>
      app.inject({ method: 'POST', url: `/api/quota/${name}/recalculate`, headers: admin.headers });
    for (const name of [ada.name, admin.name])
      expect([(await put(name)).statusCode, (await recount(name)).statusCode]).toEqual([200, 200]);
    const set = ['quota.set', { private_quota_bytes: 5, public_quota_bytes: null }];
    expect(await admins.acts(admin, ada.name)).toEqual([set, ['quota.recount', {}]]);
    expect(await admins.acts(admin, admin.name)).toEqual([set]);
  });

  it('has no entry of an act that failed', async ({ admins, hub, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    await hub.deps.sql.execute({
      text: `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`,
    });
    await hub.deps.sql.execute({
      text: 'create trigger refuse before insert on audit_entry for each row execute function refuse()',
    });
    const failed = await admins.send(admin, `POST /users/${ada.name}/suspend`);
    await hub.deps.sql.execute({ text: 'drop trigger refuse on audit_entry' });
    // An act that cannot be logged does not happen.
    expect(failed.statusCode).toBe(500);
    expect(await admins.ok(admin, `GET /users/${ada.name}`)).toMatchObject({ is_active: true });
  });
});

describe('health', () => {
  it('names versions and what is off', async () => {
    const test = await openTestHub({ SSH_PORT: 'off' });
    const app = await buildApp(test.hub);
    onTestFinished(async () => {
      await app.close();
      await test.close();
    });
    const health = await new AdminCalls(app).ok<Health>(await new World(test.hub).admin(), 'GET /health');
    expect(health).toMatchObject({ version: expect.any(String), node_version: process.versions.node });
    const latency = expect.any(Number) as number;
    expect(health.dependencies).toEqual([
      {
        name: 'database',
        status: 'ok',
        version: expect.stringMatching(/^PostgreSQL \d+/),
        latency_ms: latency,
        problem: null,
      },
      { name: 'storage', status: 'ok', version: 'directory', latency_ms: latency, problem: null },
      {
        name: 'git',
        status: 'ok',
        version: expect.stringMatching(/^git version 2/),
        latency_ms: latency,
        problem: null,
      },
      {
        name: 'mail',
        status: 'off',
        version: null,
        latency_ms: null,
        problem: expect.stringContaining('log'),
      },
      { name: 'ssh', status: 'off', version: null, latency_ms: null, problem: expect.any(String) },
    ]);
  });

  it('asks the mail server and SSH, and says what the matter is', async () => {
    await using trap = await MailTrap.open();
    const port = await freePort();
    const test = await openTestHub({ ...trap.settings, SSH_PORT: String(port), SSH_HOST: '127.0.0.1' });
    const app = await buildApp(test.hub);
    onTestFinished(async () => {
      await app.close();
      await test.close();
    });
    const admins = new AdminCalls(app);
    const admin = await new World(test.hub).admin();
    const state = async (): Promise<unknown> =>
      (await admins.ok<Health>(admin, 'GET /health')).dependencies.slice(3);
    expect(await state()).toMatchObject([
      { name: 'mail', status: 'ok', version: 'SMTP', problem: null },
      { name: 'ssh', status: 'down', version: null, problem: expect.stringContaining('ECONNREFUSED') },
    ]);
    const door = (await openSsh(test.hub))!;
    expect(await state()).toMatchObject([
      { status: 'ok' },
      { status: 'ok', version: expect.stringMatching(/^SSH-2\.0-/), problem: null },
    ]);
    await door.close(0);
    await trap[Symbol.asyncDispose]();
    expect(await state()).toMatchObject([
      { status: 'down', problem: expect.any(String) },
      { status: 'down' },
    ]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('storage', () => {
  it('says where the bytes are, and whose', async ({ admins, hub, world }) => {
    const [admin, ada, bob] = [await world.admin(), await world.user(), await world.user()];
    const repo = await world.repo(ada, { isPrivate: true });
    await world.commit(ada, repo, { 'a.bin': 'x'.repeat(90_000) });
    await world.commit(bob, await world.repo(bob), { 'a.bin': 'y'.repeat(50) });
    const usage = await hub.deps.sql.query<{ name: string; private: number; public: number }>({
      text: 'select name, private_used_bytes as private, public_used_bytes as public from account',
    });
    const adas = usage.find(({ name }) => name === ada.name)!.private;
    await hub.services().quotas.setLimits(admin.actor, ada.name, { privateQuotaBytes: adas + 1000 });
    await hub.services().quotas.setLimits(admin.actor, bob.name, { publicQuotaBytes: 10 ** 9 });
    const overview = await admins.ok<{
      stored: Record<string, { count: number; bytes: number }>;
      full_namespaces: object[];
      top_consumers: { namespace: string }[];
    }>(admin, 'GET /storage');
    const [segments] = await hub.deps.sql.query<{ count: number; bytes: number }>({
      text: 'select count(*) as count, sum(pack_bytes)::bigint as bytes from git_segment where storage_key is null',
    });
    expect(overview).toMatchObject({
      stored: {
        segments: { count: expect.any(Number) as number, bytes: expect.any(Number) as number },
        inline_segments: segments,
        lfs_objects: { count: 0, bytes: 0 },
        xorbs: { count: 0, bytes: 0 },
      },
      charged: {
        private_bytes: usage.reduce((sum, row) => sum + row.private, 0),
        public_bytes: usage.reduce((sum, row) => sum + row.public, 0),
      },
    });
    expect(overview.full_namespaces).toEqual([
      {
        namespace: ada.name,
        kind: 'user',
        visibility: 'private',
        used_bytes: adas,
        quota_bytes: adas + 1000,
        percentage_used: expect.any(Number) as number,
      },
    ]);
    expect(overview.top_consumers[0]).toEqual({
      namespace: ada.name,
      kind: 'user',
      private_used_bytes: adas,
      public_used_bytes: 0,
    });
  });
});

it('a browser that is logged in as administrator is told from a page of another site', async ({
  app,
  world,
}) => {
  const [admin, ada] = [await world.admin(), await world.user()];
  const [session] = (await postLogin(app, admin.name, admin.password)).cookies;
  const cookie = `${session!.name}=${session!.value}`;
  const suspend = (origin: string) =>
    app.inject({
      method: 'POST',
      url: `/api/admin/users/${ada.name}/suspend`,
      headers: { cookie, origin, host: 'hub.test' },
    });
  expect((await suspend('https://elsewhere.test')).statusCode).toBe(403);
  expect((await suspend('http://hub.test')).statusCode).toBe(200);
});
