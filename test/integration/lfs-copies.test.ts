import { describe, expect } from 'vitest';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { parseObjectKey } from '../../src/storage/keys.ts';
import { it, isOnS3, type LfsWorld, type TestObject, type TestRepo } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';

async function bring(lfs: LfsWorld, owner: TestUser, repo: TestRepo, object: TestObject): Promise<void> {
  await lfs.upload(owner, repo, object);
  await lfs.commitObjects(repo, object);
}

/** Where a member of the repository is sent for the bytes. */
async function hrefOf(lfs: LfsWorld, user: TestUser, repo: TestRepo, object: TestObject): Promise<string> {
  const { actions } = await lfs.ask(user, repo, 'download', object);
  return actions!.download!.href;
}

async function bytesOf(lfs: LfsWorld, user: TestUser, repo: TestRepo, object: TestObject): Promise<Buffer> {
  return (await lfs.get(await hrefOf(lfs, user, repo, object))).rawPayload;
}

/** The key in a URL of an object store. */
function keyIn(href: string): string {
  return /lfs\/.*$/.exec(new URL(href).pathname)![0];
}

async function keysOf(lfs: LfsWorld, { sha256 }: TestObject): Promise<readonly string[]> {
  return (await lfs.keys('lfs/')).filter((key) => key.includes(sha256));
}

/** What `hub fsck` says of the object. */
async function problemsOf(lfs: LfsWorld, { sha256 }: TestObject): Promise<readonly string[]> {
  const problems: string[] = [];
  await lfs.hub.services().fsck.runAsOperator(({ code, where }) => {
    if (where.includes(sha256)) problems.push(code);
  });
  return problems;
}

async function sweep(lfs: LfsWorld) {
  for (const text of [
    `update lfs_object set lease_until = now() - interval '1 second'`,
    `update storage_intent set expires_at = now() - interval '1 second'`,
  ])
    await lfs.hub.deps.sql.execute({ text });
  return runLfsSweep(lfs.hub.deps);
}

/** Two who cannot see each other's repositories have brought the same bytes, one after the other. */
async function twoHomes(lfs: LfsWorld) {
  const object = lfs.object();
  const [first, second] = [await lfs.user(), await lfs.user()];
  const homes = [
    { owner: first, repo: await lfs.bareRepo(first, { isPrivate: true }) },
    { owner: second, repo: await lfs.bareRepo(second, { isPrivate: true }) },
  ] as const;
  for (const { owner, repo } of homes) await bring(lfs, owner, repo, object);
  return { object, homes };
}

describe('bytes that a hidden repository has, too', () => {
  it('are fetched under a key of their own where the store tells since when it has them', async ({
    lfs,
    skip,
  }) => {
    skip(!isOnS3, 'the hub itself tells no dates');
    const { object, homes } = await twoHomes(lfs);
    const keys = await Promise.all(
      homes.map(async ({ owner, repo }) => keyIn(await hrefOf(lfs, owner, repo, object))),
    );
    expect(new Set(keys).size).toBe(2);
    // Nor do the keys tell which was first.
    const form = new RegExp(`^lfs/[0-9a-f]{2}/[0-9a-f]{2}/${object.sha256}-[0-9a-f-]{36}$`);
    for (const key of keys) expect(key).toMatch(form);
    const brought = await lfs.hub.deps.store.stat(parseObjectKey(keys[1]!));
    const answer = await lfs.get(await hrefOf(lfs, homes[1].owner, homes[1].repo, object));
    expect(Date.parse(String(answer.headers['last-modified']))).toBe(
      Math.floor(brought!.modifiedAt.getTime() / 1000) * 1000,
    );
  });

  it('are stored once where the hub serves them itself, and its answers tell nothing', async ({
    lfs,
    skip,
  }) => {
    skip(isOnS3, 'see above');
    const { object, homes } = await twoHomes(lfs);
    await expect.poll(() => keysOf(lfs, object), { timeout: 10_000 }).toHaveLength(1);
    const alone = lfs.object();
    await bring(lfs, homes[1].owner, homes[1].repo, alone);
    const seen = [object, alone].map(async (each) => {
      const { statusCode, headers } = await lfs.get(await hrefOf(lfs, homes[1].owner, homes[1].repo, each));
      return { statusCode, names: Object.keys(headers) };
    });
    const [shared, own] = await Promise.all(seen);
    expect(shared).toEqual(own);
    expect(shared!.names).not.toContain('last-modified');
  });

  it('stay for one when the other has gone', async ({ lfs }) => {
    const { object, homes } = await twoHomes(lfs);
    const [first, second] = homes;
    const { repos } = lfs.hub.services();
    await repos.delete(first.owner.actor, first.repo);
    await sweep(lfs);
    expect((await bytesOf(lfs, second.owner, second.repo, object)).equals(object.bytes)).toBe(true);
    expect(await problemsOf(lfs, object)).toEqual([]);
    await repos.delete(second.owner.actor, second.repo);
    await sweep(lfs);
    expect(await keysOf(lfs, object)).toEqual([]);
  });

  it('are collected as soon as nobody holds the copy', async ({ lfs }) => {
    const { object, homes } = await twoHomes(lfs);
    const [first, second] = homes;
    await lfs.hub.services().repos.delete(second.owner.actor, second.repo);
    expect((await sweep(lfs)).collectedCopies).toBe(isOnS3 ? 1 : 0);
    expect(await keysOf(lfs, object)).toHaveLength(1);
    expect((await bytesOf(lfs, first.owner, first.repo, object)).equals(object.bytes)).toBe(true);
    expect(await problemsOf(lfs, object)).toEqual([]);
  });

  it('are those of the repository from which somebody takes them', async ({ lfs, skip }) => {
    skip(!isOnS3, 'the hub itself tells no dates');
    const object = lfs.object();
    const [hidden, owner, reader] = [await lfs.user(), await lfs.user(), await lfs.user()];
    await bring(lfs, hidden, await lfs.bareRepo(hidden, { isPrivate: true }), object);
    const open = await lfs.bareRepo(owner);
    await bring(lfs, owner, open, object);
    const taken = await lfs.bareRepo(reader);
    expect((await lfs.ask(reader, taken, 'upload', object)).actions, 'nothing to send').toBeUndefined();
    await lfs.ensure(reader, taken, object);
    await lfs.commitObjects(taken, object);
    expect(keyIn(await hrefOf(lfs, reader, taken, object))).toBe(
      keyIn(await hrefOf(lfs, owner, open, object)),
    );
    await lfs.hub.services().repos.delete(owner.actor, open);
    expect((await sweep(lfs)).collectedCopies).toBe(0);
    expect((await bytesOf(lfs, reader, taken, object)).equals(object.bytes)).toBe(true);
  });

  it('are looked at by fsck', async ({ lfs, skip }) => {
    skip(!isOnS3, 'there is no copy');
    const { object, homes } = await twoHomes(lfs);
    expect(await problemsOf(lfs, object)).toEqual([]);
    const copyKey = keyIn(await hrefOf(lfs, homes[1].owner, homes[1].repo, object));
    const { store } = lfs.hub.deps;
    await store.delete(parseObjectKey(copyKey));
    expect(await problemsOf(lfs, object)).toEqual(['lfs-missing']);
    await store.put(parseObjectKey(copyKey), Buffer.alloc(object.bytes.length), {
      sizeBytes: object.bytes.length,
    });
    expect(await problemsOf(lfs, object)).toEqual(['lfs-corrupt']);
  });
});
