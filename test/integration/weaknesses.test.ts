import { Client } from 'pg';
import { Readable } from 'node:stream';
import { describe, expect, vi } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, type ContentWorld, fileLine, HEADER, it, ndjson } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';

/** SQL statements that this process sends during `work`, begin and commit among them. */
async function statementsOf(work: (soFar: () => string[]) => Promise<unknown>): Promise<string[]> {
  const sent = vi.spyOn(Client.prototype, 'query');
  try {
    await work(() => sent.mock.calls.map(textOf));
    return sent.mock.calls.map(textOf);
  } finally {
    sent.mockRestore();
  }
}

function textOf([statement]: readonly unknown[]): string {
  return typeof statement === 'string' ? statement : String((statement as { text?: unknown }).text);
}

/** How many statements a request takes. What the hub writes in the background may add to one of several requests, not to all. */
async function costOf(send: () => Promise<{ statusCode: number }>): Promise<number> {
  const counts: number[] = [];
  for (let n = 0; n < 3; n++) {
    const statements = await statementsOf(async () => expect((await send()).statusCode).toBe(200));
    counts.push(statements.length);
  }
  return Math.min(...counts);
}

/** An organisation and a gated repository of it, whose lists grow. */
class GrowingOrg {
  readonly #world: ContentWorld;
  readonly owner: TestUser;
  readonly name: string;
  readonly repo: RepoRef;

  constructor(world: ContentWorld, owner: TestUser, name: string, repo: RepoRef) {
    this.#world = world;
    this.owner = owner;
    this.name = name;
    this.repo = repo;
  }

  static async make(world: ContentWorld): Promise<GrowingOrg> {
    const owner = await world.user();
    const name = await world.org(owner);
    const repo = await world.repo(owner, { namespace: name });
    await world.hub.services().repos.updateSettings(owner.actor, repo, { gated: 'manual' });
    return new GrowingOrg(world, owner, name, repo);
  }

  /** One more in each list. */
  async grow(): Promise<void> {
    const [world, owner, url] = [this.#world, this.owner, apiUrl(this.repo)];
    const [member, guest] = [await world.user(), await world.user()];
    const repo = await world.repo(owner, { namespace: this.name });
    await world.org(owner);
    const steps = [
      await world.postJson(owner, `/org/${this.name}/members`, { username: member.name, role: 'member' }),
      await world.postJson(member, `${url}/like`, {}),
      await world.postJson(guest, `${url}/ask-access`, {}),
      await world.postJson(owner, `${apiUrl(repo)}/like`, {}),
      await world.postJson(owner, `/api/invitations/org/${this.name}/create`, {}),
      await world.postJson(owner, '/api/auth/tokens/create', { name: world.name('token') }),
    ];
    const failed = steps.find(({ statusCode }) => statusCode !== 200);
    if (failed) throw new Error(`${failed.statusCode} ${failed.body}`);
  }

  lists(): string[] {
    const [url, user] = [apiUrl(this.repo), this.owner.name];
    return [
      `/org/${this.name}/members`,
      `/api/organizations/${this.name}/members`,
      `/org/users/${user}/orgs`,
      '/api/whoami-v2',
      `/api/users/${user}/overview`,
      `/api/users/${user}/likes`,
      `/api/users/${this.name}/repos`,
      '/api/settings/repositories',
      `/api/organizations/${this.name}/settings/repositories`,
      `${url}/likers`,
      `${url}/user-access-request/pending`,
      `/api/invitations/org/${this.name}/list`,
      `/api/quota/${this.name}/repos`,
      '/api/auth/tokens',
      '/api/trending',
      '/api/models?full=true',
    ];
  }
}

describe('what a request costs does not grow with what is there', () => {
  it('P8: a list asks the database as often for seven entries as for one', async ({ content }) => {
    const org = await GrowingOrg.make(content);
    await org.grow();
    const cost = async () => {
      const costs: Record<string, number> = {};
      for (const url of org.lists()) costs[url] = await costOf(() => content.read(org.owner, url));
      return costs;
    };
    const one = await cost();
    for (let n = 0; n < 6; n++) await org.grow();
    expect(await cost()).toEqual(one);
    expect(Math.max(...Object.values(one))).toBeLessThan(15);
  });

  it('P9: a list has at most 1000 entries, however many are asked for and are there', async ({ content }) => {
    const org = await GrowingOrg.make(content);
    // One statement, because a thousand logins take a minute.
    const count = await content.hub.deps.sql.execute({
      text: `
          with org as (select id from account where name = $1),
            people as (
              insert into account (kind, name, normalized_name)
              select 'user', format('crowd-%s', n), format('crowd_%s', n) from generate_series(1, 1001) n returning id
            ),
            liked as (
              insert into repo_like (repo_id, user_id)
              select repo.id, people.id from people, repo where repo.owner_id = (select id from org)
            ),
            asked as (
              insert into access_request (repo_id, user_id, status)
              select repo.id, people.id, 'pending' from people, repo where repo.owner_id = (select id from org)
            )
          insert into membership (org_id, user_id, role) select org.id, people.id, 'visitor' from org, people`,
      values: [org.name],
    });
    expect(count).toBe(1001);
    const lists = [
      `/org/${org.name}/members`,
      `/api/organizations/${org.name}/members`,
      `${apiUrl(org.repo)}/likers`,
      `${apiUrl(org.repo)}/user-access-request/pending`,
    ];
    for (const url of lists) {
      const { statusCode, headers, body } = await content.read(org.owner, `${url}?limit=100000`);
      const answer = JSON.parse(body) as unknown[] | { members: unknown[] };
      const items = Array.isArray(answer) ? answer : answer.members;
      expect.soft([url, statusCode, items.length]).toEqual([url, 200, 1000]);
      expect.soft(headers.link).toContain('rel="next"');
    }
  });

  it('P1: a commit asks the database as often whatever else is in the namespace and the repository', async ({
    content,
  }) => {
    const user = await content.user();
    const repo = await content.repo(user);
    let count = 0;
    const cost = () => costOf(() => content.commitLines(user, repo, fileLine('a.txt', `content ${count++}`)));
    await cost();
    const alone = await cost();
    for (let n = 0; n < 5; n++) await content.repo(user);
    await content.commit(
      user,
      repo,
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`f${n}`, `${n}`])),
    );
    expect(await cost()).toBe(alone);
  });

  it('P10: pictures are read when they are asked for, and never with the account', async ({ content }) => {
    const org = await GrowingOrg.make(content);
    await org.grow();
    const urls = org.lists();
    const statements = await statementsOf(async () => {
      for (const url of urls) expect.soft((await content.read(org.owner, url)).statusCode).toBe(200);
    });
    expect(statements.length).toBeGreaterThan(urls.length);
    expect(statements.filter((text) => /avatar/i.test(text))).toEqual([]);
    const picture = await statementsOf(() => content.read(null, `/api/users/${org.owner.name}/avatar`));
    expect(picture.filter((text) => /avatar/i.test(text))).not.toEqual([]);
  });
});

describe('writes change what they are about', () => {
  it('C12: what is set and counted during a long commit stays', async ({ content }) => {
    const [owner, fan] = [await content.user(), await content.user()];
    const repo = await content.repo(owner);
    const gate = Promise.withResolvers<void>();
    async function* lines() {
      yield Buffer.from(ndjson([HEADER, fileLine('a.txt', 'a'.repeat(100_000))]));
      await gate.promise;
      yield Buffer.from(ndjson([fileLine('b.txt')]));
    }
    const sent: Promise<{ statusCode: number }>[] = [];
    await statementsOf(async (soFar) => {
      sent.push(
        content.request(owner, {
          method: 'POST',
          url: `${apiUrl(repo)}/commit/main`,
          headers: { 'content-type': 'application/x-ndjson' },
          payload: Readable.from(lines()),
        }),
      );
      // The commit has read the repository, and waits for the rest of its body.
      await vi.waitFor(() => expect(soFar().join('\n')).toMatch(/join repo\b/));
    });
    const changes = [
      await content.postJson(fan, `${apiUrl(repo)}/like`, {}),
      await content.request(owner, {
        method: 'PUT',
        url: `${apiUrl(repo)}/settings`,
        payload: { private: true, gated: 'manual', lfs_keep_versions: 7 },
      }),
    ];
    expect(changes.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    gate.resolve();
    expect((await sent[0])!.statusCode).toBe(200);
    const info = (await content.read(owner, apiUrl(repo))).json<Record<string, unknown>>();
    expect(info).toMatchObject({ private: true, gated: 'manual', likes: 1 });
    const settings = await content.read(owner, `${apiUrl(repo)}/lfs/settings`);
    expect(settings.json()).toMatchObject({ lfs_keep_versions: 7 });
    const quota = (await content.read(owner, `/api/quota/${owner.name}`)).json<Record<string, number>>();
    expect(quota['public_used_bytes']).toBe(0);
    expect(quota['private_used_bytes']).toBeGreaterThan(100_000);
    const counted = await content.postJson(owner, `/api/quota/${owner.name}/recalculate`, {});
    expect(counted.json()).toEqual(quota);
  });

  it('C15: a repository of an organization is paid for by it, and stays when its maker deletes his account', async ({
    content,
  }) => {
    const [owner, maker] = [await content.user(), await content.user()];
    const org = await content.org(owner, [{ user: maker, role: 'member' }]);
    const repo = await content.repo(maker, { namespace: org });
    await content.commit(maker, repo, { 'a.txt': 'content' });
    const used = async (user: TestUser, namespace: string) =>
      (await content.read(user, `/api/quota/${namespace}`)).json<{ used_bytes: number }>().used_bytes;
    expect(await used(maker, maker.name)).toBe(0);
    const before = await used(owner, org);
    expect(before).toBeGreaterThan(0);
    const gone = await content.request(maker, {
      method: 'DELETE',
      url: `/api/users/${maker.name}`,
      payload: { password: maker.password },
    });
    expect(gone.statusCode).toBe(200);
    expect((await content.read(null, `/${org}/${repo.name}/resolve/main/a.txt`)).body).toBe('content');
    expect(await used(owner, org)).toBe(before);
  });
});

describe('nobody learns what he may not know', () => {
  it('S12: an organization, its owner and its storage look as if the private repository were not there', async ({
    content,
  }) => {
    const [owner, stranger] = [await content.user(), await content.user()];
    const org = await content.org(owner);
    await content.repo(owner, { namespace: org });
    const urls = [
      `/org/${org}`,
      `/api/organizations/${org}/overview`,
      `/api/quota/${org}/public`,
      `/api/users/${org}/repos`,
      `/api/users/${owner.name}/overview`,
      `/api/users/${owner.name}/likes`,
      `/api/models?author=${org}`,
      '/api/trending',
    ];
    const seen = async (user: TestUser | null) =>
      Promise.all(urls.map(async (url) => [url, (await content.read(user, url)).body]));
    const before = [await seen(null), await seen(stranger)];
    const hidden = await content.repo(owner, { namespace: org, isPrivate: true });
    await content.commit(owner, hidden, { 'a.txt': 'a'.repeat(5000) });
    expect((await content.postJson(owner, `${apiUrl(hidden)}/like`, {})).statusCode).toBe(200);
    expect([await seen(null), await seen(stranger)]).toEqual(before);
    expect(await seen(owner)).not.toEqual(before[0]);
  });
});
