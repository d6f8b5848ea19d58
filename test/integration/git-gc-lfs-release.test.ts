import { randomInt } from 'node:crypto';
import { expect } from 'vitest';
import { releaseLfs } from '../../src/domain/gc/lfs-release.queries.ts';
import { linkLfsObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { chargeStorage } from '../../src/domain/quota/quota.queries.ts';
import { type Sha256, sha256ToBytes } from '../../src/lib/sha256.ts';
import { it, type LfsWorld, type TestRepo } from '../support/lfs-world.ts';
import { fileOf, someChunks, type TestXorb, wholeFile, XetStore, xorbOf } from '../support/xet-store.ts';

const CHUNK = 1008;

type Content = { readonly sha256: Sha256 };

async function home(lfs: LfsWorld) {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  const by = { repoId: repo.id, uploaderId: owner.actor.kind === 'user' ? owner.actor.id : 0 };
  return { owner, repo, by, store: new XetStore(lfs.hub) };
}

/** What a commit's transaction does. */
async function commit(lfs: LfsWorld, repo: TestRepo, ...contents: readonly Content[]): Promise<void> {
  await lfs.hub.deps.sql.transaction(async (tx) => {
    const { newlyCommittedBytes } = await linkLfsObjects(
      tx,
      repo.id,
      contents.map((content) => content.sha256),
    );
    await chargeStorage(tx, repo.id, newlyCommittedBytes);
  });
}

/** What the end of their last pointers does. There are no pointers in these repositories. */
function release(lfs: LfsWorld, repo: TestRepo, ...contents: readonly Content[]): Promise<number> {
  return lfs.hub.deps.sql.transaction(async (tx) => {
    const [store] = await tx.query<{ id: number }>({
      text: 'select id from git_store where repo_id = $1',
      values: [repo.id],
    });
    const sha256s = contents.map((content) => sha256ToBytes(content.sha256));
    const { bytes } = await releaseLfs(tx, { storeId: store!.id, repoId: repo.id }, sha256s);
    await chargeStorage(tx, repo.id, -bytes);
    return bytes;
  });
}

async function usedBytes(lfs: LfsWorld, repo: TestRepo): Promise<number> {
  const [row] = await lfs.hub.deps.sql.query<{ used: number }>({
    text: 'select used_bytes as used from repo where id = $1',
    values: [repo.id],
  });
  return row!.used;
}

async function findings(lfs: LfsWorld, repo: TestRepo): Promise<string[]> {
  const found: string[] = [];
  await lfs.hub.services().fsck.runAsOperator(({ where, message }) => {
    if (where.includes(repo.name)) found.push(message);
  });
  return found;
}

it('gives back what no other file of the repository needs', async ({ lfs }) => {
  const { repo, by, store } = await home(lfs);
  const xorb = xorbOf(someChunks(5));
  await store.uploadXorb(by, xorb);
  const [first, second] = [fileOf([{ xorb, start: 0, end: 3 }]), fileOf([{ xorb, start: 2, end: 5 }])];
  for (const file of [first, second]) await store.registerFile(by, file);
  await commit(lfs, repo, first, second);
  expect(await release(lfs, repo, first)).toBe(2 * CHUNK);
  expect(await findings(lfs, repo)).toEqual([]);
  expect(await release(lfs, repo, first)).toBe(0);
  expect(await release(lfs, repo, second)).toBe(3 * CHUNK);
  expect(await usedBytes(lfs, repo)).toBe(0);
  expect(await findings(lfs, repo)).toEqual([]);
  await commit(lfs, repo, first);
  expect(await usedBytes(lfs, repo)).toBe(3 * CHUNK);
  expect(await findings(lfs, repo)).toEqual([]);
});

it('charges for parts of a blob that are needed when the blob is not', async ({ lfs }) => {
  const { owner, repo, by, store } = await home(lfs);
  const xorb = xorbOf(someChunks(4));
  const blob = wholeFile(xorb);
  await lfs.upload(owner, repo, blob);
  await store.presentBlob(xorb);
  const part = fileOf([{ xorb, start: 1, end: 3 }]);
  await store.registerFile(by, part);
  await commit(lfs, repo, blob, part);
  expect(await release(lfs, repo, blob)).toBe(4000 - 2 * CHUNK);
  expect(await usedBytes(lfs, repo)).toBe(2 * CHUNK);
  expect(await findings(lfs, repo)).toEqual([]);
  await commit(lfs, repo, blob);
  expect(await release(lfs, repo, part)).toBe(0);
  expect(await usedBytes(lfs, repo)).toBe(4000);
  expect(await findings(lfs, repo)).toEqual([]);
});

it('agrees with what is charged for what is left, in any order', async ({ lfs }) => {
  for (let round = 0; round < 4; round++) {
    const { owner, repo, by, store } = await home(lfs);
    const uploaded: TestXorb[] = Array.from({ length: 3 }, () => xorbOf(someChunks(4)));
    for (const xorb of uploaded) await store.uploadXorb(by, xorb);
    const presented = [xorbOf(someChunks(4)), xorbOf(someChunks(3))];
    const contents: Content[] = [];
    for (const xorb of presented) {
      const blob = wholeFile(xorb);
      await lfs.upload(owner, repo, blob);
      await store.presentBlob(xorb);
      contents.push(blob);
    }
    for (let made = 0; made < 6; made++) {
      const terms = Array.from({ length: randomInt(1, 4) }, () => {
        const xorb = [...uploaded, ...presented][randomInt(5)]!;
        const start = randomInt(3);
        return { xorb, start, end: randomInt(start + 1, 4) };
      });
      const file = fileOf(terms);
      await store.registerFile(by, file);
      contents.push(file);
    }
    for (let step = 0; step < 12; step++) {
      const some = [...new Set(Array.from({ length: randomInt(1, 4) }, () => contents[randomInt(8)]!))];
      await (step % 3 === 2 ? release(lfs, repo, ...some) : commit(lfs, repo, ...some));
      expect(await findings(lfs, repo)).toEqual([]);
    }
    await release(lfs, repo, ...contents);
    expect(await usedBytes(lfs, repo)).toBe(0);
    expect(await findings(lfs, repo)).toEqual([]);
  }
});
