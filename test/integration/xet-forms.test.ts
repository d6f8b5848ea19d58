import type { LightMyRequestResponse } from 'fastify';
import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { runLfsSweep } from '../../src/jobs/lfs-sweep.job.ts';
import { runXetSweep } from '../../src/jobs/xet-sweep.job.ts';
import { VirtualXorbs } from '../../src/jobs/xet-virtual.job.ts';
import { fileHash } from '../../src/xet/merkle.ts';
import { chunkList, fileOf, type Scheme, shardOf, xorbOf } from '../fuzz/xet-samples.ts';
import { apiUrl, lfsLine, webUrl } from '../support/content.ts';
import { countStatements } from '../support/count-statements.ts';
import { type BatchAnswer, sha256Of } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';
import { type AnswerV1, type AnswerV2, downloadV1, downloadV2 } from '../support/xet-download.ts';
import { lz4WithDescriptor } from '../support/xet-forge.ts';
import { chunksOf, type PackedFiles, packFiles, termOf, xorbFrom } from '../support/xet-pack.ts';
import { xetHashText } from '../../src/xet/xet-hash.ts';
import { it, type XetWorld } from '../support/xet-world.ts';

const SIZE_BYTES = 200_000;
const EITHER_HASH = /[0-9a-f]{64}/g;

/** The same bytes as a client packs them that cuts chunks of one length. */
function cutBy(bytes: Buffer, chunkBytes: number): PackedFiles {
  const count = Math.ceil(bytes.length / chunkBytes);
  const chunks = Array.from({ length: count }, (_, i) =>
    bytes.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
  const xorb = xorbFrom(chunks);
  const sha256 = sha256Of(bytes);
  return { objects: [{ bytes, sha256 }], files: [fileOf(xorb, sha256)], xorbs: [xorb] };
}

/** The same chunks as `packFiles` makes, but packed behind others. */
function packedBehind(bytes: Buffer, others: Buffer): PackedFiles {
  const { objects, files, xorbs } = packFiles([others, bytes]);
  return { objects: objects.slice(1), files: files.slice(1), xorbs };
}

/** Bytes that compression makes smaller, and that nobody has seen before. */
function compressible(xet: XetWorld): Buffer {
  const bytes = xet.randomBytes(SIZE_BYTES);
  for (let at = 0; at < SIZE_BYTES; at += 128) bytes.fill(at / 128, at, at + 64);
  return bytes;
}

/** A code of LZ4 frames, which changes one byte of each and nothing about their length. */
type LargestBlock = 0x40 | 0x70;

/** As `packFiles` with LZ4, by another encoder. */
function encoded(bytes: Buffer, largestBlock: LargestBlock): PackedFiles {
  const chunks = chunksOf(bytes).map((content) => {
    const frame = lz4WithDescriptor(content, 0b0110_0000, largestBlock);
    return { content, scheme: 1 as const, frame };
  });
  return { ...packFiles([bytes]), xorbs: [xorbOf(chunks)] };
}

function compressed(bytes: Buffer, scheme: Scheme): PackedFiles {
  return packFiles([bytes], { scheme });
}

interface Home {
  readonly owner: TestUser;
  readonly repo: RepoRef;
  /** Nothing of the owner's is older. */
  readonly since: Date;
}

async function privateRepo(xet: XetWorld): Promise<Home> {
  const since = new Date();
  const owner = await xet.user();
  return { owner, repo: await xet.repo(owner, { isPrivate: true }), since };
}

/** Uploads and commits `w.bin` as it is packed. @returns what the hub answers on the way. */
async function bring(xet: XetWorld, { owner, repo }: Home, packed: PackedFiles): Promise<unknown[]> {
  const to = await xet.connect(owner, repo);
  const answers: LightMyRequestResponse[] = [];
  for (const xorb of packed.xorbs) {
    answers.push(await xet.postXorb(to, xorb));
    answers.push(await xet.postXorb(to, xorb));
  }
  await expect.poll(() => intents(xet), { timeout: 10_000 }).toBe(0);
  const statements = await countStatements(xet.hub, async () => {
    answers.push(await xet.postShard(to, shardOf(packed)));
    answers.push(await xet.postShard(to, shardOf(packed)));
  });
  const commit = await xet.commitLines(owner, repo, lfsLine('w.bin', packed.objects[0]!));
  return [...answers.map(({ statusCode, body }) => [statusCode, body]), statements, commit.statusCode];
}

/** Bytes that were sent and are not needed are deleted after the answer. */
async function intents({ hub }: XetWorld): Promise<number> {
  const [row] = await hub.deps.sql.query<{ rows: number }>({
    text: `select count(*) as rows from storage_intent where key like '%xorbs/%'`,
  });
  return row!.rows;
}

/** What the URLs of a reconstruction give, and the headers, which an object store writes itself. */
async function fetched(xet: XetWorld, answer: AnswerV2, since: Date) {
  const seen: unknown[] = [];
  for (const { url, ranges } of Object.values(answer.xorbs).flat()) {
    for (const { bytes } of ranges) {
      const got = await xet.get(url, { range: `bytes=${bytes.start}-${bytes.end}` });
      const { 'last-modified': stored } = got.headers;
      // A second is what the header counts.
      const isOwn = typeof stored !== 'string' || Date.parse(stored) > since.getTime() - 1000;
      const names = Object.keys(got.headers).toSorted();
      seen.push([new URL(url).origin, got.statusCode, names, isOwn, sha256Of(got.rawPayload)]);
    }
  }
  return seen;
}

/** What a client is told that is about to upload the first chunk of a file. */
async function dedup(xet: XetWorld, { owner, repo }: Home, { xorbs }: PackedFiles) {
  const chunk = xetHashText(xorbs[0]!.hashes);
  const to = await xet.connect(owner, repo, { scope: 'read' });
  const { statusCode, rawPayload } = await xet.cas(to, 'GET', `/v1/chunks/default/${chunk}`);
  // The last 200 bytes say until when it is good.
  return [statusCode, rawPayload.subarray(0, -200).toString('hex')];
}

/** All that a member of a repository is told about `w.bin`. */
async function view(
  xet: XetWorld,
  { owner, repo, since }: Home,
  packed: PackedFiles,
  hashes: readonly string[],
) {
  const { objects } = packed;
  const tree = await xet.read(owner, `${apiUrl(repo)}/tree/main?recursive=true`);
  const info = await xet.postJson(owner, `${apiUrl(repo)}/paths-info/main`, { paths: ['w.bin'] });
  const head = await xet.head(owner, `${webUrl(repo)}/resolve/main/w.bin`);
  const accept = 'application/vnd.xet-fileinfo+json, */*';
  const fileInfo = await xet.read(owner, `${webUrl(repo)}/resolve/main/w.bin`, { accept });
  const answer = await xet.read(owner, `${webUrl(repo)}/resolve/main/w.bin`);
  const { location } = answer.headers;
  const got = location === undefined ? answer : await xet.get(location);
  const batch = await xet.requestBatch(owner, repo, { operation: 'download', objects });
  const { href } = batch.json<BatchAnswer>().objects[0]!.actions!.download!;
  const byLfs = await xet.get(href);
  const again = await xet.requestBatch(owner, repo, { operation: 'upload', objects, transfers: ['xet'] });
  const to = await xet.connect(owner, repo, { scope: 'read' });
  const reconstructions: LightMyRequestResponse[] = [];
  const parts: unknown[] = [];
  for (const hash of hashes) {
    const answer = await xet.cas(to, 'GET', `/v2/reconstructions/${hash}`);
    reconstructions.push(answer);
    if (answer.statusCode === 200) parts.push(await fetched(xet, answer.json<AnswerV2>(), since));
    const first = await xet.cas(to, 'GET', `/v1/reconstructions/${hash}`);
    if (first.statusCode === 200)
      parts.push(
        Object.values(first.json<AnswerV1>().fetch_info)
          .flat()
          .map(({ url_range: range }) => range),
      );
  }
  const settings = await xet.read(owner, '/api/settings/repositories');
  const bytes = [got.rawPayload.equals(objects[0]!.bytes), byLfs.rawPayload.equals(objects[0]!.bytes)];
  expect(bytes).toEqual([true, true]);
  const { 'x-xet-hash': shown, link, etag } = head.headers;
  return {
    tree: tree
      .json<{ lfs?: object; xetHash?: string }[]>()
      .flatMap((item) => (item.lfs ? [item.xetHash] : [])),
    info: info.json<{ xetHash?: string }[]>().map((item) => item.xetHash),
    head: { statusCode: head.statusCode, shown, etag, link: String(link).match(EITHER_HASH) },
    fileInfo: [fileInfo.statusCode, fileInfo.headers['x-xet-hash']],
    download: [answer.statusCode, byLfs.statusCode, new URL(href).pathname.match(EITHER_HASH)],
    upload: again.json<object>(),
    parts,
    dedup: await dedup(xet, { owner, repo, since }, packed),
    reconstructions: reconstructions.map(({ statusCode, body }) => [statusCode, withoutTokens(body)]),
    settings: settings
      .json<{ storage: number; logicalStorage: number }[]>()
      .map(({ storage, logicalStorage }) => [storage, logicalStorage]),
  };
}

/** Without what differs in any two answers: signatures, and the names of xorbs in the object store. */
function withoutTokens(body: string): string {
  return body
    .replaceAll(/\?[^"]+/g, '?…')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\/xorbs\/[0-9a-f]{2}\/[0-9a-f]{2}\//g, '/xorbs/<folder>/');
}

/** Deletes a repository and everything that nobody else needs. */
async function forget(xet: XetWorld, { owner, repo }: Home): Promise<void> {
  await xet.hub.services().repos.delete(owner.actor, repo);
  for (let round = 0; round < 2; round++) await sweep(xet);
}

/** Both sweeps, when everything that was promised is over. */
async function sweep({ hub }: XetWorld) {
  for (const table of ['lfs_object', 'xet_xorb'])
    await hub.deps.sql.execute({ text: `update ${table} set lease_until = now() - interval '1 second'` });
  return { ...(await runLfsSweep(hub.deps)), ...(await runXetSweep(hub.deps)) };
}

async function presentBlobs({ hub }: XetWorld): Promise<void> {
  await new VirtualXorbs().run(hub.deps, new AbortController().signal);
}

async function commitByLfs(xet: XetWorld, { owner, repo }: Home, { objects }: PackedFiles): Promise<void> {
  await xet.commitLfs(owner, repo, 'w.bin', objects[0]!);
}

async function problemsOf({ hub }: XetWorld): Promise<readonly string[]> {
  const problems: string[] = [];
  await hub.services().fsck.runAsOperator(({ where, message }) => problems.push(`${where} ${message}`));
  return problems;
}

async function usedBytes({ hub }: XetWorld, { repo }: Home): Promise<number> {
  const [row] = await hub.deps.sql.query<{ used: number }>({
    text: 'select sum(used_bytes)::bigint as used from repo where name = $1',
    values: [repo.name],
  });
  return row!.used;
}

/** In which forms the hub has a content. */
async function stored({ hub }: XetWorld, { objects }: PackedFiles) {
  const [row] = await hub.deps.sql.query<object>({
    text: `
      select (select count(*) from xet_file where sha256 = o.sha256) as files, storage_key is not null as blob,
        (select count(*) from xet_xorb where blob_sha256 = o.sha256) as parts, state
      from lfs_object o where sha256 = decode($1, 'hex')`,
    values: [objects[0]!.sha256],
  });
  return row;
}

type BringEarlier = (xet: XetWorld, home: Home, bytes: Buffer) => Promise<unknown>;

/** Each way in which somebody else may have been first. */
const EARLIER = {
  'by Xet, cut differently': (xet, home, bytes) => bring(xet, home, cutBy(bytes, 50_000)),
  'by Xet, cut alike and packed with something else': (xet, home, bytes) =>
    bring(xet, home, packedBehind(bytes, xet.randomBytes(70_000))),
  'by Xet, in just the same way': (xet, home, bytes) => bring(xet, home, encoded(bytes, 0x40)),
  'by Xet, not compressed': (xet, home, bytes) => bring(xet, home, compressed(bytes, 0)),
  'by Xet, compressed': (xet, home, bytes) => bring(xet, home, compressed(bytes, 1)),
  'by Xet, compressed with another scheme': (xet, home, bytes) => bring(xet, home, compressed(bytes, 2)),
  'by Xet, compressed to the same lengths': (xet, home, bytes) => bring(xet, home, encoded(bytes, 0x70)),
  'by LFS': async (xet, home, bytes) => {
    await commitByLfs(xet, home, cutBy(bytes, 50_000));
    await presentBlobs(xet);
  },
} satisfies Record<string, BringEarlier>;

describe('two private repositories with the same bytes', () => {
  it('each show the hash by which their own members brought them', async ({ xet }) => {
    const bytes = xet.randomBytes(SIZE_BYTES);
    const forms = [cutBy(bytes, 50_000), packFiles([bytes]), cutBy(bytes, 20_000)];
    const hashes = forms.map((form) => form.files[0]!.hash);
    const homes = await Promise.all(forms.map(() => privateRepo(xet)));
    for (const [i, form] of forms.entries()) await bring(xet, homes[i]!, form);
    for (const [i, hash] of hashes.entries()) {
      const seen = await view(xet, homes[i]!, forms[i]!, hashes);
      expect(seen).toMatchObject({
        tree: [hash],
        info: [hash],
        head: { statusCode: 200, shown: hash, link: [hash] },
        fileInfo: [200, hash],
        download: [200, 200, [forms[i]!.objects[0]!.sha256]],
      });
      expect(seen.reconstructions.map(([statusCode]) => statusCode)).toEqual(
        hashes.map((other) => (other === hash ? 200 : 404)),
      );
      for (const xorb of forms[i]!.xorbs) expect(seen.reconstructions[i]![1]).toContain(xorb.hash);
    }
    expect(await problemsOf(xet)).toEqual([]);
  });

  it.for(Object.entries(EARLIER))(
    'do not tell the second one that another was first: %s',
    async ([, bringEarlier], { xet }) => {
      const bytes = compressible(xet);
      const packed = encoded(bytes, 0x40);
      const hashes = [packed, cutBy(bytes, 50_000)].map(({ files }) => files[0]!.hash);
      const told = [];
      for (const isFirst of [true, false]) {
        if (!isFirst) await bringEarlier(xet, await privateRepo(xet), bytes);
        const home = await privateRepo(xet);
        const answers = await bring(xet, home, packed);
        const seen = await view(xet, home, packed, hashes);
        told.push({ answers, seen, usedBytes: await usedBytes(xet, home) });
        await forget(xet, home);
      }
      expect(told[1]).toEqual(told[0]);
      expect(told[0]).toMatchObject({ seen: { tree: [hashes[0]] } });
    },
  );

  it.for([
    ['by Xet', (xet, home, bytes) => bring(xet, home, cutBy(bytes, 50_000))],
    ['by LFS', EARLIER['by LFS']],
  ] satisfies [string, BringEarlier][])(
    'hold a blob where it was brought by LFS, whoever had it before: %s',
    async ([, bringEarlier], { xet }) => {
      const bytes = xet.randomBytes(SIZE_BYTES);
      const packed = packFiles([bytes]);
      const { hash } = packed.files[0]!;
      const told = [];
      for (const isFirst of [true, false]) {
        if (!isFirst) await bringEarlier(xet, await privateRepo(xet), bytes);
        const home = await privateRepo(xet);
        await commitByLfs(xet, home, packed);
        const before = await view(xet, home, packed, [hash]);
        await presentBlobs(xet);
        const after = await view(xet, home, packed, [hash]);
        told.push({ before, after, usedBytes: await usedBytes(xet, home) });
        if (isFirst) await forget(xet, home);
      }
      expect(told[1]).toEqual(told[0]);
      expect(told[0]).toMatchObject({ before: { tree: [undefined] }, after: { tree: [hash] } });
      expect(await problemsOf(xet)).toEqual([]);
    },
  );
});

describe('a repository', () => {
  it('goes on to hold a content as it does when it comes again in another form', async ({ xet }) => {
    const home = await privateRepo(xet);
    const bytes = xet.randomBytes(SIZE_BYTES);
    const [first, second] = [cutBy(bytes, 50_000), packFiles([bytes])];
    await bring(xet, home, first);
    const used = await usedBytes(xet, home);
    await bring(xet, home, second);
    await commitByLfs(xet, home, second);
    const seen = await view(xet, home, first, [first.files[0]!.hash, second.files[0]!.hash]);
    expect(seen.tree).toEqual([first.files[0]!.hash]);
    expect(seen.reconstructions.map(([statusCode]) => statusCode)).toEqual([200, 404]);
    expect(await usedBytes(xet, home)).toBe(used);
  });

  it('holds what is copied to it as the source does, though its owner could read another form', async ({
    xet,
  }) => {
    const bytes = xet.randomBytes(SIZE_BYTES);
    const [early, late] = [cutBy(bytes, 50_000), packFiles([bytes])];
    const other = await privateRepo(xet);
    const own = (): Promise<RepoRef> => xet.repo(other.owner, { isPrivate: true });
    const [source, target, uploads] = [await own(), await own(), await own()];
    await bring(xet, other, early);
    // Cut differently, so this is another form, though he could read the first one.
    await bring(xet, { ...other, repo: source }, late);
    const file = { sha256: late.objects[0]!.sha256, xetHash: late.files[0]!.hash, filename: 'w.bin' };
    const answer = await xet.postJson(other.owner, `${apiUrl(source)}/lfs-files/duplicate`, {
      target: { type: 'model', name: `${target.namespace}/${target.name}` },
      files: [file],
    });
    expect([answer.statusCode, answer.json()]).toEqual([200, { failed: [] }]);
    for (const repo of [target, uploads]) {
      const commit = await xet.commitLines(other.owner, repo, lfsLine('w.bin', late.objects[0]!));
      expect(commit.statusCode).toBe(200);
    }
    const shownIn = async (repo: RepoRef) =>
      (await xet.head(other.owner, `${webUrl(repo)}/resolve/main/w.bin`)).headers['x-xet-hash'];
    expect(await shownIn(target)).toBe(late.files[0]!.hash);
    // Without a source, what he may read since the longest.
    expect(await shownIn(uploads)).toBe(early.files[0]!.hash);
    const refused = await xet.postJson(other.owner, `${apiUrl(source)}/lfs-files/duplicate`, {
      target: { type: 'model', name: `${target.namespace}/${target.name}` },
      files: [{ ...file, xetHash: early.files[0]!.hash }],
    });
    expect(refused.json<{ failed: unknown[] }>().failed).toHaveLength(1);
  });

  it('shows a copied blob at once as the source shows it', async ({ xet }) => {
    const source = await privateRepo(xet);
    const target = { ...source, repo: await xet.repo(source.owner, { isPrivate: true }) };
    const packed = packFiles([xet.randomBytes(SIZE_BYTES)]);
    const { hash } = packed.files[0]!;
    await commitByLfs(xet, source, packed);
    await presentBlobs(xet);
    const name = `${target.repo.namespace}/${target.repo.name}`;
    const answer = await xet.postJson(source.owner, `${apiUrl(source.repo)}/lfs-files/duplicate`, {
      target: { type: 'model', name },
      files: [{ sha256: packed.objects[0]!.sha256, xetHash: hash, filename: 'w.bin' }],
    });
    expect(answer.json()).toEqual({ failed: [] });
    await xet.commitLines(target.owner, target.repo, lfsLine('w.bin', packed.objects[0]!));
    expect(await view(xet, target, packed, [hash])).toMatchObject({ tree: [hash] });
  });

  it('shows strangers who propose changes the form that they brought', async ({ xet }) => {
    const home = await privateRepo(xet);
    const { owner } = home;
    const bytes = xet.randomBytes(SIZE_BYTES);
    const [hidden, offered] = [cutBy(bytes, 50_000), packFiles([bytes])];
    await bring(xet, home, hidden);
    const open = await xet.repo(owner);
    const guest = await xet.user();
    const to = await xet.connect(guest, open, { createsPullRequest: true });
    await xet.sendPacked(to, offered);
    const asked = [hidden, offered].map(({ files }) =>
      xet.cas(to, 'GET', `/v2/reconstructions/${files[0]!.hash}`),
    );
    expect((await Promise.all(asked)).map(({ statusCode }) => statusCode)).toEqual([404, 200]);
    const commit = await xet.sendCommit(
      guest,
      open,
      `{"key":"header","value":{"summary":"Propose"}}\n${JSON.stringify(lfsLine('w.bin', offered.objects[0]!))}\n`,
      { revision: 'main?create_pr=1' },
    );
    expect(commit.statusCode).toBe(200);
    const head = await xet.head(guest, `${webUrl(open)}/resolve/refs%2Fpr%2F1/w.bin`);
    expect(head.headers['x-xet-hash']).toBe(offered.files[0]!.hash);
  });
});

describe('a xorb in two forms', () => {
  it('gives its parts to a file of both', async ({ xet }) => {
    const bytes = compressible(xet);
    const halves = [compressed(bytes, 0), encoded(bytes, 0x40)].map((packed, i) => {
      const chunks = chunksOf(bytes);
      const middle = Math.ceil(chunks.length / 2);
      const [start, end] = i === 0 ? [0, middle] : [middle, chunks.length];
      const list = chunkList(chunks.slice(start, end));
      const content = Buffer.concat(chunks.slice(start, end));
      const term = termOf(packed.xorbs[0]!, start, end);
      const file = { hash: xetHashText(fileHash(list)), sha256: sha256Of(content), terms: [term] };
      return { objects: [{ bytes: content, sha256: file.sha256 }], files: [file], xorbs: packed.xorbs };
    });
    for (const half of halves) {
      const owner = await xet.user();
      await bring(xet, { owner, repo: await xet.repo(owner), since: new Date() }, half);
    }
    const reader = await privateRepo(xet);
    const to = await xet.connect(reader.owner, reader.repo);
    const whole = {
      ...encoded(bytes, 0x40).files[0]!,
      terms: halves.flatMap(({ files }) => files[0]!.terms),
    };
    const sent = await xet.postShard(to, shardOf({ files: [whole], xorbs: [] }));
    expect([sent.statusCode, sent.body]).toEqual([200, '{"result":1}']);
    const answer = (await xet.cas(to, 'GET', `/v2/reconstructions/${whole.hash}`)).json<AnswerV2>();
    expect(Object.values(answer.xorbs).map((fetches) => fetches.length)).toEqual([2]);
    for (const download of [downloadV1, downloadV2])
      expect((await download(xet, to, whole.hash)).equals(bytes)).toBe(true);
    await xet.commitLines(reader.owner, reader.repo, lfsLine('w.bin', { bytes, sha256: whole.sha256! }));
    const plain = await xet.read(reader.owner, `${webUrl(reader.repo)}/resolve/main/w.bin`);
    const got = plain.headers.location === undefined ? plain : await xet.get(plain.headers.location);
    expect(got.rawPayload.equals(bytes)).toBe(true);
    expect(await problemsOf(xet)).toEqual([]);
  });
});

describe('a form that no repository holds any more', () => {
  it('is collected while the others stay', async ({ xet }) => {
    const bytes = xet.randomBytes(SIZE_BYTES);
    const forms = [cutBy(bytes, 50_000), cutBy(bytes, 20_000)];
    const homes = await Promise.all([1, 2, 3].map(() => privateRepo(xet)));
    for (const [i, form] of forms.entries()) await bring(xet, homes[i]!, form);
    await commitByLfs(xet, homes[2]!, forms[0]!);
    await presentBlobs(xet);
    expect(await stored(xet, forms[0]!)).toEqual({ files: 3, blob: true, parts: 1, state: 'present' });
    await sweep(xet);
    expect(await stored(xet, forms[0]!)).toMatchObject({ files: 3, blob: true });
    const repos = xet.hub.services().repos;
    await repos.delete(homes[0]!.owner.actor, homes[0]!.repo);
    expect(await sweep(xet)).toMatchObject({ collectedFiles: 1, collectedBlobs: 0, collectedObjects: 0 });
    expect(await stored(xet, forms[0]!)).toMatchObject({ files: 2, blob: true });
    await repos.delete(homes[2]!.owner.actor, homes[2]!.repo);
    expect(await sweep(xet)).toMatchObject({ collectedFiles: 0, collectedBlobs: 1, collectedObjects: 0 });
    expect(await stored(xet, forms[0]!)).toEqual({ files: 1, blob: false, parts: 0, state: 'present' });
    const { sha256 } = forms[0]!.objects[0]!;
    expect((await xet.keys('lfs/')).filter((key) => key.includes(sha256))).toEqual([]);
    const { tree } = await view(xet, homes[1]!, forms[1]!, []);
    expect(tree).toEqual([forms[1]!.files[0]!.hash]);
    expect(await problemsOf(xet)).toEqual([]);
    // A blob may come again, under a key of its own.
    await commitByLfs(xet, await privateRepo(xet), forms[0]!);
    expect(await stored(xet, forms[0]!)).toMatchObject({ files: 1, blob: true, state: 'present' });
    expect(await problemsOf(xet)).toEqual([]);
  });

  it('leaves a blob whose parts another form is made of', async ({ xet }) => {
    const bytes = xet.randomBytes(SIZE_BYTES);
    const packed = packFiles([bytes]);
    const byLfs = await privateRepo(xet);
    const byXet = { ...byLfs, repo: await xet.repo(byLfs.owner, { isPrivate: true }) };
    await commitByLfs(xet, byLfs, packed);
    await presentBlobs(xet);
    // He may read the blob, so he need not upload its chunks.
    await xet.postShard(await xet.connect(byLfs.owner, byXet.repo), shardOf(packed));
    await xet.commitLines(byLfs.owner, byXet.repo, lfsLine('w.bin', packed.objects[0]!));
    await xet.hub.services().repos.delete(byLfs.owner.actor, byLfs.repo);
    expect(await sweep(xet)).toMatchObject({ collectedBlobs: 0, collectedObjects: 0 });
    const { tree } = await view(xet, byXet, packed, []);
    expect(tree).toEqual([packed.files[0]!.hash]);
    expect(await problemsOf(xet)).toEqual([]);
    await xet.hub.services().repos.delete(byXet.owner.actor, byXet.repo);
    await sweep(xet);
    expect(await stored(xet, packed)).toEqual({ files: 0, blob: true, parts: 0, state: 'gone' });
  });
});
