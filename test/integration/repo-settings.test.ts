import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';

describe('PUT settings', () => {
  it.for(['/api/models', '/models'])(
    'changes visibility and gate under %s',
    async (prefix, { app, world }) => {
      const ann = await world.user();
      const ref = await world.repo(ann);
      const put = (payload: object) =>
        app.inject({
          method: 'PUT',
          url: `${prefix}/${ann.name}/${ref.name}/settings`,
          headers: ann.headers,
          payload,
        });
      const info = async () =>
        (await app.inject({ url: `/api/models/${ann.name}/${ref.name}`, headers: ann.headers })).json();

      expect((await put({ visibility: 'private', gated: 'manual' })).statusCode).toBe(200);
      expect(await info()).toMatchObject({ private: true, gated: 'manual' });
      expect((await put({ xetEnabled: true })).statusCode).toBe(200);
      expect(await info()).toMatchObject({ private: true, gated: 'manual' });
      expect((await put({ private: false, gated: false })).statusCode).toBe(200);
      expect(await info()).toMatchObject({ private: false, gated: false });
    },
  );

  it('sets the rules of LFS, and resets them with null', async ({ app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const url = `/api/models/${ann.name}/${ref.name}`;
    const put = (payload: object) =>
      app.inject({ method: 'PUT', url: `${url}/settings`, headers: ann.headers, payload });
    const rules = async () => (await app.inject({ url: `${url}/lfs/settings` })).json();
    const defaults = { lfs_threshold_bytes: 10_000_000, lfs_keep_versions: null, lfs_suffix_rules: [] };

    await put({
      lfs_threshold_bytes: 5_000_000,
      lfs_keep_versions: 10,
      lfs_suffix_rules: ['.GGUF', '.gguf'],
    });
    expect(await rules()).toEqual({
      lfs_threshold_bytes: 5_000_000,
      lfs_threshold_bytes_effective: 5_000_000,
      lfs_threshold_bytes_source: 'repository',
      lfs_keep_versions: 10,
      lfs_keep_versions_effective: 10,
      lfs_keep_versions_source: 'repository',
      lfs_suffix_rules: ['.gguf'],
      lfs_suffix_rules_effective: ['.gguf'],
      server_defaults: defaults,
    });
    await put({ lfs_threshold_bytes: null, lfs_keep_versions: null, lfs_suffix_rules: null });
    expect(await rules()).toMatchObject({
      lfs_threshold_bytes: null,
      lfs_threshold_bytes_effective: 10_000_000,
      lfs_threshold_bytes_source: 'server_default',
      lfs_keep_versions_source: 'server_default',
      lfs_suffix_rules: null,
    });
  });

  it.for<[object, string]>([
    [{ lfs_threshold_bytes: 999_999 }, 'size from which files go into LFS'],
    [{ lfs_threshold_bytes: 2 ** 40 }, 'size from which files go into LFS'],
    [{ lfs_threshold_bytes: 1_000_000.5 }, 'size from which files go into LFS'],
    [{ lfs_keep_versions: 1 }, 'number of old versions'],
    [{ lfs_suffix_rules: ['gguf'] }, 'endings that start with'],
    [{ lfs_suffix_rules: ['.a/b'] }, 'endings that start with'],
    [{ gated: 'maybe' }, 'gated'],
    [{ visibility: 'protected' }, 'visibility'],
  ])('refuses %j', async ([payload, words], { app, world }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const url = `/api/models/${ann.name}/${ref.name}/settings`;
    const response = await app.inject({ method: 'PUT', url, headers: ann.headers, payload });
    expect(response.statusCode).toBe(400);
    expect(response.json().error).toContain(words);
  });

  it('moves usage between the two counters, if there is room', async ({ world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    const usage = async () => {
      const [row] = await hub.deps.sql.query<{ private: number; public: number }>({
        text: 'select private_used_bytes as private, public_used_bytes as public from account where name = $1',
        values: [ann.name],
      });
      return row!;
    };
    const { public: bytes } = await usage();
    const { repos } = hub.services();
    await hub.deps.sql.execute({
      text: 'update account set private_quota_bytes = 1 where name = $1',
      values: [ann.name],
    });
    await expect(repos.updateSettings(ann.actor, ref, { visibility: 'private' })).rejects.toMatchObject({
      code: 'QuotaExceeded',
    });
    expect(await usage()).toEqual({ private: 0, public: bytes });
    await hub.deps.sql.execute({
      text: 'update account set private_quota_bytes = null where name = $1',
      values: [ann.name],
    });
    await repos.updateSettings(ann.actor, ref, { visibility: 'private' });
    expect(await usage()).toEqual({ private: bytes, public: 0 });
  });

  it('is for administrators', async ({ app, world }) => {
    const [owner, member, stranger] = await Promise.all([1, 2, 3].map(() => world.user()));
    const namespace = await world.org(owner!, [{ user: member!, role: 'member' }]);
    const ref = await world.repo(owner!, { namespace });
    const put = async (headers: Record<string, string>) => {
      const url = `/api/models/${namespace}/${ref.name}/settings`;
      return (await app.inject({ method: 'PUT', url, headers, payload: { private: true } })).statusCode;
    };
    expect(await put({})).toBe(401);
    expect(await put({ ...stranger!.headers })).toBe(403);
    expect(await put({ ...member!.headers })).toBe(403);
    expect(await put({ ...(await world.readToken(owner!)).headers })).toBe(403);
    expect(await put({ ...owner!.headers })).toBe(200);
    expect(await put({ ...stranger!.headers })).toBe(404);
  });
});

describe('auth-check', () => {
  it('answers for reading and for writing', async ({ app, world }) => {
    const [ann, bob] = await Promise.all([1, 2].map(() => world.user()));
    const open = await world.repo(ann!);
    const hidden = await world.repo(ann!, { isPrivate: true });
    const check = async (name: string, path: string, headers: Record<string, string>) => {
      const response = await app.inject({ url: `/api/models/${ann!.name}/${name}/${path}`, headers });
      return [response.statusCode, response.headers['x-error-code']];
    };
    const bobs = { ...bob!.headers };
    expect(await check(open.name, 'auth-check', {})).toEqual([200, undefined]);
    expect(await check(open.name, 'auth-check/write', {})).toEqual([401, 'Unauthenticated']);
    expect(await check(open.name, 'auth-check/write', bobs)).toEqual([403, 'Forbidden']);
    expect(await check(open.name, 'auth-check/write', { ...ann!.headers })).toEqual([200, undefined]);
    expect(await check(hidden.name, 'auth-check', bobs)).toEqual([404, 'RepoNotFound']);
    expect(await check(hidden.name, 'auth-check', { ...ann!.headers })).toEqual([200, undefined]);

    await app.inject({
      method: 'PUT',
      url: `/api/models/${ann!.name}/${open.name}/settings`,
      headers: ann!.headers,
      payload: { gated: 'auto' },
    });
    expect(await check(open.name, 'auth-check', bobs)).toEqual([403, 'GatedRepo']);
    expect((await app.inject({ url: `/api/models/${ann!.name}/${open.name}` })).json()).toMatchObject({
      gated: 'auto',
    });
  });
});
