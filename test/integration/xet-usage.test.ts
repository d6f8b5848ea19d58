import { expect } from 'vitest';
import { QuotaExceeded } from '../../src/domain/errors.ts';
import { linkLfsObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { chargeStorage } from '../../src/domain/quota/quota.queries.ts';
import type { Sha256 } from '../../src/lib/sha256.ts';
import { it, type LfsWorld, type TestRepo } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';
import {
  fileOf,
  someChunks,
  type TestFile,
  type TestXorb,
  wholeFile,
  XetStore,
  xorbOf,
} from '../support/xet-store.ts';

/** A chunk of 1000 bytes with its header. */
const CHUNK = 1008;

async function home(lfs: LfsWorld) {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  return { owner, repo, by: by(owner, repo), store: new XetStore(lfs.hub) };
}

function by(user: TestUser, repo: TestRepo) {
  return { repoId: repo.id, uploaderId: user.actor.kind === 'user' ? user.actor.id : 0 };
}

/** What a commit's transaction does with its files. @returns the bytes it charged. */
function commit(lfs: LfsWorld, repo: TestRepo, ...files: readonly { sha256: Sha256 }[]): Promise<number> {
  return lfs.hub.deps.sql.transaction(async (tx) => {
    const sha256s = files.map((file) => file.sha256);
    const { newlyCommittedBytes } = await linkLfsObjects(tx, repo.id, sha256s);
    await chargeStorage(tx, repo.id, newlyCommittedBytes);
    return newlyCommittedBytes;
  });
}

async function usedBytes(lfs: LfsWorld, repo: TestRepo): Promise<number> {
  const [row] = await lfs.hub.deps.sql.query<{ used: number }>({
    text: 'select used_bytes as used from repo where id = $1',
    values: [repo.id],
  });
  return row!.used;
}

async function ranges(lfs: LfsWorld, repo: TestRepo): Promise<(string | null)[]> {
  const rows = await lfs.hub.deps.sql.query<{ used: string | null }>({
    text: 'select used::text as used from xet_repo_xorb where repo_id = $1 order by xorb_id',
    values: [repo.id],
  });
  return rows.map((row) => row.used);
}

/** Whether fsck agrees with the counters of the repository. */
async function counterFindings(lfs: LfsWorld, repo: TestRepo): Promise<string[]> {
  const found: string[] = [];
  await lfs.hub.services().fsck.runAsOperator(({ code, where, message }) => {
    if (where.includes(repo.name)) found.push(`${code} ${message}`);
  });
  return found;
}

/** A file and an LFS blob that is presented as the same chunks and one more. */
async function fileInBlob(lfs: LfsWorld) {
  const made = await home(lfs);
  const xorb = xorbOf(someChunks(4));
  const blob = wholeFile(xorb);
  await lfs.upload(made.owner, made.repo, blob);
  await made.store.presentBlob(xorb);
  const part = fileOf([{ xorb, start: 1, end: 3 }]);
  await made.store.registerFile(made.by, part);
  return { ...made, blob, part };
}

/** A file of the first chunks of all xorbs, and of the last ones of the first. */
function across(xorbs: readonly TestXorb[], start: number): TestFile {
  const firsts = xorbs.map((xorb) => ({ xorb, start: 0, end: 2 }));
  return fileOf([...firsts, { xorb: xorbs[0]!, start, end: 3 }]);
}

it('charges bytes that two files share once', async ({ lfs }) => {
  const { repo, by, store } = await home(lfs);
  const xorb = xorbOf(someChunks(5));
  await store.uploadXorb(by, xorb);
  const first = fileOf([{ xorb, start: 0, end: 3 }]);
  const second = fileOf([{ xorb, start: 2, end: 5 }]);
  for (const file of [first, second]) await store.registerFile(by, file);
  expect(await ranges(lfs, repo)).toEqual([null]);
  expect(await commit(lfs, repo, first)).toBe(3 * CHUNK);
  expect(await ranges(lfs, repo)).toEqual([`{[0,${3 * CHUNK})}`]);
  expect(await commit(lfs, repo, second)).toBe(2 * CHUNK);
  expect(await commit(lfs, repo, first, second)).toBe(0);
  expect(await ranges(lfs, repo)).toEqual([`{[0,${5 * CHUNK})}`]);
  expect(await usedBytes(lfs, repo)).toBe(5 * CHUNK);
  expect(await counterFindings(lfs, repo)).toEqual([]);
});

it('charges two new files of one commit once for what they share', async ({ lfs }) => {
  const { repo, by, store } = await home(lfs);
  const [one, two] = [xorbOf(someChunks(3)), xorbOf(someChunks(3))];
  for (const xorb of [one, two]) await store.uploadXorb(by, xorb);
  const files = [
    fileOf([
      { xorb: one, start: 0, end: 3 },
      { xorb: two, start: 0, end: 1 },
      { xorb: one, start: 1, end: 2 },
    ]),
    fileOf([{ xorb: one, start: 2, end: 3 }]),
  ];
  for (const file of files) await store.registerFile(by, file);
  expect(await commit(lfs, repo, ...files)).toBe(4 * CHUNK);
  expect(await counterFindings(lfs, repo)).toEqual([]);
});

it('charges another repository for itself', async ({ lfs }) => {
  const { owner, repo, by: uploader, store } = await home(lfs);
  const file = await store.upload(uploader, xorbOf(someChunks(2)));
  const other = await lfs.bareRepo(owner);
  expect(await commit(lfs, repo, file)).toBe(2 * CHUNK);
  expect(await commit(lfs, other, file)).toBe(2 * CHUNK);
  expect([await usedBytes(lfs, repo), await usedBytes(lfs, other)]).toEqual([2 * CHUNK, 2 * CHUNK]);
  expect([...(await counterFindings(lfs, repo)), ...(await counterFindings(lfs, other))]).toEqual([]);
});

it('does not charge parts of a blob that is charged', async ({ lfs }) => {
  const { repo, blob, part } = await fileInBlob(lfs);
  expect(await commit(lfs, repo, blob)).toBe(4000);
  expect(await commit(lfs, repo, part)).toBe(0);
  expect(await ranges(lfs, repo)).toEqual([`{[${CHUNK},${3 * CHUNK})}`]);
  expect(await usedBytes(lfs, repo)).toBe(4000);
  expect(await counterFindings(lfs, repo)).toEqual([]);
});

it('gives back what it charged for parts of a blob when the blob comes', async ({ lfs }) => {
  const { repo, blob, part } = await fileInBlob(lfs);
  expect(await commit(lfs, repo, part)).toBe(2 * CHUNK);
  expect(await commit(lfs, repo, blob)).toBe(4000 - 2 * CHUNK);
  expect(await usedBytes(lfs, repo)).toBe(4000);
  expect(await counterFindings(lfs, repo)).toEqual([]);
});

it('charges a blob and its parts together as the blob alone', async ({ lfs }) => {
  const { repo, blob, part } = await fileInBlob(lfs);
  expect(await commit(lfs, repo, part, blob)).toBe(4000);
  expect(await counterFindings(lfs, repo)).toEqual([]);
});

it('rolls everything back when the quota refuses', async ({ lfs }) => {
  const { repo, by, store } = await home(lfs);
  const xorb = xorbOf(someChunks(4));
  await store.uploadXorb(by, xorb);
  const [first, second] = [fileOf([{ xorb, start: 0, end: 2 }]), wholeFile(xorb)];
  for (const file of [first, second]) await store.registerFile(by, file);
  await commit(lfs, repo, first);
  await lfs.hub.deps.sql.execute({
    text: 'update repo set quota_bytes = used_bytes + $2 where id = $1',
    values: [repo.id, 2 * CHUNK - 1],
  });
  await expect(commit(lfs, repo, second)).rejects.toBeInstanceOf(QuotaExceeded);
  expect(await ranges(lfs, repo)).toEqual([`{[0,${2 * CHUNK})}`]);
  expect(await usedBytes(lfs, repo)).toBe(2 * CHUNK);
  await lfs.hub.deps.sql.execute({
    text: 'update repo set quota_bytes = quota_bytes + 1 where id = $1',
    values: [repo.id],
  });
  expect(await commit(lfs, repo, second)).toBe(2 * CHUNK);
});

it('charges shared bytes once when two branches are committed to at once', async ({ lfs }) => {
  for (let round = 0; round < 5; round++) {
    const { repo, by, store } = await home(lfs);
    const xorbs: TestXorb[] = Array.from({ length: 4 }, () => xorbOf(someChunks(3)));
    for (const xorb of xorbs) await store.uploadXorb(by, xorb);
    const files: TestFile[] = [across(xorbs, 2), across(xorbs.toReversed(), 1), across(xorbs, 0)];
    for (const file of files) await store.registerFile(by, file);
    const charged = await Promise.all(files.map((file) => commit(lfs, repo, file)));
    expect(charged.reduce((sum, bytes) => sum + bytes)).toBe(10 * CHUNK);
    expect(await counterFindings(lfs, repo)).toEqual([]);
  }
});

it('sees the blob that another branch commits at the same moment', async ({ lfs }) => {
  for (let round = 0; round < 5; round++) {
    const { repo, blob, part } = await fileInBlob(lfs);
    await Promise.all([commit(lfs, repo, blob), commit(lfs, repo, part)]);
    expect(await usedBytes(lfs, repo)).toBe(4000);
    expect(await counterFindings(lfs, repo)).toEqual([]);
  }
});

it('shows logical bytes beside the charged ones', async ({ lfs }) => {
  const { owner, repo, blob, part, by, store } = await fileInBlob(lfs);
  const xorb = xorbOf(someChunks(3));
  await store.uploadXorb(by, xorb);
  const shared = [fileOf([{ xorb, start: 0, end: 2 }]), wholeFile(xorb)];
  for (const file of shared) await store.registerFile(by, file);
  await commit(lfs, repo, blob, part, ...shared);
  const url = '/api/settings/repositories';
  const [shown] = (await lfs.app.inject({ url, headers: owner.headers })).json<object[]>();
  expect(shown).toMatchObject({ storage: 4000 + 3 * CHUNK, logicalStorage: 4000 + 2000 + 2000 + 3000 });
});
