import { expect } from 'vitest';
import { VERSION } from '../../../src/version.ts';
import { it as base } from '../../support/content.ts';
import { openTestHub } from '../../support/test-hub.ts';
import { trpcMutation, trpcQuery } from '../../support/trpc.ts';

const GIT_ATTRIBUTES_BYTES = 1519;
const POINTER_BYTES = 129;

/** A hub that holds nothing else, and looks for no SSH server on this machine. */
const it = base.extend('hub', { scope: 'file' }, async ({}, { onCleanup }) => {
  const test = await openTestHub({ SSH_PORT: 'off' });
  onCleanup(() => test.close());
  return test.hub;
});

it('admin.storage — tells where the bytes are, and whose', async ({ app, content }) => {
  const [admin, owner] = [await content.admin(), await content.user()];
  const repo = await content.repo(owner);
  await content.commitLfs(owner, repo, 'w.bin', content.object(2000));
  const limits = { namespace: owner.name, publicQuotaBytes: 3700 };
  await trpcMutation({ app, user: admin, path: 'quotas.setLimits', input: limits });
  const publicUsedBytes = GIT_ATTRIBUTES_BYTES + POINTER_BYTES + 2000;
  const none = { count: 0, bytes: 0 };
  expect(await trpcQuery({ app, user: admin, path: 'admin.storage' })).toEqual({
    status: 200,
    data: {
      stored: {
        // Packs are compressed.
        inlineSegments: { count: 2, bytes: expect.any(Number) as number },
        storedSegments: none,
        lfsObjects: { count: 1, bytes: 2000 },
        xorbs: none,
      },
      charged: { privateBytes: 0, publicBytes: publicUsedBytes },
      fullNamespaces: [
        {
          name: owner.name,
          kind: 'user',
          visibility: 'public',
          usedBytes: publicUsedBytes,
          quotaBytes: 3700,
        },
      ],
      topConsumers: [{ name: owner.name, kind: 'user', privateUsedBytes: 0, publicUsedBytes }],
    },
  });
});

it('admin.health — tells how all that the hub works with is now', async ({ app, content }) => {
  const user = await content.admin();
  const up = { status: 'ok', latencyMs: expect.any(Number) as number, problem: null };
  const off = { status: 'off', version: null, latencyMs: null };
  expect(await trpcQuery({ app, user, path: 'admin.health' })).toEqual({
    status: 200,
    data: {
      version: VERSION,
      nodeVersion: process.versions.node,
      dependencies: [
        { name: 'database', version: expect.stringMatching(/^PostgreSQL \d/) as string, ...up },
        { name: 'storage', version: 'directory', ...up },
        { name: 'git', version: expect.stringMatching(/^git version \d/) as string, ...up },
        {
          name: 'mail',
          problem: 'No mail server is configured: mails are written to the log.',
          ...off,
        },
        { name: 'ssh', problem: 'SSH is switched off.', ...off },
      ],
    },
  });
});
