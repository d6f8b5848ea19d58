import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect } from 'vitest';
import { openWriteSession } from '../../src/domain/version/write-sessions.ts';
import type { Oid } from '../../src/git/oid.ts';
import { DAY, type GcWorld, it, NOW } from './git-gc-world.ts';
import { parseRepoPath } from '../../src/git/path.ts';

/** Whose hub must be whole after a test; not after one that damages it. */
let checked: GcWorld | undefined;

afterEach(async () => {
  const problems = (await checked?.problems()) ?? [];
  if (problems.length > 0) throw new Error(`fsck: ${problems.join('\n')}`);
});

describe('collection', () => {
  it('removes what a deleted branch held, and nothing else', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    const kept = await gcWorld.change(repo, 'main', { 'kept.txt': 'kept', 'large.bin': randomBytes(90_000) });
    const before = { objects: await gcWorld.objects(repo), bytes: await gcWorld.usedBytes(repo) };
    const lost = await gcWorld.lostBranch(repo, { 'lost.txt': 'lost', 'lost.bin': randomBytes(100_000) });
    const { freed, isComplete } = await gcWorld.collect(repo);
    expect(isComplete).toBe(true);
    expect(freed).toMatchObject({ commits: 1, objects: 4, blobBytes: 100_004, lfsObjects: 0 });
    expect(await gcWorld.objects(repo)).toEqual(before.objects);
    expect(await gcWorld.usedBytes(repo)).toBe(before.bytes);
    expect(await gcWorld.has(repo, kept)).toBe(true);
    expect(await gcWorld.has(repo, lost)).toBe(false);
    expect(await gcWorld.file(repo, 'main', 'kept.txt')).toBe('kept');
    await expect(gcWorld.branch(repo, 'again', lost)).rejects.toThrow('Invalid rev id');
  });

  it('removes what a forced move left behind, and keeps the rows of what is left in step', async ({
    gcWorld,
  }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    const base = await gcWorld.change(repo, 'main', { 'a.txt': 'one' });
    for (let index = 0; index < 5; index++) await gcWorld.change(repo, 'main', { 'a.txt': `later ${index}` });
    await gcWorld.force(repo, 'refs/heads/main', base);
    expect((await gcWorld.collect(repo)).freed.commits).toBe(5);
    const rows = await gcWorld.hub.deps.sql.query<{ commits: number; changes: number }>({
      text: `
        select (select count(*) from git_commit where store_id = $1) as commits,
          (select count(distinct commit_oid) from path_change where store_id = $1) as changes`,
      values: [repo.storeId],
    });
    expect(rows).toEqual([{ commits: 2, changes: 2 }]);
    expect(await gcWorld.file(repo, 'main', 'a.txt')).toBe('one');
    const next = await gcWorld.change(repo, 'main', { 'a.txt': 'later 3' });
    expect(await gcWorld.file(repo, next, 'a.txt')).toBe('later 3');
  });

  it('removes what a squash left behind, after the grace time', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    const texts = Array.from({ length: 5 }, (_, index) => `version ${index} `.repeat(20_000));
    const oids: Oid[] = [];
    for (const text of texts) oids.push(await gcWorld.change(repo, 'main', { 'a.txt': text, same: 'same' }));
    const before = await gcWorld.usedBytes(repo);
    const options = { message: null, expectedHead: null };
    await gcWorld.hub.services().branches.superSquash(repo.owner.actor, repo.ref, 'main', options);
    expect((await gcWorld.collect(repo, DAY)).freed.objects).toBe(0);
    await gcWorld.age(repo, 25);
    const { freed, isComplete } = await gcWorld.collect(repo, DAY);
    const lostBytes = texts.slice(0, -1).reduce((sum, text) => sum + text.length, 0);
    // With the first commit of the repository.
    expect([isComplete, freed.commits, freed.blobBytes]).toEqual([true, oids.length + 1, lostBytes]);
    expect(await gcWorld.usedBytes(repo)).toBe(before - lostBytes);
    for (const oid of oids) expect(await gcWorld.has(repo, oid)).toBe(false);
    expect([await gcWorld.file(repo, 'main', 'a.txt'), await gcWorld.file(repo, 'main', 'same')]).toEqual([
      texts.at(-1),
      'same',
    ]);
  });

  it('keeps what a ref held within the grace time, also when all of it is old', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    await gcWorld.branch(repo, 'side');
    const side = await gcWorld.change(repo, 'side', { 'side.txt': 'side' });
    await gcWorld.age(repo, 100);
    await gcWorld.unbranch(repo, 'side');
    expect((await gcWorld.collect(repo, DAY)).freed.objects).toBe(0);
    await gcWorld.age(repo, 23);
    expect((await gcWorld.collect(repo, DAY)).freed.objects).toBe(0);
    await gcWorld.branch(repo, 'again', side);
    expect(await gcWorld.file(repo, 'again', 'side.txt')).toBe('side');
    await gcWorld.unbranch(repo, 'again');
    await gcWorld.age(repo, 25);
    expect((await gcWorld.collect(repo, DAY)).freed.commits).toBe(1);
  });

  it('keeps young objects that no ref ever held, and all that they name', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    const first = await gcWorld.lostBranch(repo, { 'old/blob.txt': 'old' });
    await gcWorld.age(repo, 100);
    await gcWorld.branch(repo, 'young', first);
    const young = await gcWorld.change(repo, 'young', { 'young.txt': 'young' });
    await gcWorld.unbranch(repo, 'young');
    // As if the reflog did not tell of it: then its age alone keeps it, with its parent and the folder of that.
    await gcWorld.hub.deps.sql.execute({
      text: 'delete from git_reflog where store_id = $1',
      values: [repo.storeId],
    });
    expect((await gcWorld.collect(repo, DAY)).freed.objects).toBe(0);
    await gcWorld.branch(repo, 'again', young);
    expect(await gcWorld.file(repo, 'again', 'old/blob.txt')).toBe('old');
  });

  it('keeps pull requests, tags and what annotated tags name', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    const services = gcWorld.hub.services();
    const proposed = await services.commits.commit(repo.owner.actor, repo.ref, 'main', {
      title: 'Propose',
      description: '',
      parentCommit: null,
      createsPullRequest: true,
      operations: [{ kind: 'file', path: parseRepoPath('proposed.txt'), bytes: Buffer.from('proposed') }],
    });
    await gcWorld.branch(repo, 'side');
    const tagged = await gcWorld.change(repo, 'side', { 'tagged.txt': 'tagged' });
    await services.refs.createTag(repo.owner.actor, repo.ref, {
      name: 'v1',
      revision: 'side',
      message: 'Note',
    });
    await gcWorld.unbranch(repo, 'side');
    expect((await gcWorld.collect(repo)).freed.objects).toBe(0);
    expect(await gcWorld.file(repo, 'refs/pr/1', 'proposed.txt')).toBe('proposed');
    expect(await gcWorld.file(repo, 'v1', 'tagged.txt')).toBe('tagged');
    await services.refs.deleteTag(repo.owner.actor, repo.ref, 'v1');
    // The tag object, its commit, tree and blob.
    expect((await gcWorld.collect(repo)).freed.objects).toBe(4);
    expect(await gcWorld.has(repo, tagged)).toBe(false);
    expect(await gcWorld.has(repo, proposed.commitOid)).toBe(true);
  });

  it('waits for writes that are under way, until they end or fall silent', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    const { sql } = gcWorld.hub.deps;
    await gcWorld.branch(repo, 'side');
    const side = await gcWorld.change(repo, 'side', { 'side.txt': 'side' });
    await gcWorld.age(repo, 100);
    {
      await using _session = await openWriteSession(sql, repo.storeId);
      await gcWorld.unbranch(repo, 'side');
      expect((await gcWorld.collect(repo)).freed.objects).toBe(0);
      await sql.execute({ text: `update write_session set heartbeat_at = now() - interval '9 minutes'` });
      expect((await gcWorld.collect(repo)).freed.objects).toBe(0);
      await sql.execute({ text: `update write_session set heartbeat_at = now() - interval '11 minutes'` });
      expect((await gcWorld.collect(repo)).freed.commits).toBe(1);
      await sql.execute({ text: 'update write_session set heartbeat_at = now()' });
    }
    expect(await gcWorld.has(repo, side)).toBe(false);
    const lost = await gcWorld.lostBranch(repo, { 'b.txt': 'b' });
    expect((await gcWorld.collect(repo)).freed.commits).toBe(1);
    expect(await gcWorld.has(repo, lost)).toBe(false);
  });

  it('leaves a store alone in which something is missing', async ({ gcWorld }) => {
    checked = undefined;
    const repo = await gcWorld.gcRepo();
    const { sql } = gcWorld.hub.deps;
    await gcWorld.change(repo, 'main', { 'folder/a.txt': 'a' });
    await gcWorld.lostBranch(repo, { 'lost.txt': 'lost' });
    const before = await gcWorld.objects(repo);
    const [tree] = await sql.query<{ oid: Buffer }>({
      text: `
        delete from git_object where store_id = $1 and type = 2 and oid in (
          select oid from git_object where store_id = $1 and type = 2 order by size_bytes limit 1
        ) returning oid`,
      values: [repo.storeId],
    });
    await expect(gcWorld.collect(repo)).rejects.toThrow('reachable and not stored');
    expect((await gcWorld.objects(repo)).size).toBe(before.size - 1);
    expect(tree!.oid).toHaveLength(20);
    await gcWorld.hub.services().repos.delete(repo.owner.actor, repo.ref);
  });

  it('frees more than fits into one step, and stops between two when it must', async ({ gcWorld }) => {
    checked = gcWorld;
    const repo = await gcWorld.gcRepo();
    await gcWorld.branch(repo, 'side');
    for (let index = 0; index < 3; index++) {
      const files = Array.from({ length: 1500 }, (_, file) => [
        `d${index}/f${file}`,
        `content ${index} ${file}`,
      ]);
      await gcWorld.change(repo, 'side', Object.fromEntries(files));
    }
    for (let index = 0; index < 120; index++) await gcWorld.change(repo, 'side', { 'x.txt': `${index}` });
    await gcWorld.unbranch(repo, 'side');
    const stopped = new AbortController();
    stopped.abort();
    const unused = await gcWorld.gc.collect(repo.storeId, NOW, stopped.signal);
    expect(unused).toMatchObject({ isComplete: false, freed: { objects: 0 } });
    // As a crash would: after each step the store is whole.
    const collection = await gcWorld.collection(repo);
    let steps = 0;
    for (; (await collection.step()) === 'done' && steps < 3; steps++)
      expect(await gcWorld.problems()).toEqual([]);
    const rest = await gcWorld.collect(repo);
    expect(collection.freed.commits + rest.freed.commits).toBe(123);
    expect(collection.freed.objects + rest.freed.objects).toBe(123 + 123 + 3 + 4500 + 120);
  });
});

describe('what runs by itself', () => {
  it('looks only at stores in which something was lost since, and longer ago than the grace time', async ({
    gcWorld,
  }) => {
    checked = gcWorld;
    const { findStoresToCollect } = await import('../../src/domain/gc/collect.queries.ts');
    const needy = async (): Promise<readonly number[]> =>
      findStoresToCollect(gcWorld.hub.deps.sql, DAY.graceMs);
    const [grown, lost, recent] = [await gcWorld.gcRepo(), await gcWorld.gcRepo(), await gcWorld.gcRepo()];
    for (const repo of [grown, lost, recent]) {
      await gcWorld.change(repo, 'main', { 'a.txt': 'a' });
      await gcWorld.change(repo, 'main', { 'a.txt': 'b' });
    }
    await gcWorld.lostBranch(lost, { 'c.txt': 'c' });
    for (const repo of [grown, lost, recent]) await gcWorld.age(repo, 30);
    await gcWorld.lostBranch(recent, { 'c.txt': 'c' });
    const found = await needy();
    expect(found).toContain(lost.storeId);
    expect(found).not.toContain(grown.storeId);
    expect(found).not.toContain(recent.storeId);
    await gcWorld.gc.runNeeded();
    expect(await needy()).not.toContain(lost.storeId);
    expect((await gcWorld.collect(lost)).freed.objects).toBe(0);
    await gcWorld.age(recent, 30);
    expect(await needy()).toContain(recent.storeId);
  });

  it('forgets writes of processes that died', async ({ gcWorld }) => {
    checked = gcWorld;
    const { sql } = gcWorld.hub.deps;
    const { storeId } = await gcWorld.gcRepo();
    await using _session = await openWriteSession(sql, storeId);
    await sql.execute({
      text: `
        insert into write_session (id, store_id, heartbeat_at)
        values (gen_random_uuid(), $1, now() - interval '21 minutes')`,
      values: [storeId],
    });
    await gcWorld.gc.runNeeded();
    const left = await sql.query({
      text: 'select from write_session where store_id = $1',
      values: [storeId],
    });
    expect(left).toHaveLength(1);
  });

  it('goes on with the other stores after a failure', async ({ gcWorld }) => {
    checked = undefined;
    const [broken, fine] = [await gcWorld.gcRepo(), await gcWorld.gcRepo()];
    const { sql } = gcWorld.hub.deps;
    const oids: Oid[] = [];
    for (const repo of [broken, fine]) {
      oids.push(await gcWorld.lostBranch(repo, { 'c.txt': 'c' }));
      await gcWorld.age(repo, 30);
    }
    await sql.execute({
      text: `
        delete from git_object where store_id = $1 and oid = (
          select c.tree_oid from git_ref r join git_commit c on c.store_id = r.store_id and c.oid = r.oid
          where r.store_id = $1 and r.name = 'refs/heads/main'
        )`,
      values: [broken.storeId],
    });
    await gcWorld.gc.runNeeded();
    expect(await gcWorld.has(broken, oids[0]!)).toBe(true);
    expect(await gcWorld.has(fine, oids[1]!)).toBe(false);
    await gcWorld.hub.services().repos.delete(broken.owner.actor, broken.ref);
  });
});
