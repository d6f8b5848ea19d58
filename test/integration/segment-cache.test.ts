import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readStoreSnapshot, type StoreSnapshot } from '../../src/domain/git/git-refs.queries.ts';
import { SegmentCache } from '../../src/domain/git/segment-cache.ts';
import { packSumOf } from '../../src/git/pack-index.ts';
import { it as base } from '../support/it.ts';

interface Cached {
  /** A cache over an own directory, or over that of an earlier one. */
  readonly open: (maxBytes?: number, directory?: string) => SegmentCache;
  readonly directory: string;
  /** A repository with a segment in the object store and some in their rows. */
  readonly store: () => Promise<{ id: number; snapshot: StoreSnapshot; bytes: number }>;
}

const GIB = 2 ** 30;

const it = base.extend('cached', async ({ hub, world }, { onCleanup }): Promise<Cached> => {
  const directory = await mkdtemp(join(tmpdir(), 'segment-cache-'));
  onCleanup(() => rm(directory, { recursive: true }));
  const { sql, store } = hub.deps;
  return {
    directory,
    open: (maxBytes = GIB) => new SegmentCache({ directory, maxBytes, sql, store }),
    store: async () => {
      const owner = await world.user();
      const repo = await world.repo(owner);
      await world.commit(owner, repo, { 'large.bin': randomBytes(100_000) });
      const { storeId: id } = await hub.services().access.require(owner.actor, repo, 'read');
      const snapshot = await readStoreSnapshot(sql, id);
      const bytes = snapshot.segments.reduce((sum, one) => sum + one.packBytes + 1072 + 28 * one.objects, 0);
      return { id, snapshot, bytes };
    },
  };
});

function filesOf(segments: StoreSnapshot['segments']): string[] {
  return segments.flatMap(({ packSum }) => [`pack-${packSum}.idx`, `pack-${packSum}.pack`]).sort();
}

async function packsOf(directory: string): Promise<string[]> {
  return (await readdir(join(directory, 'pack'))).sort();
}

it('has a pack and its idx for each segment, from rows and from the object store', async ({ cached }) => {
  const { id, snapshot, bytes } = await cached.store();
  expect(new Set(snapshot.segments.map(({ storageKey }) => storageKey === null))).toEqual(
    new Set([true, false]),
  );
  const cache = cached.open();
  using held = await cache.hold(id, snapshot.segments);
  const expected = snapshot.segments.flatMap(({ packSum }) => [
    `pack-${packSum}.idx`,
    `pack-${packSum}.pack`,
  ]);
  expect(await packsOf(held.directory)).toEqual([...new Set(expected)].sort());
  for (const { packSum } of snapshot.segments) {
    const idx = await readFile(join(held.directory, 'pack', `pack-${packSum}.idx`));
    expect(packSumOf(idx).toString('hex')).toBe(packSum);
  }
  expect(cache.totalBytes).toBe(bytes);
  expect(await readdir(join(cached.directory, 'tmp'))).toEqual([]);
});

it('fetches a segment once, however many want it at the same time', async ({ cached }) => {
  const { id, snapshot, bytes } = await cached.store();
  const cache = cached.open();
  const helds = await Promise.all(Array.from({ length: 10 }, () => cache.hold(id, snapshot.segments)));
  expect(cache.totalBytes).toBe(bytes);
  for (const held of helds) held[Symbol.dispose]();
});

it('shares bytes with the directory store', async ({ cached }) => {
  const { id, snapshot } = await cached.store();
  using held = await cached.open().hold(id, snapshot.segments);
  const stored = snapshot.segments.find(({ storageKey }) => storageKey !== null)!;
  expect((await stat(join(held.directory, 'pack', `pack-${stored.packSum}.pack`))).nlink).toBe(2);
});

it('removes the stores that were not used for longest, but none in use', async ({ cached }) => {
  const [first, second, third] = [await cached.store(), await cached.store(), await cached.store()];
  // They differ by a few bytes: room for any two of them.
  const cache = cached.open(2 * Math.max(first.bytes, second.bytes, third.bytes));
  const heldFirst = await cache.hold(first.id, first.snapshot.segments);
  for (const { id, snapshot } of [second, third]) (await cache.hold(id, snapshot.segments))[Symbol.dispose]();
  expect(cache.totalBytes).toBe(first.bytes + third.bytes);
  heldFirst[Symbol.dispose]();
  using again = await cache.hold(second.id, second.snapshot.segments);
  expect(await packsOf(again.directory)).not.toEqual([]);
  (await cache.hold(third.id, third.snapshot.segments))[Symbol.dispose]();
  expect(cache.totalBytes).toBe(second.bytes + third.bytes);
  await expect
    .poll(async () => (await readdir(cached.directory)).filter((name) => /^\d+$/.test(name)).sort())
    .toEqual([String(second.id), String(third.id)].sort());
});

it('keeps what is whole over a restart, and removes what a crash left', async ({ cached }) => {
  const { id, snapshot, bytes } = await cached.store();
  const packs = await cached
    .open()
    .hold(id, snapshot.segments)
    .then(({ directory }) => join(directory, 'pack'));
  const before = await stat(join(packs, `pack-${snapshot.segments[0]!.packSum}.idx`));
  const broken = join(packs, `pack-${snapshot.segments[1]!.packSum}.pack`);
  await rm(broken);
  await writeFile(broken, 'cut');
  await writeFile(join(cached.directory, 'tmp', 'draft'), 'half a pack');
  await mkdir(join(cached.directory, 'views', 'old', 'objects'), { recursive: true });
  const next = cached.open();
  using held = await next.hold(id, snapshot.segments);
  expect(await readdir(join(cached.directory, 'tmp'))).toEqual([]);
  expect(await readdir(join(cached.directory, 'views'))).toEqual([]);
  expect((await stat(broken)).size).toBe(snapshot.segments[1]!.packBytes);
  const after = await stat(join(held.directory, 'pack', `pack-${snapshot.segments[0]!.packSum}.idx`));
  expect(after.ino).toBe(before.ino);
  expect(next.totalBytes).toBeGreaterThanOrEqual(bytes);
});

it('drops a store once, and not again at once', async ({ cached }) => {
  const { id, snapshot } = await cached.store();
  const cache = cached.open();
  using held = await cache.hold(id, snapshot.segments);
  expect(await held.drop()).toBe(true);
  expect(cache.totalBytes).toBe(0);
  using again = await cache.hold(id, snapshot.segments);
  expect(await packsOf(again.directory)).not.toEqual([]);
  expect(await again.drop()).toBe(false);
});

it('removes packs whose segments were replaced, when nobody uses the store', async ({ cached }) => {
  const { id, snapshot } = await cached.store();
  const cache = cached.open();
  const old = await cache.hold(id, snapshot.segments);
  const [kept, ...replaced] = snapshot.segments;
  const next = await cache.hold(id, [kept!]);
  next[Symbol.dispose]();
  expect(await packsOf(old.directory)).toEqual(filesOf(snapshot.segments));
  old[Symbol.dispose]();
  (await cache.hold(id, [kept!]))[Symbol.dispose]();
  using after = await cache.hold(id, [kept!]);
  expect(await packsOf(after.directory)).toEqual(filesOf([kept!]));
  expect(cache.totalBytes).toBe(kept!.packBytes + 1072 + 28 * kept!.objects);
  // A request that read its list of segments before.
  using late = await cache.hold(id, replaced);
  expect(await packsOf(late.directory)).toEqual(filesOf(snapshot.segments));
});

it('says so when the bytes are gone, and leaves nothing half done', async ({ cached, hub }) => {
  const { id, snapshot } = await cached.store();
  await hub.deps.sql.execute({ text: 'delete from git_object where store_id = $1', values: [id] });
  await hub.deps.sql.execute({ text: 'delete from git_segment where store_id = $1', values: [id] });
  const cache = cached.open();
  await expect(cache.hold(id, snapshot.segments)).rejects.toMatchObject({ code: 'Unavailable' });
  await expect.poll(() => readdir(join(cached.directory, 'tmp'))).toEqual([]);
});
