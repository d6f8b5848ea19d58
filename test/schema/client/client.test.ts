import { TRPCClientError } from '@trpc/client';
import { describe, expect } from 'vitest';
import {
  type AppRouter,
  createHubClient,
  GraphqlFailure,
  HubOverviewDocument,
  RepoActivityDocument,
} from '../../../schema/client/index.ts';
import { it } from '../listening-it.ts';

/** Fetches, and notes what was asked for. */
function recorded() {
  const requests: string[] = [];
  const send: typeof fetch = (input, init) => {
    requests.push(`${init?.method ?? 'GET'} ${new URL(input).pathname}`);
    return fetch(input, init);
  };
  return { requests, send };
}

describe('the GraphQL client', () => {
  it('runs documents of codegen by their ids', async ({ url, world }) => {
    const user = await world.user();
    const repo = await world.repo(user);
    const { graphql } = createHubClient({ url, token: user.token });
    const { viewer, repos } = await graphql(HubOverviewDocument, { first: 5 });
    expect(viewer?.user.name).toBe(user.name);
    expect(JSON.stringify(repos)).toContain(`${repo.namespace}/${repo.name}`);
  });

  it('runs texts', async ({ url }) => {
    const { graphql } = createHubClient({ url });
    expect(await graphql('{ viewer { isAdmin } }')).toEqual({ viewer: null });
  });

  it('ends with its signal, at any time', async ({ hub, url, world }) => {
    const { graphql, subscribe } = createHubClient({ url });
    const client = new AbortController();
    const { signal } = client;
    const { namespace, name } = await world.repo(await world.user());
    const variables = { repo: { name: `${namespace}/${name}` } };
    const events = subscribe(RepoActivityDocument, variables, { signal });
    expect((await events.next()).value).toMatchObject({ repoActivity: { __typename: 'ActivityStarted' } });
    const next = events.next();
    client.abort();
    await expect(next).rejects.toThrow('aborted');
    await expect.poll(() => hub.deps.activity.size).toBe(0);
    await expect(graphql('{ viewer { isAdmin } }', {}, { signal })).rejects.toThrow('aborted');
  });

  it('throws what went wrong with its code', async ({ url, world }) => {
    const { graphql } = createHubClient({ url });
    const failed = graphql('query ($name: String!) { viewer { isAdmin } repo(name: $name) { name } }', {
      name: `${world.name('nobody')}/nothing`,
    });
    await expect(failed).rejects.toBeInstanceOf(GraphqlFailure);
    await expect(failed).rejects.toMatchObject({
      code: 'RepoNotFound',
      data: { viewer: null, repo: null },
      errors: [{ path: ['repo'] }],
    });
    await expect(graphql('{ nothing }')).rejects.toMatchObject({ code: 'BadRequest' });
    const stranger = createHubClient({ url, token: 'hf_wrong' });
    await expect(stranger.graphql('{ viewer { isAdmin } }')).rejects.toMatchObject({
      code: 'InvalidCredentials',
    });
  });
});

describe('the tRPC client', () => {
  it('sends queries of a moment together, and mutations alone', async ({ url, world }) => {
    const user = await world.user();
    const { requests, send } = recorded();
    const { trpc } = createHubClient({ url, token: user.token, fetch: send });
    const made = await trpc.repos.create.mutate({ name: world.name('repo') });
    const [found, list] = await Promise.all([
      trpc.repos.get.query({ repo: { name: made.fullName } }),
      trpc.repos.list.query({ namespace: user.name }),
    ]);
    expect(found).toEqual(made);
    expect(list).toEqual({ items: [made], nextCursor: null });
    expect(requests).toEqual(['POST /trpc/repos.create', 'GET /trpc/repos.get,repos.list']);
    const repo = { name: made.fullName };
    await Promise.all([trpc.repos.get.query({ repo }), trpc.files.all.query({ repo })]);
    expect(requests.slice(2).toSorted()).toEqual(['GET /trpc/files.all', 'GET /trpc/repos.get']);
  });

  it('splits what is too much for one request', async ({ url, world }) => {
    const user = await world.user();
    const { fullName: name } = await createHubClient({ url, token: user.token }).trpc.repos.create.mutate({
      name: world.name('repo'),
    });
    const { requests, send } = recorded();
    const { trpc } = createHubClient({ url, fetch: send });
    await Promise.all(Array.from({ length: 25 }, () => trpc.repos.get.query({ repo: { name } })));
    expect(requests).toHaveLength(2);
  });

  it('throws what went wrong with its code', async ({ url, world }) => {
    const { trpc } = createHubClient({ url });
    const failed = trpc.repos.get.query({ repo: { name: `${world.name('nobody')}/nothing` } });
    await expect(failed).rejects.toBeInstanceOf(TRPCClientError<AppRouter>);
    await expect(failed).rejects.toMatchObject({ data: { domainCode: 'RepoNotFound', httpStatus: 404 } });
    await expect(trpc.repos.create.mutate({ name: 'a' })).rejects.toMatchObject({
      data: { domainCode: 'Unauthenticated' },
    });
  });
});
