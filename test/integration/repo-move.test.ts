import type { Hub } from '../../src/server/hub.ts';
import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';

const MOVE = { method: 'POST', url: '/api/repos/move' } as const;

async function usageOf(hub: Hub, name: string) {
  const [row] = await hub.deps.sql.query<{ private: number; public: number }>({
    text: 'select private_used_bytes as private, public_used_bytes as public from account where name = $1',
    values: [name],
  });
  return row!;
}

describe('POST /api/repos/move', () => {
  it('keeps everything and leads the old name to the new one', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const commitOid = await world.commit(ann, ref, { 'a b.txt': 'text' });
    const response = await app.inject({
      ...MOVE,
      headers: ann.headers,
      payload: { fromRepo: `${ann.name}/${ref.name}`, toRepo: `${ann.name}/new`, type: 'model' },
    });
    expect(response.json()).toMatchObject({ success: true, url: `http://hub.test/${ann.name}/new` });
    expect((await app.inject({ url: `/api/models/${ann.name}/new` })).json()).toMatchObject({
      sha: commitOid,
    });

    for (const [old, target] of [
      [`/api/models/${ann.name}/${ref.name}`, `/api/models/${ann.name}/new`],
      [
        `/api/models/${ann.name}/${ref.name}/revision/main?expand=sha`,
        `/api/models/${ann.name}/new/revision/main?expand=sha`,
      ],
      [`/${ann.name}/${ref.name}/resolve/main/a%20b.txt`, `/${ann.name}/new/resolve/main/a%20b.txt`],
    ]) {
      const moved = await app.inject({ url: old! });
      expect(moved.statusCode).toBe(307);
      expect(moved.headers.location).toBe(target);
    }
  });

  it('redirects those who may see a private repository, and nobody else', async ({ app, world, hub }) => {
    const ann = await world.user();
    const bob = await world.user();
    const ref = await world.repo(ann, { isPrivate: true });
    await hub.services().repos.move(ann.actor, ref, { namespace: ann.name, name: 'hidden' });
    const url = `/api/models/${ann.name}/${ref.name}`;
    expect((await app.inject({ url, headers: ann.headers })).statusCode).toBe(307);
    const hidden = await app.inject({ url, headers: bob.headers });
    const missing = await app.inject({ url: `/api/models/${ann.name}/missing`, headers: bob.headers });
    expect(hidden.statusCode).toBe(404);
    expect(hidden.body).toBe(missing.body);
  });

  it('gives an old name to a new repository, and back', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann, { name: 'first' });
    const { repos } = hub.services();
    await repos.move(ann.actor, ref, { namespace: ann.name, name: 'second' });
    await repos.move(ann.actor, { ...ref, name: 'second' }, { namespace: ann.name, name: 'first' });
    expect((await app.inject({ url: `/api/models/${ann.name}/first` })).statusCode).toBe(200);
    expect((await app.inject({ url: `/api/models/${ann.name}/second` })).statusCode).toBe(307);

    await world.repo(ann, { name: 'second' });
    expect((await app.inject({ url: `/api/models/${ann.name}/second` })).statusCode).toBe(200);
    await repos.delete(ann.actor, { ...ref, name: 'second' });
    expect((await app.inject({ url: `/api/models/${ann.name}/second` })).statusCode).toBe(404);
  });

  it('changes the letters of a name without leaving a redirect', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann, { name: 'My-Model' });
    await hub.services().repos.move(ann.actor, ref, { namespace: ann.name, name: 'my_model' });
    const info = await app.inject({ url: `/api/models/${ann.name}/My-Model` });
    expect(info.json()).toMatchObject({ id: `${ann.name}/my_model` });
  });

  it('refuses a name that is taken, in any spelling', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    await world.repo(ann, { name: 'Taken' });
    const move = (toRepo: string) =>
      app.inject({ ...MOVE, headers: ann.headers, payload: { fromRepo: `${ann.name}/${ref.name}`, toRepo } });
    for (const toRepo of [`${ann.name}/Taken`, `${ann.name}/taken`, `${ann.name}/${ref.name}`]) {
      const response = await move(toRepo);
      expect(response.statusCode).toBe(409);
      expect(response.headers['x-error-code']).toBe('RepoExists');
      expect(response.json().error).toMatch(/^A model repository called \S+ already exists$/);
    }
    expect((await move('one-part')).statusCode).toBe(400);
    expect((await move(`${ann.name}/bad..name`)).statusCode).toBe(400);
  });

  it('moves usage with the repository, if there is room', async ({ world, hub }) => {
    const ann = await world.user();
    const namespace = await world.org(ann);
    const ref = await world.repo(ann, { isPrivate: true });
    const { private: bytes } = await usageOf(hub, ann.name);
    expect(bytes).toBeGreaterThan(0);
    const setQuota = (quota: number | null) =>
      hub.deps.sql.execute({
        text: 'update account set private_quota_bytes = $2 where name = $1',
        values: [namespace, quota],
      });
    const { repos } = hub.services();

    await setQuota(bytes - 1);
    await expect(repos.move(ann.actor, ref, { namespace, name: 'x' })).rejects.toMatchObject({
      code: 'QuotaExceeded',
    });
    expect(await usageOf(hub, ann.name)).toEqual({ private: bytes, public: 0 });

    await setQuota(bytes);
    await repos.move(ann.actor, ref, { namespace, name: 'x' });
    expect(await usageOf(hub, ann.name)).toEqual({ private: 0, public: 0 });
    expect(await usageOf(hub, namespace)).toEqual({ private: bytes, public: 0 });
  });

  it('asks for administration here and for membership there', async ({ app, world }) => {
    const [owner, member, stranger] = await Promise.all([1, 2, 3].map(() => world.user()));
    const namespace = await world.org(owner!, [{ user: member!, role: 'member' }]);
    const ofOrg = await world.repo(owner!, { namespace });
    const own = await world.repo(member!);
    const move = async (headers: Record<string, string>, fromRepo: string, toRepo: string) =>
      (await app.inject({ ...MOVE, headers, payload: { fromRepo, toRepo } })).statusCode;
    const [from, to] = [`${namespace}/${ofOrg.name}`, `${member!.name}/taken-away`];
    expect(await move({}, from, to)).toBe(401);
    expect(await move({ ...stranger!.headers }, from, `${stranger!.name}/x`)).toBe(403);
    expect(await move({ ...member!.headers }, from, to)).toBe(403);
    expect(await move({ ...owner!.headers }, from, to)).toBe(403);
    expect(
      await move(
        { ...(await world.readToken(member!)).headers },
        `${member!.name}/${own.name}`,
        `${namespace}/x`,
      ),
    ).toBe(403);
    expect(await move({ ...member!.headers }, `${member!.name}/${own.name}`, `${namespace}/x`)).toBe(200);
  });

  it('keeps the counters right under moves and commits at once', async ({ world, hub }) => {
    const ann = await world.user();
    const namespace = await world.org(ann);
    const ref = await world.repo(ann, { name: 'busy' });
    const work: Promise<unknown>[] = [];
    for (let round = 0; round < 4; round++) {
      const { repos } = hub.services();
      work.push(
        repos.move(ann.actor, ref, { namespace, name: 'busy' }),
        repos.move(ann.actor, { ...ref, namespace }, { namespace: ann.name, name: 'busy' }),
        world.commit(ann, ref, { [`a${round}.txt`]: `content ${round}` }),
        world.commit(ann, { ...ref, namespace }, { [`b${round}.txt`]: `content ${round}` }),
      );
    }
    const results = await Promise.allSettled(work);
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'done'));
    expect(['done', 'RepoNotFound', 'RepoMoved', 'RepoExists', 'Conflict']).toEqual(
      expect.arrayContaining([...new Set(codes)]),
    );
    const rows = await hub.deps.sql.query<{ charged: number; used: number }>({
      text: `
        select a.public_used_bytes as charged, coalesce(sum(r.used_bytes), 0)::bigint as used
        from account a left join repo r on r.owner_id = a.id where a.name = any($1) group by a.id`,
      values: [[ann.name, namespace]],
    });
    for (const { charged, used } of rows) expect(charged).toBe(used);
  });
});
