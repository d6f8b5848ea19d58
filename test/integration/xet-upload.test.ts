import { describe, expect } from 'vitest';
import { sha256ToBytes } from '../../src/lib/sha256.ts';
import { insertXorb } from '../../src/domain/xet/xorb.queries.ts';
import { fileHash } from '../../src/xet/merkle.ts';
import { EMPTY_FILE_HASH, xetHashBytes, type XetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { verifyXorb } from '../../src/xet/xorb.ts';
import { xorbIdOf } from '../../src/xet/xorb-id.ts';
import { chunkList, type SampleFile, shardOf, xorbOf } from '../fuzz/xet-samples.ts';
import { lz4WithDescriptor } from '../support/xet-forge.ts';
import { HEADER, lfsLine, ndjson } from '../support/content.ts';
import { holdersOf } from '../support/xet-store.ts';
import { presentLinks } from '../../src/domain/xet/virtual-xorbs.queries.ts';
import { isOnS3, sha256Of, type TestRepo } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';
import { chunksOf, packFiles, type PackedFiles, termOf, xorbFrom } from '../support/xet-pack.ts';
import { it, type XetConnection, type XetWorld } from '../support/xet-world.ts';

const MIB = 2 ** 20;

async function newRepo(xet: XetWorld, options: { isPrivate?: boolean } = {}) {
  const owner = await xet.user();
  const repo = await xet.bareRepo(owner, options);
  return { owner, repo, to: await xet.connect(owner, repo) };
}

/** What the hub keeps of a Xet file. */
async function rowsOf(xet: XetWorld, { hash, sha256 }: SampleFile) {
  const [row] = await xet.hub.deps.sql.query({
    text: `
      select o.state, o.storage_key, f.size_bytes,
        (select count(*) from xet_file_xorb x where x.file_id = f.id) as xorbs,
        (select count(*) from lfs_link l where l.sha256 = o.sha256) as links,
        (select count(*) from lfs_offer l where l.sha256 = o.sha256) as offers
      from xet_file f join lfs_object o on o.sha256 = f.sha256 where f.hash = $1 and o.sha256 = $2`,
    values: [xetHashBytes(hash), sha256ToBytes(sha256!)],
  });
  return row;
}

async function keysOf(xet: XetWorld, hash: XetHash): Promise<readonly string[]> {
  return (await xet.keys('xorbs/')).filter((key) => key.includes(hash));
}

async function intents(xet: XetWorld): Promise<number> {
  const [row] = await xet.hub.deps.sql.query<{ rows: number }>({
    text: 'select count(*) as rows from storage_intent',
  });
  return row!.rows;
}

/** Makes a xorb or an object look as if everybody had forgotten it. */
async function expireLeases(xet: XetWorld): Promise<void> {
  await xet.hub.deps.sql.execute({ text: `update xet_xorb set lease_until = now() - interval '1 day'` });
  await xet.hub.deps.sql.execute({ text: `update lfs_object set lease_until = now() - interval '1 day'` });
}

async function setQuota(xet: XetWorld, repo: TestRepo, quotaBytes: number): Promise<void> {
  await xet.hub.deps.sql.execute({
    text: 'update repo set quota_bytes = $2 where id = $1',
    values: [repo.id, quotaBytes],
  });
}

describe('an upload by Xet', () => {
  it('can be committed and read', async ({ xet }) => {
    const owner = await xet.user();
    const repo = await xet.repo(owner);
    const content = xet.randomBytes(MIB);
    const packed = await xet.commitByXet(owner, repo, { 'model.bin': content }, { chunksPerXorb: 5 });
    const [file] = packed.files;
    expect(await rowsOf(xet, file!)).toEqual({
      state: 'present',
      storage_key: null,
      size_bytes: MIB,
      xorbs: packed.xorbs.length,
      links: 1,
      offers: 0,
    });
    for (const { hash } of packed.xorbs) expect(await keysOf(xet, hash)).toHaveLength(1);
    expect(await intents(xet)).toBe(0);
    const read = await xet.read(owner, `/${repo.namespace}/${repo.name}/resolve/main/model.bin`);
    expect(read.rawPayload.equals(content)).toBe(true);
  });

  it.for([0, 1, 2] as const)('takes xorbs of scheme %i', async (scheme, { xet }) => {
    const { owner, repo } = await newRepo(xet);
    const words = Buffer.from(`${xet.name('words')} `.repeat(60_000));
    const numbers = Buffer.from(
      Float32Array.from({ length: 100_000 }, (_, i) => Math.sqrt(i + scheme)).buffer,
    );
    const packed = await xet.uploadByXet(owner, repo, [words, numbers], { scheme });
    for (const file of packed.files) expect(await rowsOf(xet, file)).toMatchObject({ state: 'present' });
  });

  it('answers the same on all addresses that clients use', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const packed = packFiles([xet.randomBytes(1000)]);
    const [xorb] = packed.xorbs;
    expect((await xet.postXorb(to, xorb!)).json()).toEqual({ was_inserted: true });
    expect((await xet.postXorb(to, xorb!, '')).json()).toEqual({ was_inserted: false });
    expect((await xet.postShard(to, shardOf({ ...packed, footer: 'plain' }))).json()).toEqual({ result: 1 });
    expect((await xet.postShard(to, shardOf(packed), '/shards')).json()).toEqual({ result: 0 });
  });

  it('shares xorbs between files, and between chunks of one file', async ({ xet }) => {
    const { owner, repo } = await newRepo(xet);
    const start = xet.randomBytes(700_000);
    const packed = await xet.uploadByXet(owner, repo, [
      start,
      Buffer.concat([start, xet.randomBytes(300_000)]),
      Buffer.alloc(MIB),
    ]);
    expect(packed.xorbs).toHaveLength(1);
    expect(packed.files[2]!.terms.length).toBeGreaterThan(1);
    for (const file of packed.files) expect(await rowsOf(xet, file)).toMatchObject({ xorbs: 1, links: 1 });
  });

  it('takes an empty file', async ({ xet }) => {
    const { owner, repo } = await newRepo(xet);
    const { files } = await xet.uploadByXet(owner, repo, [Buffer.alloc(0)]);
    expect(files[0]!.hash).toBe(EMPTY_FILE_HASH);
    expect(await rowsOf(xet, files[0]!)).toMatchObject({ state: 'present', size_bytes: 0, xorbs: 0 });
  });

  it('takes a shard that names no file', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const { xorbs } = packFiles([xet.randomBytes(1000)]);
    expect((await xet.postShard(to, shardOf({ files: [], xorbs }))).json()).toEqual({ result: 0 });
  });

  it('hashes a file whose shard does not say what its SHA-256 is', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const packed = packFiles([xet.randomBytes(1000)]);
    await xet.postXorb(to, packed.xorbs[0]!);
    const { sha256, ...file } = packed.files[0]!;
    await xet.postShard(to, shardOf({ files: [file], xorbs: packed.xorbs }));
    expect(await rowsOf(xet, { ...file, sha256: sha256! })).toMatchObject({ state: 'present' });
  });

  it('keeps one copy of what is sent again, by the same and by others', async ({ xet }) => {
    const packed = packFiles([xet.randomBytes(500_000)]);
    for (let i = 0; i < 2; i++) {
      const { to } = await newRepo(xet);
      const [xorb] = packed.xorbs;
      expect((await xet.postXorb(to, xorb!)).json(), 'of this repository').toEqual({ was_inserted: true });
      expect((await xet.postXorb(to, xorb!)).json()).toEqual({ was_inserted: false });
      await xet.sendPacked(to, packed);
    }
    await expect.poll(() => intents(xet), { timeout: 10_000 }).toBe(0);
    expect(await keysOf(xet, packed.xorbs[0]!.hash)).toHaveLength(isOnS3 ? 2 : 1);
    expect(await rowsOf(xet, packed.files[0]!)).toMatchObject({ links: 2 });
  });

  it('may be sent by many at once', async ({ xet }) => {
    const packed = packFiles([xet.randomBytes(500_000), xet.randomBytes(300_000)], { chunksPerXorb: 3 });
    const repos = await Promise.all(Array.from({ length: 4 }, () => newRepo(xet)));
    await Promise.all(repos.map(({ to }) => xet.sendPacked(to, packed)));
    await expect.poll(() => intents(xet), { timeout: 10_000 }).toBe(0);
    for (const xorb of packed.xorbs) expect(await keysOf(xet, xorb.hash)).toHaveLength(isOnS3 ? 4 : 1);
    for (const file of packed.files) expect(await rowsOf(xet, file)).toMatchObject({ links: 4 });
  });

  it('adds a way of reading to content that is kept as a blob', async ({ xet }) => {
    const { owner, repo } = await newRepo(xet);
    const content = xet.randomBytes(200_000);
    const [blob] = packFiles([content]).objects;
    await xet.upload(owner, repo, blob!);
    const { files } = await xet.uploadByXet(owner, repo, [content]);
    expect(await rowsOf(xet, files[0]!)).toMatchObject({
      storage_key: expect.stringMatching(/^lfs\//) as unknown,
    });
  });

  it('renews the leases of what is here already', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const packed = packFiles([xet.randomBytes(100_000)]);
    await xet.sendPacked(to, packed);
    await expireLeases(xet);
    expect((await xet.postShard(to, shardOf(packed))).json()).toEqual({ result: 0 });
    const [row] = await xet.hub.deps.sql.query({
      text: `
        select x.lease_until > now() + interval '21 days' as xorb, o.lease_until > now() + interval '1 day' as object
        from xet_xorb x, lfs_object o where x.hash = $1 and o.sha256 = $2`,
      values: [xetHashBytes(packed.xorbs[0]!.hash), sha256ToBytes(packed.objects[0]!.sha256)],
    });
    expect(row).toEqual({ xorb: true, object: true });
  });

  it('may be made of chunks of a blob that is given out as a xorb', async ({ xet }) => {
    const owner = await xet.user();
    const repo = await xet.repo(owner);
    const to = await xet.connect(owner, repo);
    const start = xet.randomBytes(400_000);
    const [blob] = packFiles([Buffer.concat([Buffer.alloc(1234), start])]).objects;
    await xet.upload(owner, repo, blob!);
    await xet.commitLines(owner, repo, lfsLine('blob.bin', blob!));
    const chunks = chunksOf(start);
    const virtual = xorbFrom(chunks);
    const { index, rawBytes, serializedBytes } = verifyXorb(virtual.body, virtual.hash);
    await xet.hub.deps.sql.transaction(async (tx) => {
      await insertXorb(tx, {
        id: xorbIdOf(virtual.hash, sha256ToBytes(blob!.sha256)),
        hash: virtual.hash,
        place: { kind: 'virtual', blobSha256: blob!.sha256, blobOffsetBytes: 1234 },
        index,
        rawBytes,
        serializedBytes,
      });
      await presentLinks(tx, blob!.sha256, await holdersOf(tx, blob!.sha256));
    });
    const end = xorbFrom([Buffer.from(xet.name('end'))]);
    await xet.postXorb(to, end);
    const all = chunkList([chunks[1]!, chunks[2]!, Buffer.from(end.body.subarray(8)), chunks[0]!]);
    const terms = [termOf(virtual, 1, 3), termOf(end, 0, 1), termOf(virtual, 0, 1)];
    const content = Buffer.concat([chunks[1]!, chunks[2]!, end.body.subarray(8), chunks[0]!]);
    const file = { hash: xetHashText(fileHash(all)), sha256: sha256Of(content), terms };
    expect((await xet.postShard(to, shardOf({ files: [file], xorbs: [] }))).json()).toEqual({ result: 1 });
    expect(await rowsOf(xet, file)).toMatchObject({ size_bytes: content.length, xorbs: 2 });
  });

  it('may name his own xorbs of another repository, even of a deleted one', async ({ xet }) => {
    const { owner, repo, to } = await newRepo(xet, { isPrivate: true });
    const packed = packFiles([xet.randomBytes(300_000), xet.randomBytes(200_000)], { chunksPerXorb: 4 });
    await xet.sendPacked(to, packed);
    const [first, second] = packed.files.map((file) => shardOf({ files: [file], xorbs: [] }));
    const elsewhere = await xet.connect(owner, await xet.bareRepo(owner));
    expect((await xet.postShard(elsewhere, first!)).json()).toEqual({ result: 1 });
    await xet.hub.services().repos.delete(owner.actor, repo);
    expect((await xet.postShard(elsewhere, second!)).json()).toEqual({ result: 1 });
    expect(await rowsOf(xet, packed.files[0]!)).toMatchObject({ links: 1 });
    expect((await xet.postXorb(elsewhere, packed.xorbs[0]!)).json()).toEqual({ was_inserted: false });
  });

  it('may not name those that somebody else brought, with a right proof', async ({ xet }) => {
    const { to: theirs, repo } = await newRepo(xet);
    const packed = packFiles([xet.randomBytes(300_000)]);
    await xet.sendPacked(theirs, packed);
    const { to: mine } = await newRepo(xet);
    const shard = shardOf(packed);
    for (const to of [mine, await xet.connect(await xet.user(), repo, { createsPullRequest: true })]) {
      const refused = await xet.postShard(to, shard);
      expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('cannot confirm')]);
    }
    expect(await rowsOf(xet, packed.files[0]!)).toMatchObject({ links: 1, offers: 0 });
    await xet.postXorb(mine, packed.xorbs[0]!);
    expect((await xet.postShard(mine, shard)).json()).toEqual({ result: 1 });
    expect((await xet.postXorb(theirs, packed.xorbs[0]!)).json()).toEqual({ was_inserted: false });
  });

  it('may name what he may read, and not what lies beside it', async ({ xet }) => {
    const owner = await xet.user();
    const repo = await xet.repo(owner);
    const chunks = chunksOf(xet.randomBytes(500_000)).slice(0, 4);
    const xorb = xorbFrom(chunks);
    const fileOfRun = (start: number, end: number): SampleFile => {
      const part = chunks.slice(start, end);
      const hash = xetHashText(fileHash(chunkList(part)));
      return { hash, sha256: sha256Of(Buffer.concat(part)), terms: [termOf(xorb, start, end)] };
    };
    const to = await xet.connect(owner, repo);
    await xet.postXorb(to, xorb);
    const shown = { bytes: Buffer.concat(chunks.slice(1, 3)), sha256: fileOfRun(1, 3).sha256! };
    await xet.postShard(to, shardOf({ files: [fileOfRun(1, 3)], xorbs: [] }));
    expect((await xet.commitLines(owner, repo, lfsLine('part.bin', shown))).statusCode).toBe(200);

    const { to: reader } = await newRepo(xet);
    const post = async (start: number, end: number) =>
      (await xet.postShard(reader, shardOf({ files: [fileOfRun(start, end)], xorbs: [] }))).statusCode;
    expect(await Promise.all([post(1, 2), post(2, 3)])).toEqual([200, 200]);
    expect(await Promise.all([post(0, 1), post(0, 2), post(2, 4), post(3, 4)])).toEqual([400, 400, 400, 400]);
    await xet.hub.deps.sql.execute({
      text: 'update repo set is_private = true where id in (select repo_id from lfs_link where sha256 = $1)',
      values: [sha256ToBytes(shown.sha256)],
    });
    expect(await post(1, 3)).toBe(400);
  });

  it('learns by the upload of a xorb only of his own, and of what is committed', async ({ xet }) => {
    const { owner, repo, visitor, to: proposing } = await newProposal(xet);
    const to = await xet.connect(owner, repo);
    const packed = packFiles([xet.randomBytes(100_000), xet.randomBytes(100_000)], { chunksPerXorb: 1 });
    const [committed, pending] = [packed.xorbs[0]!, packed.xorbs.at(-1)!];
    await xet.sendPacked(to, packed);
    expect((await xet.commitLines(owner, repo, lfsLine('a.bin', packed.objects[0]!))).statusCode).toBe(200);
    const post = async (xorb: typeof pending) => (await xet.postXorb(proposing, xorb)).json() as unknown;
    expect(await post(committed)).toEqual({ was_inserted: false });
    expect(await post(pending), 'as if nobody had brought it').toEqual({ was_inserted: true });
    expect(await post(pending), `${visitor.name} has now`).toEqual({ was_inserted: false });
  });

  it('renews no xorb that he may not name', async ({ xet }) => {
    const [mine, theirs] = [await newRepo(xet), await newRepo(xet)];
    const [known, hidden] = [packFiles([xet.randomBytes(100_000)]), packFiles([xet.randomBytes(100_000)])];
    await xet.sendPacked(mine.to, known);
    await xet.sendPacked(theirs.to, hidden);
    await expireLeases(xet);
    const terms = [known, hidden].flatMap(({ xorbs }) => xorbs.map((xorb) => termOf(xorb, 0, 1)));
    const shard = shardOf({ files: [{ ...known.files[0]!, terms }], xorbs: [] });
    expect((await xet.postShard(mine.to, shard)).json()).toEqual({ result: 0 });
    const renewed = await xet.hub.deps.sql.query({
      text: "select encode(hash, 'hex') as hash from xet_xorb where lease_until > now() and hash = any($1::bytea[])",
      values: [[known, hidden].map(({ xorbs }) => xetHashBytes(xorbs[0]!.hash))],
    });
    expect(renewed).toEqual([{ hash: xetHashBytes(known.xorbs[0]!.hash).toString('hex') }]);
  });
});

describe('the stream of a shard', () => {
  it('tells how far it is and ends with the result', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const packed = packFiles([xet.randomBytes(300_000)]);
    await xet.postXorb(to, packed.xorbs[0]!);
    const answer = await xet.postShard(to, shardOf(packed), '/v2/shards');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    expect(linesOf(answer.body)).toEqual([
      { type: 'validating', verified: 0, total: 300_000 },
      { type: 'validating', verified: 300_000, total: 300_000 },
      { type: 'committing', stage: 'syncing' },
      { type: 'result', result: 1 },
    ]);
  });

  it('ends with an error that the client must not send again', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const answer = await xet.postShard(to, shardOf(packFiles([xet.randomBytes(1000)])), '/v2/shards');
    expect(answer.statusCode).toBe(200);
    expect(linesOf(answer.body).at(-1)).toEqual({
      type: 'error',
      message: expect.stringContaining('delete the cache of the client') as unknown,
      retryable: false,
    });
  });

  it('has not begun when the caller may not upload, or sends no shard', async ({ xet }) => {
    const { owner, repo, to } = await newRepo(xet);
    const readOnly = await xet.connect(owner, repo, { scope: 'read' });
    expect((await xet.postShard(readOnly, Buffer.alloc(100), '/v2/shards')).statusCode).toBe(403);
    expect((await xet.postShard(to, Buffer.alloc(100), '/v2/shards')).statusCode).toBe(400);
  });
});

/** Sends a shard, and does something between its check and its registration. */
async function meanwhile(xet: XetWorld, to: XetConnection, packed: PackedFiles, change: string) {
  const { sql } = xet.hub.deps;
  const [xorb] = packed.xorbs;
  let sent: ReturnType<XetWorld['postShard']> | undefined;
  await sql.transaction(async (tx) => {
    await tx.execute({ text: 'lock table lfs_object in exclusive mode' });
    sent = xet.postShard(to, shardOf(packed));
    const waiting = `select from pg_locks where not granted and relation = 'lfs_object'::regclass`;
    await expect.poll(() => sql.query({ text: waiting })).toHaveLength(1);
    await tx.execute({ text: change, values: [xetHashBytes(xorb!.hash)] });
  });
  const { statusCode, headers } = await sent!;
  return [statusCode, headers['retry-after']];
}

describe('a shard whose xorb is collected while it is being registered', () => {
  it('is sent again', async ({ xet }) => {
    const { to } = await newRepo(xet);
    const packed = packFiles([xet.randomBytes(1000)]);
    await xet.postXorb(to, packed.xorbs[0]!);
    expect(await meanwhile(xet, to, packed, 'delete from xet_xorb where hash = $1')).toEqual([503, '1']);
    expect(await rowsOf(xet, packed.files[0]!)).toBeUndefined();
  });
});

describe('room', () => {
  it('is counted before a xorb is taken, together with what waits for a commit', async ({ xet }) => {
    const { repo, to } = await newRepo(xet);
    await setQuota(xet, repo, 150_000);
    const [first, second] = [0, 1].map(() => xorbFrom(chunksOf(xet.randomBytes(100_000))));
    expect((await xet.postXorb(to, first!)).statusCode).toBe(200);
    const refused = await xet.postXorb(to, second!);
    expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([413, 'QuotaExceeded']);
    expect(await keysOf(xet, second!.hash)).toEqual([]);
    expect((await xet.postXorb(to, first!)).statusCode, 'what is here costs nothing').toBe(200);
  });

  it('is counted for each form of the same chunks', async ({ xet }) => {
    const { repo, to } = await newRepo(xet);
    await setQuota(xet, repo, 50_000);
    const content = xet.randomBytes(20_000);
    const forms = [0x40, 0x50, 0x60, 0x70].map((largestBlock) => {
      const frame = lz4WithDescriptor(content, 0b0110_0000, largestBlock);
      return xorbOf([{ content, scheme: 1, frame }]);
    });
    const answers = [];
    for (const form of [...forms, forms[0]!]) answers.push((await xet.postXorb(to, form)).statusCode);
    expect(answers).toEqual([200, 200, 413, 413, 200]);
  });
});

/** Somebody who may read a repository and wants to open a pull request. */
async function newProposal(xet: XetWorld) {
  const owner = await xet.user();
  const repo = await xet.repo(owner);
  const visitor = await xet.user('visitor');
  const to = await xet.connect(visitor, repo, { createsPullRequest: true });
  return { owner, repo, visitor, to };
}

describe('somebody who may only read', () => {
  it('brings a file for a pull request, which nobody else may use', async ({ xet }) => {
    const { owner, repo, visitor, to } = await newProposal(xet);
    const packed = packFiles([xet.randomBytes(200_000)]);
    await xet.sendPacked(to, packed);
    expect(await rowsOf(xet, packed.files[0]!)).toMatchObject({ links: 0, offers: 1 });
    const body = ndjson([HEADER, lfsLine('a.bin', packed.objects[0]!)]);
    const propose = (user: TestUser) => xet.sendCommit(user, repo, body, { revision: 'main?create_pr=1' });
    expect((await xet.sendCommit(owner, repo, body)).statusCode, 'the owner did not bring it').toBe(400);
    expect((await propose(await xet.user())).statusCode, 'nor did a third').toBe(400);
    const opened = await propose(visitor);
    expect(opened.statusCode).toBe(200);
    expect(opened.json()).toHaveProperty('pullRequestUrl');
  });

  it('may bring only so much', async ({ xet }) => {
    const { to } = await newProposal(xet);
    const packed = packFiles([xet.randomBytes(1000)]);
    await xet.postXorb(to, packed.xorbs[0]!);
    await xet.hub.deps.sql.execute({
      text: 'update xet_xorb set serialized_bytes = 2000000000 where hash = $1',
      values: [xetHashBytes(packed.xorbs[0]!.hash)],
    });
    for (let i = 0; i < 110; i++) {
      await xet.hub.deps.sql.execute({
        text: `
          with copy as (
            insert into xet_xorb (id, hash, storage_key, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until)
            select sha256($2::text::bytea), sha256($2::text::bytea), 'xorbs/test/' || $2, chunk_index, chunk_count, raw_bytes, serialized_bytes, lease_until
            from xet_xorb where hash = $1 returning id
          )
          insert into xet_repo_xorb (repo_id, xorb_id, uploader_id)
          select l.repo_id, copy.id, l.uploader_id
          from xet_repo_xorb l join xet_xorb x on x.id = l.xorb_id, copy where x.hash = $1`,
        values: [xetHashBytes(packed.xorbs[0]!.hash), xet.name('copy')],
      });
    }
    const refused = await xet.postXorb(to, xorbFrom(chunksOf(xet.randomBytes(1000))));
    expect([refused.statusCode, refused.headers['x-error-code']]).toEqual([413, 'QuotaExceeded']);
  });
});

function linesOf(body: string): unknown[] {
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}
