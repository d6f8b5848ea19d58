import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { LfsObjectMissing } from '../../src/domain/errors.ts';
import {
  deleteAbandonedUploads,
  markGone,
  takeUnneededObjects,
} from '../../src/domain/lfs/lfs-sweep.queries.ts';
import { linkLfsObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { announceBytes } from '../../src/domain/storage/intent.queries.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { lfsKey, parseObjectKey } from '../../src/storage/keys.ts';
import {
  it,
  type LfsWorld,
  localPath,
  PART_BYTES,
  type TestObject,
  type TestRepo,
} from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';

/** Lets all the time pass that anything was promised. */
async function expireEverything(lfs: LfsWorld): Promise<void> {
  for (const text of [
    `update lfs_object set lease_until = now() - interval '1 second'`,
    `update lfs_upload set expires_at = now() - interval '1 second'`,
    `update storage_intent set expires_at = now() - interval '1 second'`,
  ])
    await lfs.hub.deps.sql.execute({ text });
}

async function stateOf(lfs: LfsWorld, object: TestObject): Promise<string | undefined> {
  const [row] = await lfs.hub.deps.sql.query<{ state: string }>({
    text: `select state from lfs_object where sha256 = decode($1, 'hex')`,
    values: [object.sha256],
  });
  return row?.state;
}

/** An upload whose object may be collected before verify looks at it: only leases as short as here allow that. */
async function bring(lfs: LfsWorld, owner: TestUser, repo: TestRepo, object: TestObject): Promise<void> {
  const { actions } = await lfs.ask(owner, repo, 'upload', object);
  if (!actions?.upload) return;
  const sent = await lfs.put(actions.upload.href, object.bytes);
  if (sent.statusCode !== 200) throw new Error(`PUT: ${sent.statusCode} ${sent.body}`);
  await lfs.verify(owner, actions.verify!.href, object);
}

/** Lets go of everything, as the rewriting of a history would: objects are locked first, in order, as everywhere. */
async function unlinkAll(lfs: LfsWorld, repo: TestRepo): Promise<void> {
  await lfs.hub.deps.sql.execute({
    text: `
      with locked as (
        select sha256 from lfs_object where sha256 in (select sha256 from lfs_link where repo_id = $1)
        order by sha256 for no key update
      )
      delete from lfs_link l using locked where l.repo_id = $1 and l.sha256 = locked.sha256`,
    values: [repo.id],
  });
}

async function leftovers(lfs: LfsWorld) {
  const rows = await lfs.hub.deps.sql.query<{ uploads: number; intents: number }>({
    text: 'select (select count(*) from lfs_upload) as uploads, (select count(*) from storage_intent) as intents',
  });
  return { ...rows[0], bytes: await lfs.keys('uploads/') };
}

describe('the sweep', () => {
  it('keeps everything whose time runs', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const [uploaded, granted] = [lfs.object(), lfs.object()];
    await lfs.upload(owner, repo, uploaded);
    const { actions } = await lfs.ask(owner, repo, 'upload', granted);
    expect(await runLfsSweep(lfs.hub.deps)).toEqual({
      abandonedUploads: 0,
      staleLinks: 0,
      staleOffers: 0,
      collectedObjects: 0,
      collectedBlobs: 0,
      collectedCopies: 0,
      sweptKeys: 0,
    });
    await lfs.ensure(owner, repo, uploaded);
    expect((await lfs.put(actions!.upload!.href, granted.bytes)).statusCode).toBe(200);
  });

  it('removes abandoned uploads with their bytes and parts', async ({ lfs }) => {
    const repo = await lfs.bareRepo(await lfs.user());
    const reader = await lfs.user();
    const [arrived, never, inParts] = [lfs.object(), lfs.object(), lfs.object(PART_BYTES + 10)];
    await lfs.upload(reader, repo, arrived, null);
    await lfs.ask(reader, repo, 'upload', never, null);
    const { actions } = await lfs.ask(reader, repo, 'upload', inParts, null);
    const partUrl = actions!.upload!.header!['00001']!;
    expect((await lfs.put(partUrl, inParts.bytes.subarray(0, PART_BYTES))).statusCode).toBe(200);
    await expireEverything(lfs);
    expect((await runLfsSweep(lfs.hub.deps)).abandonedUploads).toBeGreaterThanOrEqual(3);
    expect(await leftovers(lfs)).toEqual({ uploads: 0, intents: 0, bytes: [] });
    expect(await lfs.isRefused(partUrl, inParts.bytes.subarray(0, PART_BYTES))).toBe(true);
    const late = { oid: inParts.sha256, parts: [] };
    expect((await lfs.post(null, localPath(actions!.upload!.href), late)).statusCode).toBe(404);
  });

  it('removes the bytes of an upload whose repository was deleted', async ({ lfs }) => {
    const repo = await lfs.bareRepo(await lfs.user());
    await lfs.upload(await lfs.user(), repo, lfs.object(), null);
    await lfs.hub.deps.sql.execute({ text: 'delete from repo where id = $1', values: [repo.id] });
    await expireEverything(lfs);
    await runLfsSweep(lfs.hub.deps);
    expect(await leftovers(lfs)).toEqual({ uploads: 0, intents: 0, bytes: [] });
  });

  it('collects what was never committed, and keeps what was', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const [kept, dropped] = [lfs.object(), lfs.object()];
    await lfs.upload(owner, repo, kept);
    await lfs.upload(owner, repo, dropped);
    await lfs.commitObjects(repo, kept);
    await expireEverything(lfs);
    expect(await runLfsSweep(lfs.hub.deps)).toMatchObject({ collectedObjects: expect.any(Number) });
    expect([await stateOf(lfs, kept), await stateOf(lfs, dropped)]).toEqual(['present', 'gone']);
    const keys = await lfs.keys('lfs/');
    expect(keys.filter((key) => key.includes(kept.sha256))).toHaveLength(1);
    expect(keys.filter((key) => key.includes(dropped.sha256))).toEqual([]);
    expect((await leftovers(lfs)).intents).toBe(0);
    await expect(lfs.ensure(owner, repo, dropped)).rejects.toMatchObject({ code: 'LfsObjectMissing' });
  });

  it('cannot delete an object that was brought again meanwhile', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(owner, repo, object);
    await lfs.hub.deps.sql.execute({ text: 'delete from lfs_link where repo_id = $1', values: [repo.id] });
    await expireEverything(lfs);
    const { sql, store } = lfs.hub.deps;
    const { keys: oldKeys } = await sql.transaction((tx) =>
      takeUnneededObjects(tx, [Buffer.from(object.sha256, 'hex')]),
    );
    expect(oldKeys).toEqual([expect.stringContaining(object.sha256)]);
    await lfs.upload(owner, repo, object);
    for (const key of oldKeys) await store.delete(key);
    await markGone(sql, oldKeys);
    expect(await stateOf(lfs, object)).toBe('present');
    await lfs.commitObjects(repo, object);
    const { actions } = await lfs.ask(null, repo, 'download', object);
    expect((await lfs.get(actions!.download!.href)).rawPayload.equals(object.bytes)).toBe(true);
  });

  it('removes bytes that a dead write left at their final place, and a new upload avoids them', async ({
    lfs,
  }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const { sql, store } = lfs.hub.deps;
    const [dead, retried] = [lfs.object(), lfs.object()];
    const [deadKey, claimedKey] = [lfsKey(dead.sha256, randomUUID()), lfsKey(retried.sha256, randomUUID())];
    for (const [key, { bytes }] of [[deadKey, dead] as const, [claimedKey, retried] as const]) {
      await announceBytes(sql, key);
      await store.put(key, bytes, { sizeBytes: bytes.length });
    }
    await expireEverything(lfs);
    // A sweeper that died after its claim.
    await sql.execute({
      text: `update storage_intent set key = '!' || key, expires_at = now() + interval '1 hour' where key = $1`,
      values: [claimedKey],
    });
    await lfs.upload(owner, repo, retried);
    await lfs.commitObjects(repo, retried);
    await expireEverything(lfs);
    await runLfsSweep(lfs.hub.deps);
    const keys = await lfs.keys('lfs/');
    expect(keys).not.toContain(deadKey);
    expect(keys).not.toContain(claimedKey);
    expect(keys.filter((key) => key.includes(retried.sha256))).toHaveLength(1);
    expect((await leftovers(lfs)).intents).toBe(0);
  });

  it('does not take an upload whose time was renewed', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.ask(owner, repo, 'upload', object);
    const rows = await lfs.hub.deps.sql.query<{ id: string; storage_key: string }>({
      text: `select id, storage_key from lfs_upload where sha256 = decode($1, 'hex')`,
      values: [object.sha256],
    });
    expect(parseObjectKey(rows[0]!.storage_key)).toMatch(/^uploads\//);
    expect(
      await deleteAbandonedUploads(
        lfs.hub.deps.sql,
        rows.map((row) => row.id),
      ),
    ).toBe(0);
  });

  it('keeps an object that is in use, whatever the intents say', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    await lfs.upload(owner, repo, object);
    await lfs.commitObjects(repo, object);
    await lfs.hub.deps.sql.execute({
      text: `
        insert into storage_intent (key, expires_at)
        select storage_key, now() from lfs_object where sha256 = decode($1, 'hex')`,
      values: [object.sha256],
    });
    await expireEverything(lfs);
    await runLfsSweep(lfs.hub.deps);
    expect(await lfs.keys('lfs/')).toContainEqual(expect.stringContaining(object.sha256));
    expect((await leftovers(lfs)).intents).toBe(0);
  });

  it('waits for a commit that is under way, and then keeps its objects', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const object = lfs.object();
    const { sql } = lfs.hub.deps;
    await lfs.upload(owner, repo, object);
    await sql.execute({ text: 'delete from lfs_link where repo_id = $1', values: [repo.id] });
    const marking = await sql.transaction(async (tx) => {
      await linkLfsObjects(tx, repo.id, [object.sha256]);
      await tx.execute({ text: `update lfs_object set lease_until = now() - interval '1 second'` });
      const marked = sql.transaction((gc) => takeUnneededObjects(gc, [Buffer.from(object.sha256, 'hex')]));
      while ((await tx.query({ text: 'select 1 from pg_locks where not granted' })).length === 0);
      return { marked };
    });
    expect(await marking.marked).toEqual({ count: 0, keys: [] });
    expect(await stateOf(lfs, object)).toBe('present');
  });

  it('never takes an object that a commit links at the same moment', { timeout: 60_000 }, async ({ lfs }) => {
    const owner = await lfs.user();
    const { sql } = lfs.hub.deps;
    const objects = Array.from({ length: 12 }, () => lfs.object(10));
    const until = Date.now() + 4000;
    let commits = 0;
    let checks = 0;
    const writer = async () => {
      const repo = await lfs.bareRepo(owner);
      while (Date.now() < until) {
        const some = objects.filter(() => Math.random() < 0.25);
        await Promise.all(some.map((object) => bring(lfs, owner, repo, object)));
        // No leases: only the locks stand between commit and collector.
        await sql.execute({
          text: `
            update lfs_object set lease_until = now() - interval '1 second' where sha256 in (
              select sha256 from lfs_object where touch % 2 = 0 order by sha256 for update
            )`,
        });
        try {
          await lfs.commitObjects(repo, ...some.toReversed());
          commits += some.length;
        } catch (error) {
          // Collected before the commit: a client sends the object again.
          if (!(error instanceof LfsObjectMissing)) throw error;
        }
        await unlinkAll(lfs, repo);
      }
    };
    const collector = async () => {
      let collected = 0;
      while (Date.now() < until) {
        collected += (await runLfsSweep(lfs.hub.deps)).collectedObjects;
      }
      return collected;
    };
    const checker = async () => {
      while (Date.now() < until) {
        const dangling = await sql.query({
          text: `select 1 from lfs_link l join lfs_object o using (sha256) where o.state <> 'present' and l.committed_at is not null`,
        });
        expect(dangling).toEqual([]);
        checks += 1;
      }
    };
    const [collected] = await Promise.all([collector(), checker(), writer(), writer(), writer()]);
    expect(commits).toBeGreaterThan(0);
    expect(collected).toBeGreaterThan(0);
    expect(checks).toBeGreaterThan(0);
    await expireEverything(lfs);
    await runLfsSweep(lfs.hub.deps);
    expect(await leftovers(lfs)).toEqual({ uploads: 0, intents: 0, bytes: [] });
    const present = await sql.query<{ storage_key: string }>({
      text: `select storage_key from lfs_object where state = 'present' order by storage_key`,
    });
    expect(await lfs.keys('lfs/')).toEqual(present.map((row) => row.storage_key).sort());
  });
});
