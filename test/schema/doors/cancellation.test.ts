import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { Hub } from '../../../src/server/hub.ts';
import { countStatements } from '../../support/count-statements.ts';
import { graphql } from '../../support/graphql.ts';
import { it } from '../listening-it.ts';

/** The head commit is read before what depends on it, `detail`. */
const QUERY = `query ($name: String!) {
  repo(name: $name) { headCommit { title detail { message } } }
}`;

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

it('ends the work for a query whose client has gone', async ({ hub, app, url, world }) => {
  const owner = await world.user();
  const { namespace, name } = await world.repo(owner);
  const variables = { name: `${namespace}/${name}` };
  await graphql(app, owner, QUERY, variables);
  const whole = await countStatements(hub, () => graphql(app, owner, QUERY, variables));

  const release = await holdCommits(hub);
  const client = new AbortController();
  const aborted = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...owner.headers, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ query: QUERY, variables }),
    signal: client.signal,
  });
  await expect.poll(() => countWaiting(hub)).toBe(1);
  client.abort();
  await expect(aborted).rejects.toThrow('aborted');
  const connections = promisify(app.server.getConnections.bind(app.server));
  await expect.poll(() => connections()).toBe(0);
  const both = await countStatements(hub, async () => {
    await release();
    await graphql(app, owner, QUERY, variables);
    await graphql(app, owner, QUERY, variables);
  });
  expect(both).toBe(2 * whole);
});
