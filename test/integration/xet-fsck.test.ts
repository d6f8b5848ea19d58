import { randomUUID } from 'node:crypto';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { chargeStorage } from '../../src/domain/quota/quota.queries.ts';
import { announceBytes } from '../../src/domain/storage/intent.queries.ts';
import { encodeTerms } from '../../src/xet/file-terms.ts';
import { insertXetFile } from '../../src/domain/xet/xet-file.queries.ts';
import { parseObjectKey, xorbKey } from '../../src/storage/keys.ts';
import { type XetHash, xetHashBytes } from '../../src/xet/xet-hash.ts';
import { encodeXorbIndex } from '../../src/xet/xorb-index.ts';
import { type XorbId, xorbIdBytes } from '../../src/xet/xorb-id.ts';
import { isOnS3, it, type LfsWorld, type TestRepo } from '../support/lfs-world.ts';
import {
  fileOf,
  rowOf,
  someChunks,
  type TestFile,
  type TestXorb,
  wholeFile,
  XetStore,
  xorbOf,
} from '../support/xet-store.ts';

// Every test damages the hub of the file, so each looks only at what it damaged itself.

async function findings(lfs: LfsWorld, ...wheres: readonly string[]): Promise<string[]> {
  const codes: string[] = [];
  await lfs.hub.services().fsck.runAsOperator(({ code, where, message }) => {
    if (wheres.some((text) => where.includes(text) || message.includes(text))) codes.push(code);
  });
  return codes;
}

/** A repository with a committed file of one stored xorb. */
async function storedFile(lfs: LfsWorld) {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  const by = { repoId: repo.id, uploaderId: owner.actor.kind === 'user' ? owner.actor.id : 0 };
  const store = new XetStore(lfs.hub);
  const xorb = xorbOf(someChunks(4));
  const key = parseObjectKey((await store.uploadXorb(by, xorb))!);
  const file = wholeFile(xorb);
  await store.registerFile(by, file);
  await commit(lfs, repo, file);
  return {
    owner,
    repo,
    by,
    store,
    xorb,
    key,
    file,
    all: [xorb.hash, file.hash, file.sha256, repo.name, key],
  };
}

/** A committed LFS blob that is presented as one virtual xorb. */
async function presentedBlob(lfs: LfsWorld) {
  const owner = await lfs.user();
  const repo = await lfs.bareRepo(owner);
  const store = new XetStore(lfs.hub);
  const xorb = xorbOf(someChunks(3));
  const blob = wholeFile(xorb);
  await lfs.upload(owner, repo, blob);
  await store.presentBlob(xorb);
  await commit(lfs, repo, blob);
  return { repo, xorb, blob, all: [xorb.hash, blob.hash, blob.sha256, repo.name] };
}

/** What a commit does with files. */
async function commit(lfs: LfsWorld, repo: TestRepo, file: TestFile): Promise<void> {
  const bytes = await lfs.commitObjects(repo, file);
  await lfs.hub.deps.sql.transaction((tx) => chargeStorage(tx, repo.id, bytes));
}

async function updateXorb(lfs: LfsWorld, xorb: TestXorb, set: string, ...values: unknown[]): Promise<void> {
  await lfs.hub.deps.sql.execute({
    text: `update xet_xorb set ${set} where hash = $1`,
    values: [xetHashBytes(xorb.hash), ...values],
  });
}

async function updateFile(
  lfs: LfsWorld,
  hash: XetHash,
  set: string,
  ...values: readonly unknown[]
): Promise<void> {
  await lfs.hub.deps.sql.execute({
    text: `update xet_file set ${set} where hash = $1`,
    values: [xetHashBytes(hash), ...values],
  });
}

/** Puts other bytes of the same length in the place of stored ones. */
async function flipByte(lfs: LfsWorld, key: ReturnType<typeof parseObjectKey>, at: number): Promise<void> {
  const { store } = lfs.hub.deps;
  const bytes = await store.read(key, { start: 0 });
  bytes[at] = bytes[at]! ^ 1;
  await store.delete(key);
  await store.put(key, bytes, { sizeBytes: bytes.length });
}

it('finds nothing where nothing is wrong, and says what it looked at', async ({ lfs }) => {
  const [stored, blob] = [await storedFile(lfs), await presentedBlob(lfs)];
  expect(await findings(lfs, ...stored.all, ...blob.all)).toEqual([]);
  const summary = await lfs.hub.services().fsck.runAsOperator(() => {});
  expect(summary).toEqual({
    repositories: 2,
    lfsObjects: 2,
    xetFiles: 2,
    xorbs: { xorbs: 2, rawBytes: 4000, storedBytes: 4 * 1008 },
    findings: 0,
  });
});

it('finds a xorb whose bytes are gone, changed or cut off', async ({ lfs }) => {
  const { key, xorb, all } = await storedFile(lfs);
  const { store } = lfs.hub.deps;
  await flipByte(lfs, key, 500);
  expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt']);
  await store.delete(key);
  expect(await findings(lfs, ...all)).toEqual(['xorb-missing']);
  const short = xorb.body.subarray(0, 2 * 1008);
  await store.put(key, short, { sizeBytes: short.length });
  expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt']);
});

it('finds a header that was changed, although all chunks are right', async ({ lfs }) => {
  const { key, all } = await storedFile(lfs);
  // The length of the second chunk.
  await flipByte(lfs, key, 1008 + 5);
  expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt']);
});

it('finds an index that is not that of its xorb', async ({ lfs }) => {
  const { xorb, all, file } = await storedFile(lfs);
  const other = xorbOf(someChunks(4));
  await updateXorb(lfs, xorb, 'chunk_index = $2', encodeXorbIndex(other.index));
  // The file is made of that index.
  expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt', 'xet-file-corrupt']);
  const moved = { ...xorb.index, ends: xorb.index.ends.map((end) => end + 1) };
  await updateXorb(
    lfs,
    xorb,
    'chunk_index = $2, serialized_bytes = serialized_bytes + 1',
    encodeXorbIndex(moved),
  );
  expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt', 'xet-file-corrupt']);
  await updateXorb(lfs, xorb, 'chunk_index = $2', Buffer.alloc(17));
  expect(await findings(lfs, xorb.hash, file.hash)).toEqual(['xorb-corrupt', 'xet-file-corrupt']);
});

it('finds a xorb whose row has other sizes', async ({ lfs }) => {
  for (const column of ['raw_bytes', 'serialized_bytes', 'chunk_count']) {
    const { xorb, all } = await storedFile(lfs);
    await updateXorb(lfs, xorb, `${column} = ${column} - 1`);
    expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt']);
  }
});

it('finds a virtual xorb that lies elsewhere in its blob, or beyond it', async ({ lfs }) => {
  const { xorb, blob } = await presentedBlob(lfs);
  await updateXorb(lfs, xorb, 'blob_offset_bytes = 1');
  expect(await findings(lfs, blob.sha256, xorb.hash)).toEqual(['xorb-corrupt']);
  const longer = xorbOf([...xorb.chunks.slice(1), ...xorb.chunks.slice(0, 1)]);
  await lfs.hub.deps.sql.execute({
    text: `
      insert into xet_xorb
        (id, hash, blob_sha256, blob_offset_bytes, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until)
      values ($1, $1, decode($2, 'hex'), 0, $3, 3, 3000, 3024, now())`,
    values: [xetHashBytes(longer.hash), blob.sha256, encodeXorbIndex(longer.index)],
  });
  // The right chunks in another order.
  expect(await findings(lfs, longer.hash)).toEqual(['xorb-corrupt']);
});

it('finds a virtual xorb whose blob is gone or damaged', async ({ lfs }) => {
  const { xorb, blob, all } = await presentedBlob(lfs);
  const [row] = await lfs.hub.deps.sql.query<{ key: string }>({
    text: `select storage_key as key from lfs_object where sha256 = decode($1, 'hex')`,
    values: [blob.sha256],
  });
  const key = parseObjectKey(row!.key);
  await flipByte(lfs, key, 1500);
  expect(await findings(lfs, ...all)).toEqual(['lfs-corrupt', 'xorb-corrupt']);
  await lfs.hub.deps.store.delete(key);
  expect(await findings(lfs, ...all)).toEqual(['lfs-missing', 'xorb-missing']);
  await lfs.hub.deps.store.put(key, blob.bytes, { sizeBytes: blob.bytes.length });
  const wrong = { ...xorb.index, ends: xorb.index.ends.map((end, i) => (i === 0 ? end + 1 : end)) };
  await updateXorb(lfs, xorb, 'chunk_index = $2', encodeXorbIndex(wrong));
  expect(await findings(lfs, ...all)).toEqual(['xorb-corrupt']);
});

it('finds a file whose terms do not fit its xorbs', async ({ lfs }) => {
  const { file, all } = await storedFile(lfs);
  const [term] = file.terms;
  for (const wrong of [
    { byteEnd: term!.byteEnd - 1 },
    { rawBytes: term!.rawBytes + 1 },
    { chunkStart: 1 },
    { chunkEnd: 5 },
    { chunkEnd: 0 },
    { chunkEnd: 9000 },
    { xorb: 'ab'.repeat(32) as XorbId },
  ]) {
    await updateFile(lfs, file.hash, 'terms = $2', encodeTerms([{ ...term!, ...wrong }]));
    expect(await findings(lfs, ...all)).toContain('xet-file-corrupt');
  }
});

it('finds a file of other chunks, and one with another size', async ({ lfs }) => {
  const { file, xorb, all } = await storedFile(lfs);
  const swapped = fileOf([
    { xorb, start: 2, end: 4 },
    { xorb, start: 0, end: 2 },
  ]);
  await updateFile(lfs, file.hash, 'terms = $2', encodeTerms(swapped.terms));
  expect(await findings(lfs, ...all)).toEqual(['xet-file-corrupt']);
  await updateFile(lfs, file.hash, 'terms = $2, size_bytes = size_bytes - 1', encodeTerms(file.terms));
  expect(await findings(lfs, ...all)).toEqual(['xet-file-corrupt']);
});

it('finds a file that does not hold its xorbs', async ({ lfs }) => {
  const { file, all } = await storedFile(lfs);
  const { sql } = lfs.hub.deps;
  const values = [xetHashBytes(file.hash)];
  await sql.execute({
    text: `update xet_file_xorb set used = '{[0,1008)}' where file_id = (select id from xet_file where hash = $1)`,
    values,
  });
  // The repository is charged for more than its files hold.
  expect(await findings(lfs, ...all)).toEqual(['xet-file-unheld', 'counter-wrong']);
  await sql.execute({
    text: 'delete from xet_file_xorb where file_id = (select id from xet_file where hash = $1)',
    values,
  });
  expect(await findings(lfs, ...all)).toEqual(['xet-file-unheld', 'counter-wrong']);
});

it('finds an object that is held as a file of another content', async ({ lfs }) => {
  const [first, second] = [await storedFile(lfs), await storedFile(lfs)];
  await lfs.hub.deps.sql.execute({
    text: `
      update lfs_link set xet_file_id = (select id from xet_file where hash = $2) where sha256 = decode($1, 'hex')`,
    values: [first.file.sha256, xetHashBytes(second.file.hash)],
  });
  expect(await findings(lfs, first.file.sha256)).toEqual(['xet-file-missing']);
});

it('finds an object that is nowhere, and one whose blob is missing', async ({ lfs }) => {
  const [lost, misheld] = [await storedFile(lfs), await storedFile(lfs)];
  const { sql } = lfs.hub.deps;
  for (const { file } of [lost, misheld])
    await sql.execute({
      text: `update lfs_link set xet_file_id = null where sha256 = decode($1, 'hex')`,
      values: [file.sha256],
    });
  await sql.execute({ text: 'delete from xet_file where hash = $1', values: [xetHashBytes(lost.file.hash)] });
  expect(await findings(lfs, lost.file.sha256, misheld.file.sha256)).toEqual(['lfs-missing', 'lfs-missing']);
});

it('finds a file whose object was collected', async ({ lfs }) => {
  const { file } = await storedFile(lfs);
  await lfs.hub.deps.sql.execute({
    text: `update lfs_object set state = 'gone' where sha256 = decode($1, 'hex')`,
    values: [file.sha256],
  });
  expect(await findings(lfs, file.hash)).toEqual(['xet-file-corrupt']);
});

it('finds what a repository is wrongly charged for', async ({ lfs }) => {
  const { repo } = await storedFile(lfs);
  const set = (used: string) =>
    lfs.hub.deps.sql.execute({
      text: 'update xet_repo_xorb set used = $2 where repo_id = $1',
      values: [repo.id, used],
    });
  expect(await findings(lfs, repo.name)).toEqual([]);
  await set('{[0,1008)}');
  // The bytes are wrong, and the ranges are.
  expect(await findings(lfs, repo.name)).toEqual(['counter-wrong', 'counter-wrong']);
  await lfs.hub.deps.sql.execute({
    text: 'update repo set used_bytes = 1008 where id = $1',
    values: [repo.id],
  });
  expect(await findings(lfs, repo.name)).toEqual(['counter-wrong']);
});

it('accepts files that use a xorb in several places', async ({ lfs }) => {
  const { by, store, xorb, repo } = await storedFile(lfs);
  const file = fileOf([
    { xorb, start: 3, end: 4 },
    { xorb, start: 0, end: 1 },
    { xorb, start: 1, end: 2 },
    { xorb, start: 0, end: 2 },
  ]);
  await store.registerFile(by, file);
  await commit(lfs, repo, file);
  expect(await findings(lfs, file.hash, file.sha256, repo.name)).toEqual([]);
  const other = fileOf([{ xorb, start: 0, end: 1 }]);
  await lfs.hub.deps.sql.transaction((tx) => insertXetFile(tx, { ...rowOf(other), sha256: file.sha256 }));
  expect(await findings(lfs, other.hash)).toEqual(['xet-file-corrupt']);
});

it('finds old bytes that no xorb names', async ({ lfs, skip }) => {
  skip(isOnS3, 'only the directory store lets a test make bytes older');
  const { xorb, key } = await storedFile(lfs);
  const { sql, store } = lfs.hub.deps;
  await announceBytes(sql, xorbKey(xorb.hash, randomUUID()));
  const values = [xorbIdBytes(xorb.id)];
  const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
  await utimes(join(lfs.hub.config.dataDir, 'objects', 'objects', key), twoDaysAgo, twoDaysAgo);
  expect(await findings(lfs, key)).toEqual([]);
  await sql.execute({ text: 'delete from xet_file_xorb where xorb_id = $1', values });
  await sql.execute({ text: 'delete from xet_xorb where id = $1', values });
  expect(await findings(lfs, key)).toEqual(['stray-bytes']);
  expect(await store.stat(key)).not.toBeNull();
});
