import { expect } from 'vitest';
import { VERSION } from '../../../src/version.ts';
import { graphql } from '../../support/graphql.ts';
import { it as base } from '../../support/it.ts';
import { openTestHub } from '../../support/test-hub.ts';

/** A hub of which everything is known: it holds what the tests here make, and asks no SSH server of this machine. */
const it = base
  .extend('hub', { scope: 'file' }, async ({}, { onCleanup }) => {
    const test = await openTestHub({ SSH_PORT: 'off' });
    onCleanup(() => test.close());
    return test.hub;
  })
  .extend('admin', { scope: 'file' }, ({ world }) => world.admin());

it('health names what answered, and why something is off', async ({ app, admin }) => {
  const query =
    '{ admin { health { version nodeVersion dependencies { name status version latencyMs problem } } } }';
  const up = { status: 'OK', latencyMs: expect.any(Number) as number, problem: null };
  const off = { status: 'OFF', version: null, latencyMs: null };
  expect(await graphql(app, admin, query)).toEqual({
    data: {
      admin: {
        health: {
          version: VERSION,
          nodeVersion: process.versions.node,
          dependencies: [
            { name: 'DATABASE', ...up, version: expect.stringMatching(/^PostgreSQL \d/) as string },
            { name: 'STORAGE', ...up, version: 'directory' },
            { name: 'GIT', ...up, version: expect.stringMatching(/\d\.\d/) as string },
            {
              name: 'MAIL',
              ...off,
              problem: 'No mail server is configured: mails are written to the log.',
            },
            { name: 'SSH', ...off, problem: 'SSH is switched off.' },
          ],
        },
      },
    },
  });
});

it('storage tells where the bytes are, and whose', async ({ app, admin, world }) => {
  const owner = await world.user();
  const repo = await world.repo(owner);
  await world.commit(owner, repo, { 'a.txt': 'x'.repeat(100_000) });
  const input = { namespace: owner.name, publicQuotaBytes: 100_010 };
  await graphql(
    app,
    admin,
    'mutation ($input: SetNamespaceQuotaInput!) { setNamespaceQuota(input: $input) { __typename } }',
    { input },
  );
  const query = `{ admin { storage {
    stored { storedSegments { count bytes } inlineSegments { count bytes } lfsObjects { count bytes } xorbs { count bytes } }
    charged { privateBytes publicBytes }
    fullNamespaces { namespace kind visibility usedBytes quotaBytes }
    topConsumers { namespace kind privateUsedBytes publicUsedBytes }
  } } }`;
  const bytes = expect.any(Number) as number;
  const none = { count: 0, bytes: 0 };
  const { name: namespace } = owner;
  const result = await graphql(app, admin, query);
  expect(result).toEqual({
    data: {
      admin: {
        storage: {
          stored: {
            storedSegments: none,
            // Commits are deflated, and hold names and times: how small they get differs.
            inlineSegments: { count: 3, bytes },
            lfsObjects: none,
            xorbs: none,
          },
          charged: { privateBytes: 0, publicBytes: 101_519 },
          fullNamespaces: [
            { namespace, kind: 'USER', visibility: 'PUBLIC', usedBytes: 101_519, quotaBytes: 100_010 },
          ],
          topConsumers: [{ namespace, kind: 'USER', privateUsedBytes: 0, publicUsedBytes: 101_519 }],
        },
      },
    },
  });
  expect(result.data.admin.storage.stored.inlineSegments.bytes).toBeGreaterThan(0);
});
