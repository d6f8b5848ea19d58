import { describe, expect } from 'vitest';
import { LfsObjectMissing } from '../../src/domain/errors.ts';
import { announceBytes } from '../../src/domain/storage/intent.queries.ts';
import { takeUnneededXorbs } from '../../src/domain/xet/xet-sweep.queries.ts';
import { findXorbs, lockXorbs } from '../../src/domain/xet/xorb.queries.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { runXetSweep } from '../../src/jobs/xet-sweep.job.ts';
import { parseObjectKey } from '../../src/storage/keys.ts';
import { xorbIdBytes } from '../../src/xet/xorb-id.ts';
import { it, type LfsWorld, type TestRepo } from '../support/lfs-world.ts';
import {
  fileOf,
  someChunks,
  type TestFile,
  type TestXorb,
  type Uploader,
  wholeFile,
  XetStore,
  xorbOf,
} from '../support/xet-store.ts';

async function home(lfs: LfsWorld) {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  const by: Uploader = { repoId: repo.id, uploaderId: owner.actor.kind === 'user' ? owner.actor.id : 0 };
  return { owner, repo, by, store: new XetStore(lfs.hub) };
}

/** Lets all the time pass that objects were promised. */
async function endObjectLeases(lfs: LfsWorld): Promise<void> {
  for (const text of [
    `update lfs_object set lease_until = now() - interval '1 second' where sha256 in (
      select sha256 from lfs_object order by sha256 for update
    )`,
    `update lfs_offer set created_at = now() - interval '3 days'`,
    `update lfs_upload set expires_at = now() - interval '1 second'`,
    `update storage_intent set expires_at = now() - interval '1 second'`,
  ])
    await lfs.hub.deps.sql.execute({ text });
}

async function endXorbLeases(lfs: LfsWorld): Promise<void> {
  await lfs.hub.deps.sql.execute({
    text: `
      update xet_xorb set lease_until = now() - interval '1 second' where id in (
        select id from xet_xorb order by id for update
      )`,
  });
}

/** As often as one thing has to go before another can. */
async function sweepAll(lfs: LfsWorld): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await endObjectLeases(lfs);
    await runLfsSweep(lfs.hub.deps);
    await runXetSweep(lfs.hub.deps);
  }
}

async function deleteRepo(lfs: LfsWorld, repo: TestRepo): Promise<void> {
  await lfs.hub.deps.sql.execute({ text: 'delete from repo where id = $1', values: [repo.id] });
}

async function isHere(lfs: LfsWorld, xorb: TestXorb): Promise<boolean> {
  return (await findXorbs(lfs.hub.deps.sql, [xorb.id])).has(xorb.id);
}

async function stateOf(lfs: LfsWorld, file: TestFile) {
  const [row] = await lfs.hub.deps.sql.query<{ state: string; kept: string }>({
    text: `
      select state, case when storage_key is not null then 'blob' when exists (
        select from xet_file f where f.sha256 = o.sha256
      ) then 'xorbs' else 'nowhere' end as kept
      from lfs_object o where sha256 = decode($1, 'hex')`,
    values: [file.sha256],
  });
  return row && `${row.state} ${row.kept}`;
}

/** What is left of everything that this file tests. */
async function leftovers(lfs: LfsWorld) {
  const [rows] = await lfs.hub.deps.sql.query<object>({
    text: `
      select (select count(*) from xet_xorb) as xorbs, (select count(*) from xet_file) as files,
        (select count(*) from xet_chunk) as chunks, (select count(*) from xet_repo_xorb) as holdings,
        (select count(*) from lfs_object where state <> 'gone') as objects, (select count(*) from storage_intent) as intents`,
  });
  const bytes = [...(await lfs.keys('xorbs/')), ...(await lfs.keys('lfs/')), ...(await lfs.keys('uploads/'))];
  return { ...rows, bytes };
}

const NOTHING = { xorbs: 0, files: 0, chunks: 0, holdings: 0, objects: 0, intents: 0, bytes: [] };

describe('the sweep of xorbs', () => {
  it('keeps a xorb for 22 days after its upload, and then removes all of it', async ({ lfs }) => {
    const { by, store } = await home(lfs);
    const xorb = xorbOf(someChunks(2));
    const key = await store.uploadXorb(by, xorb);
    await store.publishChunk(xorb);
    const { sql } = lfs.hub.deps;
    const expireIn = (days: number) =>
      sql.execute({
        text: 'update xet_xorb set lease_until = lease_until - make_interval(days => $1)',
        values: [days],
      });
    await expireIn(21);
    await runXetSweep(lfs.hub.deps);
    expect(await isHere(lfs, xorb)).toBe(true);
    expect(await lfs.keys('xorbs/')).toContain(key);
    await expireIn(1);
    expect((await runXetSweep(lfs.hub.deps)).collectedXorbs).toBeGreaterThanOrEqual(1);
    expect(await isHere(lfs, xorb)).toBe(false);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });

  it('keeps what a committed file needs, and removes what only an uncommitted one needed', async ({
    lfs,
  }) => {
    const { repo, by, store } = await home(lfs);
    const [kept, dropped] = [xorbOf(someChunks(2)), xorbOf(someChunks(2))];
    const keptFile = await store.upload(by, kept);
    const droppedFile = await store.upload(by, dropped);
    await lfs.commitObjects(repo, keptFile);
    await endXorbLeases(lfs);
    await runXetSweep(lfs.hub.deps);
    expect([await isHere(lfs, kept), await isHere(lfs, dropped)]).toEqual([true, true]);
    await sweepAll(lfs);
    expect([await isHere(lfs, kept), await isHere(lfs, dropped)]).toEqual([true, false]);
    expect(await stateOf(lfs, keptFile)).toBe('present xorbs');
    expect(await stateOf(lfs, droppedFile)).toBe('gone nowhere');
    expect(await lfs.keys('xorbs/')).toHaveLength(1);
    await deleteRepo(lfs, repo);
    await sweepAll(lfs);
  });

  it('keeps the xorbs of a collected file for as long as clients may name them', async ({ lfs }) => {
    const { by, store } = await home(lfs);
    const xorb = xorbOf(someChunks(2));
    const file = await store.upload(by, xorb);
    await sweepAll(lfs);
    expect(await stateOf(lfs, file)).toBe('gone nowhere');
    expect(await isHere(lfs, xorb)).toBe(true);
    // A client goes on to name it.
    expect(await store.registerFile(by, file)).toBe(true);
    expect(await stateOf(lfs, file)).toBe('present xorbs');
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
    expect(await store.registerFile(by, file)).toBe(false);
    expect(await stateOf(lfs, file)).toBe('gone nowhere');
  });

  it('never removes the bytes of a xorb that is here, whatever the intents say', async ({ lfs }) => {
    const { by, store } = await home(lfs);
    const xorb = xorbOf(someChunks(1));
    const key = await store.uploadXorb(by, xorb);
    await announceBytes(lfs.hub.deps.sql, key!);
    await sweepAll(lfs);
    expect(await lfs.keys('xorbs/')).toEqual([key]);
    expect(await leftovers(lfs)).toMatchObject({ intents: 0 });
    await endXorbLeases(lfs);
    await runXetSweep(lfs.hub.deps);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });

  it('waits for an upload that names the xorb, and then keeps it', async ({ lfs }) => {
    const { by, store } = await home(lfs);
    const xorb = xorbOf(someChunks(1));
    await store.uploadXorb(by, xorb);
    await endXorbLeases(lfs);
    const { sql } = lfs.hub.deps;
    const { taking } = await sql.transaction(async (tx) => {
      await lockXorbs(tx, [xorb.id]);
      const taking = sql.transaction((gc) => takeUnneededXorbs(gc, [xorbIdBytes(xorb.id)]));
      while ((await tx.query({ text: 'select 1 from pg_locks where not granted' })).length === 0);
      return { taking };
    });
    expect(await taking).toEqual({ count: 0, keys: [] });
    expect(await isHere(lfs, xorb)).toBe(true);
    await endXorbLeases(lfs);
    await runXetSweep(lfs.hub.deps);
  });

  it('leaves a xorb alone while one of its repositories is being deleted', async ({ lfs }) => {
    const { repo, by, store } = await home(lfs);
    const xorb = xorbOf(someChunks(1));
    await store.uploadXorb(by, xorb);
    await endXorbLeases(lfs);
    await lfs.hub.deps.sql.transaction(async (tx) => {
      await tx.execute({ text: 'delete from repo where id = $1', values: [repo.id] });
      expect(await runXetSweep(lfs.hub.deps)).toMatchObject({ collectedXorbs: 0 });
    });
    expect(await runXetSweep(lfs.hub.deps)).toMatchObject({ collectedXorbs: 1 });
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });
});

describe('the sweep of objects', () => {
  it('takes blobs of which each is a part of the other one, in another form that nobody holds', async ({
    lfs,
  }) => {
    const { owner, repo, by, store } = await home(lfs);
    const [head, tail] = someChunks(2) as [Buffer, Buffer];
    const xorbs = [xorbOf([head, tail]), xorbOf([tail, head])];
    for (const xorb of xorbs) {
      await lfs.upload(owner, repo, wholeFile(xorb));
      await store.presentBlob(xorb);
    }
    for (const xorb of xorbs) {
      const swapped = [1, 0].map((start) => ({ xorb, start, end: start + 1 }));
      expect(await store.registerFile(by, fileOf(swapped))).toBe(true);
    }
    await lfs.commitObjects(repo, ...xorbs.map(wholeFile));
    await deleteRepo(lfs, repo);
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });

  it('keeps a blob while clients may name its parts', async ({ lfs }) => {
    const { owner, repo, store } = await home(lfs);
    const [named, silent] = [xorbOf(someChunks(2)), xorbOf(someChunks(2))];
    for (const xorb of [named, silent]) {
      await lfs.upload(owner, repo, wholeFile(xorb));
      await store.presentBlob(xorb);
    }
    await lfs.hub.deps.sql.transaction((tx) => lockXorbs(tx, [named.id]));
    await sweepAll(lfs);
    expect(await stateOf(lfs, wholeFile(named))).toBe('present blob');
    expect(await stateOf(lfs, wholeFile(silent))).toBe('gone blob');
    expect([await isHere(lfs, named), await isHere(lfs, silent)]).toEqual([true, false]);
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });

  it('keeps a blob while a file of another content is made of its parts', async ({ lfs }) => {
    const { owner, repo, by, store } = await home(lfs);
    const xorb = xorbOf(someChunks(3));
    const blob = wholeFile(xorb);
    await lfs.upload(owner, repo, blob);
    await store.presentBlob(xorb);
    const part = fileOf([{ xorb, start: 0, end: 2 }]);
    await store.registerFile(by, part);
    await lfs.commitObjects(repo, part);
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    expect([await stateOf(lfs, blob), await stateOf(lfs, part)]).toEqual(['present blob', 'present xorbs']);
    await deleteRepo(lfs, repo);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });

  it('keeps what was offered for a pull request for two days', async ({ lfs }) => {
    const { repo, by, store } = await home(lfs);
    const file = await store.upload(by, xorbOf(someChunks(1)));
    const { sql } = lfs.hub.deps;
    await sql.execute({ text: 'delete from lfs_link where repo_id = $1', values: [repo.id] });
    await sql.execute({
      text: `
        insert into lfs_offer (repo_id, sha256, user_id, xet_file_id)
        select $1, sha256, $3, id from xet_file where sha256 = decode($2, 'hex')`,
      values: [repo.id, file.sha256, by.uploaderId],
    });
    const expire = () =>
      sql.execute({ text: `update lfs_object set lease_until = now() - interval '1 second'` });
    await expire();
    expect(await runLfsSweep(lfs.hub.deps)).toMatchObject({ staleOffers: 0, collectedObjects: 0 });
    await sql.execute({ text: `update lfs_offer set created_at = now() - interval '49 hours'` });
    await sql.execute({ text: `update lfs_object set lease_until = now() + interval '1 hour'` });
    expect(await runLfsSweep(lfs.hub.deps)).toMatchObject({ staleOffers: 0, collectedObjects: 0 });
    await expire();
    expect(await runLfsSweep(lfs.hub.deps)).toMatchObject({ staleOffers: 1, collectedObjects: 1 });
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });
});

describe('the deletion of a repository', () => {
  it('lets its bytes go after their lease, and leaves others what they need', async ({ lfs }) => {
    const { owner, repo, by, store } = await home(lfs);
    const other = await lfs.bareRepo(owner);
    const [shared, own] = [xorbOf(someChunks(2)), xorbOf(someChunks(2))];
    for (const xorb of [shared, own]) await store.uploadXorb(by, xorb);
    const both = fileOf([
      { xorb: shared, start: 0, end: 2 },
      { xorb: own, start: 0, end: 2 },
    ]);
    const part = wholeFile(shared);
    for (const file of [both, part]) await store.registerFile(by, file);
    await lfs.commitObjects(repo, both, part);
    await lfs.commitObjects(other, part);
    const services = lfs.hub.services();
    await services.repos.delete(owner.actor, repo);
    await sweepAll(lfs);
    expect([await isHere(lfs, shared), await isHere(lfs, own)]).toEqual([true, true]);
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    expect([await isHere(lfs, shared), await isHere(lfs, own)]).toEqual([true, false]);
    expect(await stateOf(lfs, part)).toBe('present xorbs');
    const places = await findXorbs(lfs.hub.deps.sql, [shared.id]);
    const place = places.get(shared.id)!.place;
    expect(await lfs.keys('xorbs/')).toEqual([place.kind === 'stored' ? place.storageKey : '']);
    await services.repos.delete(owner.actor, other);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });
});

/** Contents that come by LFS and by Xet, as whole xorbs and as parts of two. */
function contents() {
  const xorbs = Array.from({ length: 5 }, () => xorbOf(someChunks(2, 60)));
  const mixes = xorbs.map((xorb, i) =>
    fileOf([
      { xorb, start: 0, end: 1 },
      { xorb: xorbs[(i + 1) % xorbs.length]!, start: 1, end: 2 },
    ]),
  );
  return { xorbs, mixes };
}

/** Things that must never be, as SQL. */
const DAMAGE = {
  'a committed object that is not here': `
    select 1 from lfs_link l join lfs_object o using (sha256) where o.state <> 'present' and l.committed_at is not null`,
  'an object that is nowhere': `
    select 1 from lfs_object o where o.state = 'present' and o.storage_key is null
      and not exists (select from xet_file f where f.sha256 = o.sha256)`,
  'a blob that a repository holds and that is not here': `
    select 1 from lfs_link l join lfs_object o using (sha256)
    where l.xet_file_id is null and o.storage_key is null and l.committed_at is not null`,
  'a file whose object is not here': `
    select 1 from xet_file f join lfs_object o using (sha256) where o.state <> 'present'`,
  'a part of a blob that is not here': `
    select 1 from xet_xorb x join lfs_object o on o.sha256 = x.blob_sha256 where o.state <> 'present' or o.storage_key is null`,
};

const NAMED_KEYS = {
  xet_xorb: 'select storage_key as key from xet_xorb where storage_key is not null',
  lfs_object: `select storage_key as key from lfs_object where state = 'present' and storage_key is not null`,
};

/** Keys that rows name and that have no bytes. What seems to be missing is looked at again under a lock that stops collectors. */
async function missingBytes(lfs: LfsWorld): Promise<string[]> {
  const { sql, store } = lfs.hub.deps;
  const missing: string[] = [];
  for (const text of Object.values(NAMED_KEYS)) {
    for (const { key } of await sql.query<{ key: string }>({ text })) {
      if (await store.stat(parseObjectKey(key))) continue;
      await sql.transaction(async (tx) => {
        const locked = await tx.query({
          text: `${text} and storage_key = $1 for no key update`,
          values: [key],
        });
        if (locked.length > 0 && !(await store.stat(parseObjectKey(key)))) missing.push(key);
      });
    }
  }
  return missing;
}

/** How long everything goes on at once, and at most until each thing has happened. */
const SWEEPING_MS = 6000;
const MAX_SWEEPING_MS = 60_000;

describe('all sweeps at once', () => {
  it('never take what is being uploaded and committed', { timeout: 90_000 }, async ({ lfs }) => {
    const { owner, store } = await home(lfs);
    const { sql } = lfs.hub.deps;
    const { xorbs, mixes } = contents();
    const startedAt = Date.now();
    const done = { byLfs: 0, byXet: 0, mixed: 0, presented: 0, commits: 0, checks: 0, objects: 0, xorbs: 0 };
    // A busy machine needs longer until each thing has happened.
    const goesOn = (): boolean => {
      const passedMs = Date.now() - startedAt;
      return passedMs < SWEEPING_MS || (passedMs < MAX_SWEEPING_MS && Object.values(done).includes(0));
    };
    const bringByLfs = async (repo: TestRepo, file: TestFile) => {
      const { actions } = await lfs.ask(owner, repo, 'upload', file);
      if (!actions?.upload || !actions.verify) return;
      const sent = await lfs.put(actions.upload.href, file.bytes);
      if (sent.statusCode !== 200) throw new Error(`PUT: ${sent.statusCode} ${sent.body}`);
      const verified = await lfs.verify(owner, actions.verify.href, file);
      // Collected before that: a client sends it again.
      if (verified.statusCode === 404) return;
      if (verified.statusCode !== 200) throw new Error(`verify: ${verified.statusCode} ${verified.body}`);
      done.byLfs++;
    };
    const bring = async (repo: TestRepo, by: Uploader, xorb: TestXorb, mix: TestFile) => {
      const way = Math.random();
      if (way < 0.4) await bringByLfs(repo, wholeFile(xorb));
      else await store.uploadXorb(by, xorb);
      if (way < 0.3 && (await store.presentBlob(xorb))) done.presented++;
      if (way > 0.5 && (await store.registerFile(by, wholeFile(xorb)))) done.byXet++;
      if (way > 0.2 && (await store.registerFile(by, mix))) done.mixed++;
    };
    // No leases: only the locks stand between writers and collectors.
    const endLeases = async () => {
      await sql.execute({
        text: `
          update lfs_object set lease_until = now() - interval '1 second' where sha256 in (
            select sha256 from lfs_object where touch % 2 = 0 order by sha256 for update
          )`,
      });
      await endXorbLeases(lfs);
    };
    const writer = async () => {
      while (goesOn()) {
        const repo = await lfs.bareRepo(owner);
        const by = { repoId: repo.id, uploaderId: owner.actor.kind === 'user' ? owner.actor.id : 0 };
        const some = [0, 1, 2, 3, 4].filter(() => Math.random() < 0.4);
        await Promise.all(some.map((i) => bring(repo, by, xorbs[i]!, mixes[i]!)));
        await endLeases();
        for (const files of [some.map((i) => wholeFile(xorbs[i]!)), some.map((i) => mixes[i]!)]) {
          try {
            await lfs.commitObjects(repo, ...files.toReversed());
            done.commits += files.length;
          } catch (error) {
            // Collected before the commit, or not brought in this way: a client sends it again.
            if (!(error instanceof LfsObjectMissing)) throw error;
          }
        }
        await deleteRepo(lfs, repo);
      }
    };
    const collector = async (sweep: () => Promise<unknown>) => {
      while (goesOn()) await sweep();
    };
    const checker = async () => {
      while (goesOn()) {
        for (const [what, text] of Object.entries(DAMAGE)) {
          expect([what, await sql.query({ text })]).toEqual([what, []]);
        }
        expect(await missingBytes(lfs)).toEqual([]);
        done.checks++;
      }
    };
    await Promise.all([
      collector(async () => (done.objects += (await runLfsSweep(lfs.hub.deps)).collectedObjects)),
      collector(async () => {
        await endXorbLeases(lfs);
        done.xorbs += (await runXetSweep(lfs.hub.deps)).collectedXorbs;
      }),
      checker(),
      writer(),
      writer(),
      writer(),
    ]);
    for (const [what, count] of Object.entries(done)) expect([what, count > 0]).toEqual([what, true]);
    await endXorbLeases(lfs);
    await sweepAll(lfs);
    await sweepAll(lfs);
    expect(await leftovers(lfs)).toEqual(NOTHING);
  });
});
