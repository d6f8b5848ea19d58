import { describe, expect } from 'vitest';
import { it } from '../support/it.ts';

const DELETE = { method: 'DELETE', url: '/api/repos/delete' } as const;

describe('DELETE /api/repos/delete', () => {
  it('removes the repository, gives its bytes back, and leaves the store to the purge', async ({
    app,
    world,
    hub,
  }) => {
    const ann = await world.user();
    const kept = await world.repo(ann);
    const usage = async () => {
      const [row] = await hub.deps.sql.query<{ bytes: number }>({
        text: 'select public_used_bytes as bytes from account where name = $1',
        values: [ann.name],
      });
      return row!.bytes;
    };
    const before = await usage();
    const ref = await world.repo(ann);
    await world.commit(ann, ref, { 'a.txt': 'some content' });
    const { id, storeId } = await hub.services().access.require(ann.actor, ref, 'read');
    expect(await usage()).toBeGreaterThan(before);

    const response = await app.inject({
      ...DELETE,
      headers: ann.headers,
      payload: { name: ref.name, organization: null, type: 'model' },
    });
    expect(response.statusCode).toBe(200);
    expect(await usage()).toBe(before);
    expect((await app.inject({ url: `/api/models/${ann.name}/${ref.name}` })).statusCode).toBe(404);
    expect((await app.inject({ url: `/api/models/${ann.name}/${kept.name}` })).statusCode).toBe(200);
    const stores = await hub.deps.sql.query({
      text: 'select repo_id from git_store where id = $1',
      values: [storeId],
    });
    expect(stores).toEqual([{ repo_id: null }]);
    expect(
      await hub.deps.sql.query({ text: 'select from lfs_link where repo_id = $1', values: [id] }),
    ).toEqual([]);
  });

  it('answers for a missing repository and for a hidden one the same', async ({ app, world }) => {
    const ann = await world.user();
    const bob = await world.user();
    const hidden = await world.repo(ann, { isPrivate: true });
    const remove = (organization: string, name: string) =>
      app.inject({ ...DELETE, headers: bob.headers, payload: { organization, name } });
    const responses = [await remove(ann.name, hidden.name), await remove(ann.name, 'missing')];
    for (const response of responses) {
      expect(response.statusCode).toBe(404);
      expect(response.headers['x-error-code']).toBe('RepoNotFound');
    }
    expect(responses[0]!.body).toBe(responses[1]!.body);
  });

  it('is for administrators of the namespace', async ({ app, world }) => {
    const [owner, member, admin, stranger] = await Promise.all([1, 2, 3, 4].map(() => world.user()));
    const namespace = await world.org(owner!, [
      { user: member!, role: 'member' },
      { user: admin!, role: 'admin' },
    ]);
    const ref = await world.repo(owner!, { namespace });
    const payload = { organization: namespace, name: ref.name };
    const remove = async (headers: Record<string, string>) =>
      (await app.inject({ ...DELETE, headers, payload })).statusCode;
    expect(await remove({})).toBe(401);
    expect(await remove({ ...stranger!.headers })).toBe(403);
    expect(await remove({ ...member!.headers })).toBe(403);
    expect(await remove({ ...(await world.readToken(admin!)).headers })).toBe(403);
    expect(await remove({ ...admin!.headers })).toBe(200);
  });

  it('does not follow a former name', async ({ app, world, hub }) => {
    const ann = await world.user();
    const ref = await world.repo(ann);
    await hub.services().repos.move(ann.actor, ref, { namespace: ann.name, name: 'elsewhere' });
    const response = await app.inject({ ...DELETE, headers: ann.headers, payload: { name: ref.name } });
    expect(response.statusCode).toBe(404);
    expect((await app.inject({ url: `/api/models/${ann.name}/elsewhere` })).statusCode).toBe(200);
  });
});
