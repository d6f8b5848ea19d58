import { describe, expect } from 'vitest';
import {
  AccountDocument,
  AdministrationDocument,
  AdminReposDocument,
  AdminUsersDocument,
  CreateRepoDocument,
  createHubClient,
  DownloadTrendsDocument,
  HubOverviewDocument,
  LikeRepoDocument,
  LoginDocument,
  OrganizationStorageDocument,
  RepoDownloadsDocument,
  RepoHistoryDocument,
  RepoPageDocument,
  UnlikeRepoDocument,
} from '../../../schema/client/index.ts';
import type { TestUser, World } from '../../support/world.ts';
import { it as base } from '../listening-it.ts';

/** As many entries as the widest page of a dashboard shows. */
const FIRST = 50;

const it = base.extend('as', { scope: 'file' }, ({ url }) => {
  return ({ token }: TestUser) => createHubClient({ url, token });
});

describe('the documents of dashboards', () => {
  it('show the hub', async ({ as, world }) => {
    const user = await world.user();
    const { fullName } = await fullRepo(world, user);
    const { viewer, site, repos } = await as(user).graphql(HubOverviewDocument, { first: FIRST });
    expect(viewer).toMatchObject({ isAdmin: false, user: { name: user.name } });
    expect(site.name).toBe('Kohaku Hub');
    expect(repos.edges.map(({ node }) => node)).toContainEqual(
      expect.objectContaining({
        fullName,
        headCommit: expect.objectContaining({ title: 'Change files' }) as unknown,
      }),
    );
  });

  it('show a repository', async ({ as, world }) => {
    const user = await world.user();
    const { fullName: name } = await fullRepo(world, user);
    const at = { type: 'MODEL', name, revision: 'main', first: FIRST } as const;
    const { repo } = await as(user).graphql(RepoPageDocument, { ...at, path: '' });
    expect(repo).toMatchObject({
      fullName: name,
      gate: null,
      refs: { branches: { edges: [{ node: { name: 'main' } }] }, tags: { edges: [] } },
      revision: {
        commitCount: 2,
        commit: { title: 'Change files' },
        tree: { edges: [{ node: { path: 'data' } }, {}, { node: { path: 'README.md' } }] },
        readme: { path: 'README.md', text: { content: '# Hello\n', isTruncated: false } },
      },
    });
    const inFolder = await as(user).graphql(RepoPageDocument, { ...at, path: 'data' });
    expect(inFolder.repo?.revision?.tree?.edges.map(({ node }) => node)).toMatchObject([
      { __typename: 'File', path: 'data/a.txt', sizeBytes: 1, lastCommit: { title: 'Change files' } },
    ]);
    const history = await as(user).graphql(RepoHistoryDocument, at);
    expect(history.repo?.revision?.commits?.edges).toHaveLength(2);
  });

  it('make and like a repository', async ({ as, world }) => {
    const user = await world.user();
    const { graphql } = as(user);
    const input = { name: 'liked' };
    const { createRepo } = await graphql(CreateRepoDocument, { input });
    expect(createRepo).toMatchObject({ __typename: 'Repo', fullName: `${user.name}/liked` });
    expect((await graphql(CreateRepoDocument, { input })).createRepo).toMatchObject({ code: 'RepoExists' });
    const repo = { name: `${user.name}/liked` };
    const { likeRepo } = await graphql(LikeRepoDocument, { input: { repo } });
    expect(likeRepo).toMatchObject({ isLiked: true, likesCount: 1 });
    const { unlikeRepo } = await graphql(UnlikeRepoDocument, { input: { repo } });
    expect(unlikeRepo).toMatchObject({ isLiked: false, likesCount: 0 });
  });

  it('show the caller what can act in his name', async ({ as, world, url }) => {
    const user = await world.user();
    const organization = await world.org(user);
    const { viewer } = await as(user).graphql(AccountDocument);
    expect(viewer).toMatchObject({
      user: { name: user.name },
      organizations: { edges: [{ node: { role: 'SUPER_ADMIN', organization: { name: organization } } }] },
      tokens: { edges: [{ node: { name: 'test' } }] },
      sshKeys: { edges: [] },
      sessions: { edges: [] },
    });
    const input = { username: user.name, password: user.password };
    const { login } = await createHubClient({ url }).graphql(LoginDocument, { input });
    expect(login).toMatchObject({ __typename: 'LoginPayload', user: { name: user.name } });
  });

  it('show what an organization stores', async ({ as, world }) => {
    const user = await world.user();
    const namespace = await world.org(user);
    const repo = await world.repo(user, { namespace });
    const { organization } = await as(user).graphql(OrganizationStorageDocument, {
      name: namespace,
      first: FIRST,
    });
    expect(organization).toMatchObject({
      name: namespace,
      memberCount: 1,
      repoCounts: { models: 1, datasets: 0, spaces: 0 },
      storage: { repoCount: 1, repos: { edges: [{ node: { type: 'MODEL', name: repo.name } }] } },
    });
  });

  it('show what is downloaded', async ({ as, world }) => {
    const user = await world.user();
    const { fullName: name } = await fullRepo(world, user);
    const { graphql } = as(user);
    const { trending } = await graphql(DownloadTrendsDocument, { type: 'MODEL', days: 30, limit: FIRST });
    expect(trending.repos).toEqual([]);
    const { repo } = await graphql(RepoDownloadsDocument, { type: 'MODEL', name, days: 365 });
    expect(repo).toMatchObject({ fullName: name, downloads: 0 });
  });

  it('show administrators what they look after', async ({ as, world }) => {
    const admin = await world.admin();
    const { graphql } = as(admin);
    const overview = await graphql(AdministrationDocument);
    expect(overview.admin?.health?.dependencies).toContainEqual(
      expect.objectContaining({ name: 'DATABASE', status: 'OK' }),
    );
    expect(overview.admin?.storage).not.toBeNull();
    const { admin: people } = await graphql(AdminUsersDocument, {
      first: FIRST,
      filter: { search: admin.name },
    });
    expect(people?.users.edges).toMatchObject([{ node: { name: admin.name, isAdmin: true } }]);
    const { admin: shelves } = await graphql(AdminReposDocument, { first: FIRST, sort: 'USED' });
    expect(shelves?.repos.edges).toEqual(expect.any(Array));
    const stranger = await as(await world.user())
      .graphql(AdministrationDocument)
      .catch(({ code }) => code as string);
    expect(stranger).toBe('Forbidden');
  });
});

async function fullRepo(world: World, owner: TestUser): Promise<{ fullName: string }> {
  const repo = await world.repo(owner);
  await world.commit(owner, repo, { 'README.md': '# Hello\n', 'data/a.txt': 'a' });
  return { fullName: `${repo.namespace}/${repo.name}` };
}
