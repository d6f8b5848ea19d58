import { describe, expect } from 'vitest';
import { hashObject } from '../../src/git/object.ts';
import { encodeLfsPointer } from '../../src/git/lfs-pointer.ts';
import type { Oid } from '../../src/git/oid.ts';
import { holdStore, findMissingObjects } from '../../src/domain/version/store-hold.queries.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { Services } from '../../src/server/services.ts';
import { DAY, type GcRepo, type GcWorld, it } from './git-gc-world.ts';
import { parseRepoPath } from '../../src/git/path.ts';

/** Nothing is damaged, and nothing is left to be freed. */
async function expectWhole(world: GcWorld, repo: GcRepo): Promise<void> {
  expect(await world.problems()).toEqual([]);
  expect((await world.collect(repo)).freed).toMatchObject({ objects: 0, lfsObjects: 0 });
}

describe('a writer that needs garbage', () => {
  it('between the look and the deletion keeps it: an old file is committed again', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    await gcWorld.lostBranch(repo, { 'lost.txt': 'needed again', 'gone.txt': 'gone' });
    const collection = await gcWorld.collection(repo);
    await gcWorld.change(repo, 'main', { 'found.txt': 'needed again' });
    expect(await collection.run()).toBe(true);
    expect(collection.freed).toMatchObject({ commits: 1, objects: 3 });
    expect(await gcWorld.file(repo, 'main', 'found.txt')).toBe('needed again');
    await expectWhole(gcWorld, repo);
  });

  it('keeps a whole folder that it makes again', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const files = { 'x/y/one.txt': 'one', 'x/y/two.txt': 'two', 'x/z.txt': 'three' };
    await gcWorld.lostBranch(repo, files);
    const collection = await gcWorld.collection(repo);
    // A commit with another parent. All folders are the same but the root.
    await gcWorld.change(repo, 'main', { 'another.txt': 'another' });
    await gcWorld.change(repo, 'main', files);
    expect(await collection.run()).toBe(true);
    expect(collection.freed).toMatchObject({ commits: 1, objects: 2 });
    expect(await gcWorld.file(repo, 'main', 'x/y/two.txt')).toBe('two');
    await expectWhole(gcWorld, repo);
  });

  it('that holds the store is not disturbed, and what it did is seen', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const lost = await gcWorld.lostBranch(repo, { 'lost.txt': 'lost' });
    const collection = await gcWorld.collection(repo);
    // As a push does it that found the commit here: presence, then the ref, then COMMIT.
    await gcWorld.hub.deps.sql.transaction(async (tx) => {
      await holdStore(tx, repo.storeId);
      expect(await findMissingObjects(tx, repo.storeId, [lost])).toEqual([]);
      expect(await collection.step()).toBe('busy');
      expect(await collection.run({ attempts: 2 })).toBe(false);
      await tx.execute({
        text: `insert into git_ref (store_id, name, oid) values ($1, 'refs/heads/again', decode($2, 'hex'))`,
        values: [repo.storeId, lost],
      });
      expect(await collection.step()).toBe('busy');
    });
    expect(await collection.run()).toBe(true);
    expect(collection.freed.objects).toBe(0);
    expect(await gcWorld.file(repo, 'again', 'lost.txt')).toBe('lost');
    await expectWhole(gcWorld, repo);
  });

  it('comes too late when it is gone: no branch, no tag and no copy starts from it', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const { owner, ref } = repo;
    const lost = await gcWorld.lostBranch(repo, { 'lost.txt': 'lost' });
    // The caches know the commit now.
    expect(await gcWorld.file(repo, lost, 'lost.txt')).toBe('lost');
    expect((await gcWorld.collect(repo)).freed.commits).toBe(1);
    const { refs, commits } = gcWorld.hub.services();
    await expect(refs.createBranch(owner.actor, ref, 'again', lost)).rejects.toThrow('Invalid rev id');
    const tag = { name: 'v1', revision: lost, message: null };
    await expect(refs.createTag(owner.actor, ref, tag)).rejects.toThrow('Invalid rev id');
    const copy = commits.commit(owner.actor, ref, 'main', {
      title: 'Copy',
      description: '',
      parentCommit: null,
      createsPullRequest: false,
      operations: [
        {
          kind: 'copyFile',
          path: parseRepoPath('copy.txt'),
          sourcePath: parseRepoPath('lost.txt'),
          sourceRevision: lost,
        },
      ],
    });
    await expect(copy).rejects.toThrow('removed from the repository');
    await expectWhole(gcWorld, repo);
  });
});

describe('a merge whose trees are too large for a row', () => {
  it('does not stand on a commit that was collected while its trees were stored', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const many = Array.from({ length: 4000 }, (_, file) => [`d/f${file}`, `content ${file}`]);
    await gcWorld.change(repo, 'main', Object.fromEntries(many));
    const lost = await gcWorld.lostBranch(repo, { 'd/f1': 'changed there', 'e/own.txt': 'own' });
    const head = await gcWorld.change(repo, 'main', { 'd/f2': 'changed here' });
    let collected = 0;
    const { hub } = gcWorld;
    const store = new Proxy(hub.deps.store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]): Promise<unknown> => {
          const freed = name === 'put' ? (await gcWorld.collect(repo)).freed.commits : 0;
          collected += freed;
          return value.apply(target, args);
        };
      },
    });
    const { branches } = new Services(Object.assign(hub.requestDeps(), { store }));
    const merging = branches.merge(repo.owner.actor, repo.ref, {
      source: lost,
      destination: 'main',
      favor: 'none',
      isSquashed: false,
      message: null,
      expectedHead: null,
    });
    await expect(merging).rejects.toThrow('Invalid rev id');
    expect(collected).toBe(1);
    expect(await gcWorld.headOf(repo.owner, repo.ref)).toBe(head);
    await expectWhole(gcWorld, repo);
  });
});

describe('a ref that moves while garbage is collected', () => {
  it('keeps a commit that it comes back to between two steps', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    await gcWorld.branch(repo, 'side');
    const made: Oid[] = [];
    for (let index = 0; index < 150; index++)
      made.push(await gcWorld.change(repo, 'side', { 'a.txt': `${index}` }));
    await gcWorld.unbranch(repo, 'side');
    const collection = await gcWorld.collection(repo);
    expect(await collection.step()).toBe('done');
    expect(collection.freed.commits).toBe(100);
    // Children went first, so this one still has all its parents.
    const again = made[30]!;
    await gcWorld.branch(repo, 'again', again);
    expect(await collection.run()).toBe(true);
    expect(collection.freed.commits).toBe(119);
    expect(await gcWorld.file(repo, again, 'a.txt')).toBe('30');
    expect(await gcWorld.has(repo, made[31]!)).toBe(false);
    await expectWhole(gcWorld, repo);
  });

  it('keeps what it held for a moment, for the grace time', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const lost = await gcWorld.lostBranch(repo, { 'lost.txt': 'lost' });
    await gcWorld.age(repo, 30);
    const collection = await gcWorld.collection(repo, DAY);
    await gcWorld.branch(repo, 'moment', lost);
    await gcWorld.unbranch(repo, 'moment');
    expect(await collection.run()).toBe(true);
    expect(collection.freed.objects).toBe(0);
    await gcWorld.age(repo, 30);
    await expect(gcWorld.collect(repo, DAY)).resolves.toMatchObject({ freed: { commits: 1 } });
    await expectWhole(gcWorld, repo);
  });

  it('keeps what a commit names that came to stand on garbage', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const lost = await gcWorld.lostBranch(repo, { 'deep/lost.txt': 'lost' });
    const collection = await gcWorld.collection(repo);
    await gcWorld.branch(repo, 'again', lost);
    const next = await gcWorld.change(repo, 'again', { 'next.txt': 'next' });
    await gcWorld.force(repo, 'refs/heads/main', next);
    await gcWorld.force(repo, 'refs/heads/again', null);
    expect(await collection.run()).toBe(true);
    expect(collection.freed.objects).toBe(0);
    expect(await gcWorld.file(repo, 'main', 'deep/lost.txt')).toBe('lost');
    await expectWhole(gcWorld, repo);
  });

  it('is never lost, while branches come and go and commits bring old contents', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const contents = Array.from({ length: 6 }, (_, index) => `shared content ${index}`);
    const writing = new AbortController();
    const writers = [0, 1, 2].map(async (writer) => {
      for (let round = 0; round < 25; round++) {
        const name = `w${writer}-${round}`;
        await gcWorld.branch(repo, name);
        const oid = await gcWorld.change(repo, name, {
          [`w${writer}.txt`]: contents[(round + writer) % 6]!,
          'folder/x.txt': contents[round % 6]!,
        });
        await gcWorld.unbranch(repo, name);
        await gcWorld.branch(repo, `${name}-again`, oid).catch(() => {});
        if (round % 5 === 0)
          await gcWorld.change(repo, 'main', { [`main${writer}.txt`]: contents[(round + writer + 3) % 6]! });
        if (round % 3 !== 0) await gcWorld.unbranch(repo, `${name}-again`).catch(() => {});
      }
    });
    const collecting = (async () => {
      let commits = 0;
      while (!writing.signal.aborted) commits += (await gcWorld.collect(repo)).freed.commits;
      return commits;
    })();
    await Promise.all(writers);
    writing.abort();
    expect(await collecting).toBeGreaterThan(0);
    expect(await gcWorld.problems()).toEqual([]);
    await gcWorld.collect(repo);
    await expectWhole(gcWorld, repo);
  });
});

describe('LFS objects', () => {
  it('of a deleted branch are given back, and go when their lease is over', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const { owner, ref } = repo;
    const [kept, lost] = [gcWorld.object(3000), gcWorld.object(5000)];
    for (const object of [kept, lost]) await gcWorld.upload(owner, ref, object);
    await gcWorld.commitObject(repo, 'main', 'kept.bin', kept);
    await gcWorld.branch(repo, 'side');
    const before = await gcWorld.usedBytes(repo);
    await gcWorld.commitObject(repo, 'side', 'lost.bin', lost);
    await gcWorld.commitObject(repo, 'side', 'kept too.bin', kept);
    await gcWorld.unbranch(repo, 'side');
    expect((await gcWorld.collect(repo)).freed).toMatchObject({ lfsObjects: 1, lfsBytes: 5000 });
    expect(await gcWorld.usedBytes(repo)).toBe(before);
    expect(await gcWorld.problems()).toEqual([]);
    await runLfsSweep(gcWorld.hub.deps);
    // Whoever was told that the hub has it may commit it, for as long as the lease runs.
    await gcWorld.commitObject(repo, 'main', 'again.bin', lost);
    expect(await gcWorld.usedBytes(repo)).toBe(before + 5000 + pointerBytes(lost));
    await gcWorld.change(repo, 'main', { 'again.bin': null });
    await expectWhole(gcWorld, repo);
    const lostOid = hashObject('blob', encodeLfsPointer({ sha256: lost.sha256, sizeBytes: 5000 }));
    expect(await gcWorld.has(repo, lostOid)).toBe(true);
    for (let step = 0; step < 2; step++) {
      const parent = await firstParent(gcWorld, repo, await gcWorld.headOf(owner, ref));
      await gcWorld.force(repo, 'refs/heads/main', parent);
    }
    expect((await gcWorld.collect(repo)).freed).toMatchObject({ lfsObjects: 1, commits: 2 });
    await expireLeases(gcWorld);
    await runLfsSweep(gcWorld.hub.deps);
    await expect(gcWorld.commitObject(repo, 'main', 'late.bin', lost)).rejects.toThrow('400');
    expect((await gcWorld.keys('lfs/')).filter((key) => key.includes(lost.sha256))).toEqual([]);
    expect((await gcWorld.keys('lfs/')).filter((key) => key.includes(kept.sha256))).toHaveLength(1);
    await expectWhole(gcWorld, repo);
  });

  it('stay for as long as a tag, another branch or the grace time needs them', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const { owner, ref } = repo;
    const object = gcWorld.object(4000);
    await gcWorld.upload(owner, ref, object);
    await gcWorld.branch(repo, 'side');
    await gcWorld.commitObject(repo, 'side', 'large.bin', object);
    const { refs } = gcWorld.hub.services();
    await refs.createTag(owner.actor, ref, { name: 'v1', revision: 'side', message: 'x' });
    await gcWorld.unbranch(repo, 'side');
    await expireLeases(gcWorld);
    expect((await gcWorld.collect(repo)).freed.lfsObjects).toBe(0);
    await refs.deleteTag(owner.actor, ref, 'v1');
    expect((await gcWorld.collect(repo, DAY)).freed.lfsObjects).toBe(0);
    await runLfsSweep(gcWorld.hub.deps);
    expect(await gcWorld.problems()).toEqual([]);
    expect((await gcWorld.collect(repo)).freed.lfsObjects).toBe(1);
    await expectWhole(gcWorld, repo);
  });

  it('come back when their pointer is committed between the look and the deletion', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const { owner, ref } = repo;
    const object = gcWorld.object(4000);
    await gcWorld.upload(owner, ref, object);
    await gcWorld.branch(repo, 'side');
    await gcWorld.commitObject(repo, 'side', 'large.bin', object);
    await gcWorld.unbranch(repo, 'side');
    const collection = await gcWorld.collection(repo);
    await gcWorld.commitObject(repo, 'main', 'another name.bin', object);
    expect(await collection.run()).toBe(true);
    expect(collection.freed).toMatchObject({ commits: 1, lfsObjects: 0 });
    await expectWhole(gcWorld, repo);
  });
});

async function expireLeases({ hub }: GcWorld): Promise<void> {
  await hub.deps.sql.execute({ text: `update lfs_object set lease_until = now() - interval '1 second'` });
}

function pointerBytes(object: { readonly sha256: string; readonly bytes: Buffer }): number {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${object.sha256}\nsize ${object.bytes.length}\n`
    .length;
}

async function firstParent(world: GcWorld, { storeId }: GcRepo, oid: string): Promise<Oid | null> {
  const [row] = await world.hub.deps.sql.query<{ parent: Oid }>({
    text: `
      select encode(substring(parents for 20), 'hex') as parent from git_commit
      where store_id = $1 and oid = decode($2, 'hex')`,
    values: [storeId, oid],
  });
  return row?.parent ?? null;
}
