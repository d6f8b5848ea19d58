import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { apiUrl, fileLine, HEADER, ndjson, webUrl } from '../support/content.ts';
import type { TestUser } from '../support/world.ts';
import { it } from './admin-calls.ts';

interface RepoList {
  readonly repositories: readonly { readonly repo_id: string; readonly used_bytes: number }[];
}

const date = expect.stringMatching(/^\d{4}-.*Z$/) as string;

function pathOf({ type, namespace, name }: RepoRef): string {
  return `/repositories/${type}/${namespace}/${name}`;
}

function subjectOf({ type, namespace, name }: RepoRef): string {
  return `${type} ${namespace}/${name}`;
}

describe('repositories', () => {
  it('are listed, private ones too, searched, filtered, sorted and paged', async ({ admins, app, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const small = await world.repo(ada, { isPrivate: true });
    const large = await world.repo(ada, { type: 'dataset' });
    await world.commit(ada, large, { 'a.bin': 'x'.repeat(20_000) });
    const last = await world.repo(ada);
    await world.commit(ada, last, { 'a.bin': 'x'.repeat(10_000) });
    const ids = async (query: string): Promise<string[]> => {
      const list = await admins.ok<RepoList>(admin, `GET /repositories?namespace=${ada.name}&${query}`);
      return list.repositories.map(({ repo_id: id }) => id.split('/')[1]!);
    };
    expect(await ids('')).toEqual([last.name, large.name, small.name]);
    expect(await ids('sort=used')).toEqual([large.name, last.name, small.name]);
    expect(await ids('private=true')).toEqual([small.name]);
    expect(await ids('type=dataset')).toEqual([large.name]);
    expect(await ids(`search=${small.name.toUpperCase()}`)).toEqual([small.name]);
    expect(await ids('disabled=true')).toEqual([]);
    const seen: unknown[] = [];
    let url = `/api/admin/repositories?namespace=${ada.name}&sort=used&limit=1`;
    while (url !== '') {
      const page = await app.inject({ url, headers: admin.headers });
      seen.push(...page.json<RepoList>().repositories.map(({ repo_id: id }) => id.split('/')[1]));
      url = /<http:\/\/hub\.test([^>]+)>/.exec(String(page.headers.link))?.[1] ?? '';
    }
    expect(seen).toEqual([large.name, last.name, small.name]);
    const [first] = (await admins.ok<RepoList>(admin, `GET /repositories?search=${large.name}`)).repositories;
    expect(first).toEqual({
      id: expect.any(Number) as number,
      repo_id: `${ada.name}/${large.name}`,
      repo_type: 'dataset',
      private: false,
      gated: false,
      disabled: false,
      used_bytes: expect.any(Number) as number,
      quota_bytes: null,
      created_at: date,
      last_modified: date,
    });
  });

  it('are shut to everybody and opened again', async ({ admins, app, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const repo = await world.repo(ada);
    const commit = (user: TestUser, query = '') =>
      app.inject({
        method: 'POST',
        url: `${apiUrl(repo)}/commit/main${query}`,
        headers: { ...user.headers, 'content-type': 'application/x-ndjson' },
        payload: ndjson([HEADER, fileLine('a.txt')]),
      });
    const read = () =>
      app.inject({ url: `${webUrl(repo)}/resolve/main/.gitattributes`, headers: ada.headers });
    await admins.ok(admin, `POST ${pathOf(repo)}/disable`, { reason: 'stolen' });
    for (const answer of [await read(), await commit(ada), await commit(ada, '?create_pr=1')])
      expect([answer.statusCode, answer.headers['x-error-message']]).toEqual([
        403,
        'Access to this resource is disabled.',
      ]);
    const branch = { method: 'POST', url: `${apiUrl(repo)}/branch/dev`, headers: ada.headers } as const;
    expect((await app.inject({ ...branch, payload: {} })).statusCode).toBe(403);
    const listed = await admins.ok<RepoList>(admin, `GET /repositories?disabled=true&namespace=${ada.name}`);
    expect(listed.repositories).toHaveLength(1);
    // Nothing to do, nothing written.
    await admins.ok(admin, `POST ${pathOf(repo)}/disable`);
    await admins.ok(admin, `POST ${pathOf(repo)}/enable`);
    expect([(await read()).statusCode, (await commit(ada)).statusCode]).toEqual([200, 200]);
    expect(await admins.acts(admin, subjectOf(repo))).toEqual([
      ['repo.disable', { reason: 'stolen' }],
      ['repo.enable', { reason: null }],
    ]);
  });

  it('are deleted, and their bytes are given back', async ({ admins, app, hub, world }) => {
    const [admin, ada] = [await world.admin(), await world.user()];
    const repo = await world.repo(ada, { isPrivate: true });
    await world.commit(ada, repo, { 'a.txt': 'a'.repeat(1000) });
    const used = async (): Promise<number> => {
      const [row] = await hub.deps.sql.query<{ bytes: number }>({
        text: 'select private_used_bytes as bytes from account where name = $1',
        values: [ada.name],
      });
      return row!.bytes;
    };
    const before = await used();
    expect(before).toBeGreaterThan(1000);
    await admins.ok(admin, `DELETE ${pathOf(repo)}`);
    expect(await used()).toBe(0);
    expect((await app.inject({ url: apiUrl(repo), headers: ada.headers })).statusCode).toBe(404);
    expect(await admins.refused(admin, `DELETE ${pathOf(repo)}`)).toEqual([404, 'RepoNotFound']);
    expect(await admins.acts(admin, subjectOf(repo))).toEqual([
      ['repo.delete', { private: true, used_bytes: before }],
    ]);
  });

  it('that are not there are missing, whatever their names', async ({ admins, world }) => {
    const admin = await world.admin();
    for (const name of ['nothing', '%00', "'", 'a'.repeat(3000)])
      for (const call of ['POST {}/disable', 'POST {}/enable', 'DELETE {}']) {
        const path = call.replace('{}', `/repositories/model/${name}/${name}`);
        const [status] = await admins.refused(admin, path);
        expect.soft([path.slice(0, 60), status]).toEqual([path.slice(0, 60), 404]);
      }
    for (const bad of [
      'cursor=used.1.1',
      'cursor=created.x.1',
      'sort=name',
      'type=thing',
      'search=%00',
      'limit=x',
    ])
      expect.soft([bad, (await admins.refused(admin, `GET /repositories?${bad}`))[0]]).toEqual([bad, 400]);
    await admins.ok(admin, 'GET /repositories?namespace=%00');
  });
});
