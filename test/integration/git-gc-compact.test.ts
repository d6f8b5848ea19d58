import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { mergeSegments } from '../../src/domain/gc/compact.ts';
import { findStoresToCompact, listLiveSegments } from '../../src/domain/gc/compact.queries.ts';
import type { StoreReport } from '../../src/domain/gc/gc.service.ts';
import { segmentObjectKeys } from '../../src/domain/version/segment.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { DAY, type GcRepo, type GcWorld, it, NOW } from './git-gc-world.ts';

async function manyCommits(world: GcWorld, repo: GcRepo, count: number): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const path = `d${index % 5}/f${index}.txt`;
    const content = `content ${index} `.repeat(1 + (index % 200));
    files.set(path, content);
    await world.change(repo, 'main', { [path]: content });
  }
  return files;
}

async function live(world: GcWorld, repo: GcRepo) {
  return (await world.segments(repo)).filter((segment) => segment.state === 'live');
}

async function expectFiles(world: GcWorld, repo: GcRepo, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, content] of files) expect(await world.file(repo, 'main', path)).toBe(content);
}

describe('compaction', () => {
  it('makes one segment of many, and every file is what it was', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const files = await manyCommits(gcWorld, repo, 60);
    const large = randomBytes(200_000);
    await gcWorld.change(repo, 'main', { 'large.bin': large, 'another.bin': randomBytes(70_000) });
    const before = { objects: await gcWorld.objects(repo), bytes: await gcWorld.usedBytes(repo) };
    expect(await findStoresToCompact(gcWorld.hub.deps.sql)).toContain(repo.storeId);
    const done = await gcWorld.gc.compact(repo.storeId, DAY);
    expect(done.newSegments).toBeLessThan(3);
    expect(done.replacedSegments).toBeGreaterThan(50);
    expect((await live(gcWorld, repo)).length).toBeLessThan(5);
    expect(await findStoresToCompact(gcWorld.hub.deps.sql)).not.toContain(repo.storeId);
    expect(await gcWorld.objects(repo)).toEqual(before.objects);
    expect(await gcWorld.usedBytes(repo)).toBe(before.bytes);
    expect(await gcWorld.problems()).toEqual([]);
    await expectFiles(gcWorld, repo, files);
    // Once more finds nothing to do.
    expect((await gcWorld.gc.compact(repo.storeId, DAY)).newSegments).toBe(0);
  });

  it('leaves replaced segments for as long as somebody may read them, then removes rows and bytes', async ({
    gcWorld,
  }) => {
    const repo = await gcWorld.gcRepo();
    const files = await manyCommits(gcWorld, repo, 52);
    await gcWorld.change(repo, 'main', { 'large.bin': randomBytes(200_000) });
    await mergeAll(gcWorld, repo);
    const replaced = (await gcWorld.segments(repo)).filter((segment) => segment.state === 'replaced');
    const keys = replaced.flatMap(({ storage_key: key }) =>
      key === null ? [] : Object.values(segmentObjectKeys(key)),
    );
    expect(keys).toHaveLength(2);
    await gcWorld.gc.removeReplaced(DAY);
    await runLfsSweep(gcWorld.hub.deps);
    for (const key of keys) expect(await gcWorld.hub.deps.store.stat(key)).not.toBeNull();
    await gcWorld.age(repo, 25);
    expect(await gcWorld.gc.removeReplaced(DAY)).toBe(replaced.length);
    await runLfsSweep(gcWorld.hub.deps);
    for (const key of keys) expect(await gcWorld.hub.deps.store.stat(key)).toBeNull();
    expect((await gcWorld.segments(repo)).every((segment) => segment.state === 'live')).toBe(true);
    expect(await gcWorld.problems()).toEqual([]);
    await expectFiles(gcWorld, repo, files);
  });

  it('never removes a segment in which an object lies, whatever its state says', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    await gcWorld.hub.deps.sql.execute({
      text: `update git_segment set state = 'replaced', replaced_at = now() - interval '9 days' where store_id = $1`,
      values: [repo.storeId],
    });
    await gcWorld.gc.removeReplaced(NOW);
    expect(await gcWorld.segments(repo)).toHaveLength(1);
    await gcWorld.hub.services().repos.delete(repo.owner.actor, repo.ref);
  });

  it('goes on beside commits, and loses none of them', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const files = await manyCommits(gcWorld, repo, 30);
    const writing = new AbortController();
    const compacting = (async () => {
      let merged = 0;
      while (!writing.signal.aborted) merged += await mergeAll(gcWorld, repo);
      return merged;
    })();
    for (let index = 0; index < 60; index++) {
      // Every other one brings an old content, whose row is being moved at that moment.
      const content = index % 2 ? `new ${index}` : files.get(`d${index % 5}/f${index % 30}.txt`)!;
      files.set(`n${index}.txt`, content);
      await gcWorld.change(repo, 'main', { [`n${index}.txt`]: content });
    }
    writing.abort();
    expect(await compacting).toBeGreaterThan(30);
    expect(await gcWorld.problems()).toEqual([]);
    await expectFiles(gcWorld, repo, files);
  });

  it('does not copy damage: the segment stays, and what it held', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    await gcWorld.change(repo, 'main', { 'large.bin': randomBytes(200_000) });
    const stored = (await live(gcWorld, repo)).find((segment) => segment.storage_key !== null)!;
    const { pack } = segmentObjectKeys(stored.storage_key!);
    const { store } = gcWorld.hub.deps;
    const bytes = await store.read(pack, { start: 0 });
    for (const [damaged, complaint] of [
      [flipped(bytes, 100_000), 'is damaged'],
      [bytes.subarray(0, 150_000), /is damaged|range/],
    ] as const) {
      await store.delete(pack);
      await store.put(pack, damaged, { sizeBytes: damaged.length });
      await expect(mergeAll(gcWorld, repo)).rejects.toThrow(complaint);
      expect((await live(gcWorld, repo)).map((segment) => segment.id)).toContain(stored.id);
    }
    await store.delete(pack);
    await store.put(pack, bytes, { sizeBytes: bytes.length });
    expect(await mergeAll(gcWorld, repo)).toBeGreaterThan(0);
    expect(await gcWorld.problems()).toEqual([]);
  });

  it('leaves nothing when it dies between bytes and rows, or is forestalled', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const { sql, store } = gcWorld.hub.deps;
    await gcWorld.change(repo, 'main', { 'large.bin': randomBytes(200_000) });
    await gcWorld.change(repo, 'main', { 'larger.bin': randomBytes(300_000) });
    const segments = await listLiveSegments(sql, repo.storeId);
    const before = await gcWorld.segments(repo);
    // The idx is the last thing that is stored before the rows.
    const dying = { sql, store: dyingAtIdx(store) };
    await expect(mergeSegments(dying, repo.storeId, { segments })).rejects.toThrow('died');
    expect(await gcWorld.segments(repo)).toEqual(before);
    expect(await gcWorld.problems()).toEqual([]);
    await sql.execute({ text: `update storage_intent set expires_at = now() - interval '1 second'` });
    await runLfsSweep(gcWorld.hub.deps);
    const { objects } = await store.list({ prefix: 'segments/' });
    const stored = await sql.query<{ key: string }>({
      text: 'select storage_key as key from git_segment where storage_key is not null',
    });
    expect(objects.map(({ key }) => key.replace(/\.(pack|idx)$/, '')).sort()).toEqual(
      stored.flatMap(({ key }) => [key, key]).sort(),
    );
    await mergeSegments(gcWorld.hub.deps, repo.storeId, { segments });
    expect(await gcWorld.problems()).toEqual([]);
  });

  it('keeps garbage old: what is merged goes with the next collection', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    await gcWorld.lostBranch(repo, { 'lost.txt': 'lost' });
    await gcWorld.age(repo, 30);
    await manyCommits(gcWorld, repo, 55);
    await gcWorld.gc.compact(repo.storeId, DAY);
    expect((await gcWorld.collect(repo, DAY)).freed.commits).toBe(1);
    expect(await gcWorld.problems()).toEqual([]);
  });
});

describe('segments that are mostly dead', () => {
  it('are rewritten when garbage is collected, and removed when all is dead', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const kept = randomBytes(100_000);
    await gcWorld.branch(repo, 'side');
    await gcWorld.change(repo, 'side', { 'lost.bin': randomBytes(3_000_000), 'kept.bin': kept });
    await gcWorld.change(repo, 'main', { 'kept.bin': kept });
    await gcWorld.lostBranch(repo, { 'all lost.bin': randomBytes(200_000) });
    await gcWorld.unbranch(repo, 'side');
    const { freed, compacted } = await gcWorld.collect(repo);
    expect(freed.packedBytes).toBeGreaterThan(3_200_000);
    expect(compacted).toMatchObject({ replacedSegments: 1, newSegments: 1 });
    expect(compacted.writtenBytes).toBeLessThan(110_000);
    const stored = (await live(gcWorld, repo)).filter((segment) => segment.storage_key !== null);
    expect(stored.map((segment) => segment.kind)).toEqual(expect.arrayContaining(['compact']));
    expect(await gcWorld.problems()).toEqual([]);
    const answer = await gcWorld.read(
      repo.owner,
      `/${repo.ref.namespace}/${repo.ref.name}/resolve/main/kept.bin`,
    );
    expect(answer.rawPayload.equals(kept)).toBe(true);
  });
});

describe('the command of the operator', () => {
  it('says what would be freed and changes nothing, then frees that', async ({ gcWorld }) => {
    const repo = await gcWorld.gcRepo();
    const object = gcWorld.object(7000);
    await gcWorld.upload(repo.owner, repo.ref, object);
    await gcWorld.branch(repo, 'side');
    await gcWorld.commitObject(repo, 'side', 'large.bin', object);
    await gcWorld.change(repo, 'side', { 'a.txt': 'a' });
    await gcWorld.unbranch(repo, 'side');
    await manyCommits(gcWorld, repo, 55);
    await gcWorld.age(repo, 30);
    const before = await dump(gcWorld, repo);
    const label = `model:${repo.ref.namespace}/${repo.ref.name}`;
    const run = async (isDryRun: boolean) => {
      const reports: StoreReport[] = [];
      const summary = await gcWorld.gc.runAsOperator({
        repo: label,
        isDryRun,
        onReport: (report) => reports.push(report),
      });
      expect(summary.stores).toBe(1);
      return reports[0]!;
    };
    const expected = await run(true);
    expect(await dump(gcWorld, repo)).toEqual(before);
    expect(expected).toMatchObject({ label, freed: { commits: 2, lfsObjects: 1, lfsBytes: 7000 } });
    expect(expected.compacted.replacedSegments).toBeGreaterThan(50);
    const done = await run(false);
    expect(done.freed).toEqual(expected.freed);
    expect((await run(true)).freed.objects).toBe(0);
    expect(await gcWorld.problems()).toEqual([]);
  });

  it('knows no repository of that name', async ({ gcWorld }) => {
    const nothing = { repo: 'model:nobody/nothing', isDryRun: true, onReport: () => {} };
    await expect(gcWorld.gc.runAsOperator(nothing)).rejects.toThrow('no repository');
  });
});

/** Merges all segments of a store, whatever a plan would say. Returns how many it replaced. */
async function mergeAll({ hub }: GcWorld, { storeId }: GcRepo): Promise<number> {
  const segments = await listLiveSegments(hub.deps.sql, storeId);
  return (await mergeSegments(hub.deps, storeId, { segments })).replacedSegments;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

/** The real store, and a machine that stops when an idx is to be stored. */
function dyingAtIdx(store: GcWorld['hub']['deps']['store']): typeof store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'put') {
        return (...[key, body, options]: Parameters<typeof store.put>) =>
          key.endsWith('.idx') ? Promise.reject(new Error('died')) : target.put(key, body, options);
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Everything that garbage collection could change. */
async function dump({ hub }: GcWorld, { storeId, access }: GcRepo): Promise<object> {
  const tables: Record<string, object[]> = {};
  for (const table of ['git_object', 'git_commit', 'git_segment', 'path_change', 'git_collection'])
    tables[table] = await hub.deps.sql.query({
      text: `select md5(t::text) as row from ${table} t where store_id = $1 order by 1`,
      values: [storeId],
    });
  for (const table of ['lfs_link', 'lfs_history'])
    tables[table] = await hub.deps.sql.query({
      text: `select md5(t::text) as row from ${table} t where repo_id = $1 order by 1`,
      values: [access.id],
    });
  tables['repo'] = await hub.deps.sql.query({
    text: 'select used_bytes from repo where id = $1',
    values: [access.id],
  });
  tables['storage_intent'] = await hub.deps.sql.query({
    text: 'select key from storage_intent order by key',
  });
  return tables;
}
