import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import type { Hub } from '../../../src/server/hub.ts';
import { countStatements } from '../../support/count-statements.ts';
import type { TestUser } from '../../support/world.ts';
import { it } from '../listening-it.ts';

/** Keeps everybody from reading commits until it is released. */
async function holdCommits({ deps: { sql } }: Hub): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const holding = sql.transaction(async (tx) => {
    await tx.execute({ text: 'lock table git_commit in access exclusive mode' });
    held.resolve();
    await released.promise;
  });
  await held.promise;
  return async () => {
    released.resolve();
    await holding;
  };
}

async function countWaiting({ deps: { sql } }: Hub): Promise<number> {
  const waiting = await sql.query({
    text: `select from pg_locks where relation = 'git_commit'::regclass and not granted`,
  });
  return waiting.length;
}

type Send = (url: string, user: TestUser, name: string, signal?: AbortSignal) => Promise<Response>;

function byGraphql(query: string): Send {
  return (url, { headers }, name, signal) =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query, variables: { name } }),
      signal: signal ?? null,
    });
}

function byTrpc(path: string, input: object = {}): Send {
  return (url, { headers }, name, signal) =>
    fetch(`${url}/trpc/${path}?input=${encodeURIComponent(JSON.stringify({ repo: { name }, ...input }))}`, {
      headers: { ...headers, connection: 'close' },
      signal: signal ?? null,
    });
}

/** Each reads commits of `main` and `dev`, of which nothing is remembered, and more after them. */
const QUERIES: Readonly<Record<string, Send>> = {
  'GraphQL, between two fields': byGraphql(
    'query ($name: String!) { repo(name: $name) { headCommit { title detail { message } } } }',
  ),
  'GraphQL, inside of a service': byGraphql(
    'query ($name: String!) { repo(name: $name) { compare(base: "dev", head: "main") { aheadCount } } }',
  ),
  'tRPC, inside of a service': byTrpc('comparisons.get', { base: 'dev', head: 'main' }),
  'tRPC, between two services': byTrpc('commits.diffs'),
};

const OTHER = byGraphql('{ viewer { isAdmin } }');

describe('ends the work for a query whose client has gone', () => {
  it.for(Object.entries(QUERIES))('%s', async ([, send], { hub, app, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const name = `${ref.namespace}/${ref.name}`;
    await hub.services().refs.createBranch(owner.actor, ref, 'dev', null);
    await world.commit(owner, ref, { 'a.txt': 'a' });
    const other = async (): Promise<void> => {
      await (await OTHER(url, owner, name)).text();
    };
    await other();
    const ofOther = await countStatements(hub, other);

    const release = await holdCommits(hub);
    const client = new AbortController();
    const aborted = send(url, owner, name, client.signal);
    await expect.poll(() => countWaiting(hub)).toBe(1);
    client.abort();
    await expect(aborted).rejects.toThrow('aborted');
    const connections = promisify(app.server.getConnections.bind(app.server));
    await expect.poll(() => connections()).toBe(0);
    // What the aborted one would still do is done before all of these are.
    const statements = await countStatements(hub, async () => {
      await release();
      for (let n = 0; n < 5; n++) await other();
    });
    expect(statements).toBe(5 * ofOther);
    expect(await (await send(url, owner, name)).text()).not.toMatch(/"errors?":/);
  });

  it('but finishes a change', async ({ hub, app, url, world }) => {
    const owner = await world.user();
    const ref = await world.repo(owner);
    const release = await holdCommits(hub);
    const client = new AbortController();
    const aborted = fetch(`${url}/trpc/commits.create`, {
      method: 'POST',
      headers: { ...owner.headers, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({
        repo: { name: `${ref.namespace}/${ref.name}` },
        title: 'Nobody waits for it',
        operations: [{ kind: 'file', path: 'a.txt', content: 'a' }],
      }),
      signal: client.signal,
    });
    await expect.poll(() => countWaiting(hub)).toBe(1);
    client.abort();
    await expect(aborted).rejects.toThrow('aborted');
    const connections = promisify(app.server.getConnections.bind(app.server));
    await expect.poll(() => connections()).toBe(0);
    await release();
    const { browse } = hub.services();
    const title = async () =>
      (await browse.commits(owner.actor, { repo: ref, revision: 'main' }, { limit: 1 })).items[0]!.title;
    await expect.poll(title).toBe('Nobody waits for it');
  });
});
