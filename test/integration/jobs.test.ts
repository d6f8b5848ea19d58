import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { expireLogins } from '../../src/jobs/expire-logins.job.ts';
import type { Job } from '../../src/jobs/job.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { purgeStores } from '../../src/jobs/purge-stores.job.ts';
import { Scheduler } from '../../src/jobs/scheduler.ts';
import { it } from '../support/it.ts';

it('removes rows and bytes of a deleted repository, and nothing of the others', async ({ hub, world }) => {
  const alice = await world.user();
  const kept = await world.repo(alice);
  const doomed = await world.repo(alice);
  for (const ref of [kept, doomed]) await world.commit(alice, ref, { 'large.txt': randomBytes(200_000) });
  const { storeId } = await hub.services().access.require(alice.actor, doomed, 'read');
  const before = await hub.deps.store.list({ prefix: 'segments/' });
  await hub.services().repos.delete(alice.actor, doomed);
  await expect(purgeStores(hub.requestDeps())).resolves.toEqual({ stores: 1 });
  await runLfsSweep(hub.deps);

  const [rows] = await hub.deps.sql.query<{ count: number }>({
    text: `
      select (select count(*) from git_object where store_id = $1) + (select count(*) from git_commit where store_id = $1)
        + (select count(*) from git_ref where store_id = $1) + (select count(*) from path_change where store_id = $1)
        + (select count(*) from git_segment where store_id = $1) + (select count(*) from git_store where id = $1) as count`,
    values: [storeId],
  });
  expect(rows).toEqual({ count: 0 });
  const after = await hub.deps.store.list({ prefix: 'segments/' });
  expect(after.objects).toHaveLength(before.objects.length / 2);
  const problems: string[] = [];
  await hub.services().fsck.runAsOperator(({ message }) => problems.push(message));
  expect(problems).toEqual([]);
});

it('forgets logins whose time is over', async ({ hub, world }) => {
  const alice = await world.user();
  await hub.deps.sql.execute({
    text: `
      insert into session (secret_hash, user_id, expires_at)
      select sha256(label::bytea), id, now() + shift from account,
        (values ('old', interval '-1 second'), ('new', interval '1 hour')) as v (label, shift)
      where name = $1`,
    values: [alice.name],
  });
  await expireLogins(hub.requestDeps());
  const sessions = await hub.deps.sql.query({
    text: 'select 1 from session s join account a on a.id = s.user_id where a.name = $1',
    values: [alice.name],
  });
  expect(sessions).toHaveLength(1);
});

it('runs a job on one node at a time, goes on after a failure, and stops after what runs', async ({
  hub,
}) => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const enough = Promise.withResolvers<void>();
  const job: Job = {
    name: 'test',
    intervalMs: 1,
    async run({ sql }) {
      running++;
      most = Math.max(most, running);
      runs++;
      await sql.query({ text: 'select pg_sleep(0.005)' });
      running--;
      if (runs >= 10) enough.resolve();
      if (runs % 3 === 0) throw new Error('a failure that must not end the schedule');
    },
  };
  const nodes = [1, 2].map(() => new Scheduler([job], () => hub.requestDeps()));
  for (const node of nodes) node.start();
  await enough.promise;
  await Promise.all(nodes.map((node) => node.stop()));
  expect(most).toBe(1);
  expect(running).toBe(0);
});
