import { describe, expect } from 'vitest';
import { pruneLfs } from '../../src/domain/gc/prune-lfs.ts';
import { findReposToPrune } from '../../src/domain/gc/prune-lfs.queries.ts';
import { type Oid, oidToBytes } from '../../src/git/oid.ts';
import { sha256ToBytes } from '../../src/lib/sha256.ts';
import { holdStore } from '../../src/domain/version/store-hold.queries.ts';
import { runLfsPrune } from '../../src/jobs/lfs-prune.job.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import type { TestObject } from '../support/lfs-world.ts';
import { type GcRepo, type GcWorld, HOUR_MS, it } from './git-gc-world.ts';

const PATH = 'weights.bin';
const SIZE_BYTES = 2000;
const NOTHING = { objects: 0, bytes: 0 };

/** A repository whose settings keep so many versions. */
async function keeping(world: GcWorld, keepVersions: number | null): Promise<GcRepo> {
  const repo = await world.gcRepo();
  const { owner, ref } = repo;
  await world.hub.services().repos.updateSettings(owner.actor, ref, { lfsKeepVersions: keepVersions });
  return repo;
}

interface Version {
  readonly object: TestObject;
  readonly commitOid: string;
}

/** Commits versions of a file, one after the other. @returns them in that order. */
async function versions(world: GcWorld, repo: GcRepo, count: number, path = PATH): Promise<Version[]> {
  const made: Version[] = [];
  for (let n = 0; n < count; n++) made.push(await bring(world, repo, world.object(SIZE_BYTES), path));
  return made;
}

async function bring(world: GcWorld, repo: GcRepo, object: TestObject, path = PATH): Promise<Version> {
  const { owner, ref } = repo;
  await world.commitLfs(owner, ref, path, object);
  return { object, commitOid: await world.headOf(owner, ref) };
}

/** Lets everything be over the grace time. */
async function outlive(world: GcWorld, repo: GcRepo): Promise<void> {
  await world.age(repo, 48);
  await world.hub.deps.sql.execute({
    text: 'update lfs_history set created_at = created_at - make_interval(hours => 48) where repo_id = $1',
    values: [repo.access.id],
  });
}

async function prune(world: GcWorld, repo: GcRepo) {
  const repos = await findReposToPrune(world.hub.deps.sql, null);
  const found = repos.find(({ repoId }) => repoId === repo.access.id);
  return found ? pruneLfs(world.hub.deps.sql, found, { graceMs: 24 * HOUR_MS }) : null;
}

/** What readers of the file at its commits get: statuses, or NaN for wrong bytes. */
async function answers(world: GcWorld, repo: GcRepo, all: readonly Version[], path = PATH) {
  const { owner, ref } = repo;
  const statuses: number[] = [];
  for (const { object, commitOid } of all) {
    const answer = await world.read(owner, `/${ref.namespace}/${ref.name}/resolve/${commitOid}/${path}`);
    const isRight = answer.statusCode !== 200 || answer.rawPayload.equals(object.bytes);
    statuses.push(isRight ? answer.statusCode : NaN);
  }
  return statuses;
}

async function stateOf(world: GcWorld, { sha256 }: TestObject): Promise<string | undefined> {
  const [row] = await world.hub.deps.sql.query<{ state: string }>({
    text: 'select state from lfs_object where sha256 = $1',
    values: [sha256ToBytes(sha256)],
  });
  return row?.state;
}

/** Ends the leases of objects, and sweeps. */
async function sweep(world: GcWorld, all: readonly Version[]): Promise<void> {
  await world.hub.deps.sql.execute({
    text: `update lfs_object set lease_until = now() - interval '1 hour' where sha256 = any($1::bytea[])`,
    values: [all.map(({ object }) => sha256ToBytes(object.sha256))],
  });
  await runLfsSweep(world.hub.deps);
}

describe('old versions of LFS files', () => {
  it('go when there are as many newer ones as the repository keeps', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const all = await versions(world, repo, 4);
    await outlive(world, repo);
    const before = await world.usedBytes(repo);
    expect(await prune(world, repo)).toEqual({ objects: 2, bytes: 2 * SIZE_BYTES });
    expect(await answers(world, repo, all)).toEqual([410, 410, 200, 200]);
    expect(await world.usedBytes(repo)).toBe(before - 2 * SIZE_BYTES);
    expect(await prune(world, repo)).toEqual(NOTHING);
    await sweep(world, all);
    const states = await Promise.all(all.map(({ object }) => stateOf(world, object)));
    expect(states).toEqual(['gone', 'gone', 'present', 'present']);
    expect(await world.problems()).toEqual([]);
  });

  it('say to every client that they are gone', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const { owner, ref } = repo;
    const [first] = (await versions(world, repo, 3)) as [Version];
    await outlive(world, repo);
    await prune(world, repo);
    const url = `/${ref.namespace}/${ref.name}/resolve/${first.commitOid}/${PATH}`;
    const answer = await world.read(owner, url);
    expect(answer.headers['x-error-code']).toBe('ObjectPruned');
    expect((await world.ask(owner, ref, 'download', first.object)).error).toMatchObject({ code: 410 });
    await sweep(world, [first]);
    expect((await world.ask(owner, ref, 'download', first.object)).error).toMatchObject({ code: 410 });
    const stranger = await world.user();
    const elsewhere = await world.gcRepo(stranger);
    expect((await world.ask(stranger, elsewhere.ref, 'download', first.object)).error).toMatchObject({
      code: 404,
    });
  });

  it('stay for the grace time', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    await versions(world, repo, 2);
    await outlive(world, repo);
    const [newest] = await versions(world, repo, 1);
    expect(await prune(world, repo)).toEqual(NOTHING);
    await outlive(world, repo);
    expect(await prune(world, repo)).toMatchObject({ objects: 1 });
    expect(await answers(world, repo, [newest!])).toEqual([200]);
  });

  it('stay while a branch, a tag or a pull request has them', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const { owner, ref } = repo;
    const all = await versions(world, repo, 6);
    const { refs } = world.hub.services();
    await refs.createBranch(owner.actor, ref, 'stable', all[0]!.commitOid);
    await refs.createTag(owner.actor, ref, {
      name: 'v1',
      message: 'The first one',
      revision: all[1]!.commitOid,
    });
    await world.force(repo, 'refs/pr/7', all[2]!.commitOid as Oid);
    await outlive(world, repo);
    expect(await prune(world, repo)).toMatchObject({ objects: 1 });
    expect(await answers(world, repo, all)).toEqual([200, 200, 200, 410, 200, 200]);
    await refs.deleteBranch(owner.actor, ref, 'stable');
    expect(await prune(world, repo)).toEqual(NOTHING);
    await outlive(world, repo);
    expect(await prune(world, repo)).toMatchObject({ objects: 1 });
    expect(await answers(world, repo, all)).toEqual([410, 200, 200, 410, 200, 200]);
    expect(await world.problems()).toEqual([]);
  });

  it('stay where another path has them', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const [first] = (await versions(world, repo, 1)) as [Version];
    await bring(world, repo, first.object, 'folder/copy.bin');
    await versions(world, repo, 2);
    await outlive(world, repo);
    expect(await prune(world, repo)).toEqual(NOTHING);
    expect(await answers(world, repo, [first])).toEqual([200]);
  });

  it('count from when they came last', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const all = await versions(world, repo, 2);
    await bring(world, repo, all[0]!.object);
    await versions(world, repo, 1);
    await outlive(world, repo);
    expect(await prune(world, repo)).toMatchObject({ objects: 1 });
    expect(await answers(world, repo, all)).toEqual([200, 410]);
  });

  it('stay in other repositories', async ({ gcWorld: world }) => {
    const [repo, other] = [await keeping(world, 2), await keeping(world, null)];
    const all = await versions(world, repo, 3);
    const copy = await bring(world, other, all[0]!.object);
    await outlive(world, repo);
    expect(await prune(world, repo)).toMatchObject({ objects: 1 });
    await sweep(world, all);
    expect(await answers(world, repo, all)).toEqual([410, 200, 200]);
    expect(await answers(world, other, [copy])).toEqual([200]);
    expect(await prune(world, other)).toBeNull();
  });

  it('come back with a commit', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const all = await versions(world, repo, 3);
    await outlive(world, repo);
    await prune(world, repo);
    await sweep(world, all);
    const before = await world.usedBytes(repo);
    await bring(world, repo, all[0]!.object);
    expect(await answers(world, repo, all)).toEqual([200, 200, 200]);
    expect((await world.usedBytes(repo)) - before).toBeGreaterThanOrEqual(SIZE_BYTES);
    expect(await world.problems()).toEqual([]);
  });

  it('stay when a branch is made of them while others are given up', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const { owner, ref, storeId } = repo;
    const all = await versions(world, repo, 4);
    await outlive(world, repo);
    const { sql } = world.hub.deps;
    const pruned = await sql.transaction(async (tx) => {
      // A write under way: what is to go is known by now, and waits.
      await holdStore(tx, storeId);
      const pruning = prune(world, repo);
      await world.hub.services().refs.createBranch(owner.actor, ref, 'rescue', all[0]!.commitOid);
      return { pruning };
    });
    expect(await pruned.pruning).toMatchObject({ objects: 1 });
    expect(await answers(world, repo, all)).toEqual([200, 410, 200, 200]);
  });

  it('all stay where something is missing that a ref reaches', async ({ gcWorld: world }) => {
    const repo = await keeping(world, 2);
    const all = await versions(world, repo, 3);
    await outlive(world, repo);
    await world.hub.deps.sql.execute({
      text: `
        delete from git_object o using git_commit c
        where c.store_id = $1 and c.oid = $2 and o.store_id = $1 and o.oid = c.tree_oid`,
      values: [repo.storeId, oidToBytes(all[2]!.commitOid as Oid)],
    });
    await expect(prune(world, repo)).rejects.toThrow('does not hold all that its refs reach');
    expect(await answers(world, repo, all.slice(0, 2))).toEqual([200, 200]);
    await world.hub.services().repos.delete(repo.owner.actor, repo.ref);
  });
});

describe('the job', () => {
  it('does nothing unless the operator lets it', async ({ gcWorld: world }) => {
    const [own, inherited] = [await keeping(world, 3), await keeping(world, null)];
    for (const repo of [own, inherited]) {
      await versions(world, repo, 4);
      await outlive(world, repo);
    }
    const { sql, log, config } = world.hub.deps;
    const run = (autoGc: boolean, keepVersions: number | null) =>
      runLfsPrune({ sql, log, config: { gc: config.gc, lfs: { ...config.lfs, autoGc, keepVersions } } });
    expect(await run(false, 2)).toBe(0);
    expect(await run(true, null)).toBe(1);
    expect(await run(true, 2)).toBe(2);
    expect(await run(true, 2)).toBe(0);
  });
});
