import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { EMPTY_FILE_HASH, type XetHash } from '../../src/xet/xet-hash.ts';
import type { XorbId } from '../../src/xet/xorb-id.ts';
import { lfsLine } from '../support/content.ts';
import { localPath } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';
import {
  type AnswerV1,
  type AnswerV2,
  downloadV1,
  downloadV2,
  multipartBodies,
} from '../support/xet-download.ts';
import {
  fileIdOf,
  linkContents,
  storePacked,
  storeVirtual,
  uncompressed,
  xorbIdOfHash,
} from '../support/xet-stored.ts';
import { chunksOf, type PackedFiles, type PackOptions, packFiles, termOf } from '../support/xet-pack.ts';
import { it, type XetConnection, type XetWorld } from '../support/xet-world.ts';

interface Setting {
  readonly owner: TestUser;
  readonly repo: RepoRef;
  readonly packed: PackedFiles;
  readonly bytes: Buffer;
  readonly hash: XetHash;
  readonly to: XetConnection;
}

async function repoOf(xet: XetWorld, isPrivate: boolean) {
  const owner = await xet.user();
  const repo = await xet.repo(owner, { isPrivate });
  const { id } = await xet.hub.services().access.requireFiles(owner.actor, repo);
  return { owner, repo, id };
}

/** A file in stored xorbs, committed. */
async function stored(
  xet: XetWorld,
  bytes: Buffer,
  { isPrivate = false, ...options }: PackOptions & { readonly isPrivate?: boolean } = {},
): Promise<Setting> {
  const { owner, repo, id } = await repoOf(xet, isPrivate);
  const packed = packFiles([bytes], { chunksPerXorb: 6, ...options });
  await storePacked(xet.hub, packed);
  await linkContents(xet.hub, id, packed);
  await xet.commitLines(owner, repo, lfsLine('model.bin', packed.objects[0]!));
  const to = await xet.connect(owner, repo, { scope: 'read' });
  return { owner, repo, packed, bytes, hash: packed.files[0]!.hash, to };
}

/** A file that is a blob, uploaded by LFS, and readable through virtual xorbs. */
async function virtual(xet: XetWorld, bytes: Buffer): Promise<Setting> {
  const { owner, repo } = await repoOf(xet, false);
  const packed = packFiles([bytes], { chunksPerXorb: 6 });
  await xet.commitLfs(owner, repo, 'model.bin', packed.objects[0]!);
  await storeVirtual(xet.hub, packed.objects[0]!, packed);
  const to = await xet.connect(owner, repo, { scope: 'read' });
  return { owner, repo, packed, bytes, hash: packed.files[0]!.hash, to };
}

function ask(xet: XetWorld, to: XetConnection, hash: string, range?: string) {
  return xet.cas(to, 'GET', `/v2/reconstructions/${hash}`, range === undefined ? {} : { headers: { range } });
}

/** The fetch URL of the first xorb and its serialized bytes. */
async function firstUrl(xet: XetWorld, { to, hash, packed }: Setting) {
  const answer = (await ask(xet, to, hash)).json<AnswerV2>();
  const xorb = packed.xorbs[0]!;
  return { ...answer.xorbs[xorb.hash]![0]!, xorb };
}

/** A file that is made of these chunks of one xorb. */
async function scattered(xet: XetWorld, chunkNumbers: readonly number[]) {
  const { owner, repo, id } = await repoOf(xet, false);
  const source = packFiles([xet.randomBytes(4_000_000)]);
  const chunks = chunksOf(source.objects[0]!.bytes);
  const xorb = source.xorbs[0]!;
  const bytes = Buffer.concat(chunkNumbers.map((chunk) => chunks[chunk]!));
  const { objects, files } = packFiles([bytes]);
  const terms = chunkNumbers.map((chunk) => termOf(xorb, chunk, chunk + 1));
  await storePacked(xet.hub, { xorbs: source.xorbs, objects, files: [{ ...files[0]!, terms }] });
  await linkContents(xet.hub, id, { xorbs: [], objects, files });
  return { to: await xet.connect(owner, repo), hash: files[0]!.hash, xorb: xorb.hash, bytes };
}

/** An answer without what differs in every URL. */
function shape(answer: object): string {
  return JSON.stringify(answer).replaceAll(/token=[^"]+/g, '');
}

describe('a Xet client', () => {
  it.for(['stored', 'grouped', 'virtual'] as const)(
    'gets a file of %s chunks, and ranges of it',
    async (kind, { xet }) => {
      const bytes = Buffer.concat([Buffer.alloc(300_000, 'text '), xet.randomBytes(900_000)]);
      const setting =
        kind === 'virtual'
          ? await virtual(xet, bytes)
          : await stored(xet, bytes, { scheme: kind === 'grouped' ? 2 : 0 });
      const { to, hash } = setting;
      for (const download of [downloadV1, downloadV2]) {
        expect((await download(xet, to, hash)).equals(bytes)).toBe(true);
        for (const [start, end] of [
          [0, 0],
          [1, 700_000],
          [650_000, 650_010],
          [1_199_999, 1_199_999],
          [400_000, 9_000_000],
        ] as const) {
          const part = await download(xet, to, hash, { start, end });
          expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
        }
      }
    },
  );

  it.for([
    ['one URL', [0, 3, 5], [3]],
    ['as many URLs as it takes', Array.from({ length: 20 }, (_, i) => 2 * i), [16, 4]],
    ['one URL, for chunks in any order', [5, 0, 1, 5, 3], [3]],
  ] as const)('gets scattered chunks of a xorb by %s', async ([, chunkNumbers, rangesByUrl], { xet }) => {
    const { to, hash, xorb, bytes } = await scattered(xet, chunkNumbers);
    const answer = (await ask(xet, to, hash)).json<AnswerV2>();
    expect(answer.xorbs[xorb]!.map(({ ranges }) => ranges.length)).toEqual(rangesByUrl);
    expect((await downloadV2(xet, to, hash)).equals(bytes)).toBe(true);
    expect((await downloadV1(xet, to, hash)).equals(bytes)).toBe(true);
  });

  it('is told the same again, by every spelling of the address', async ({ xet }) => {
    const { to, hash } = await stored(xet, xet.randomBytes(900_000));
    const [first, second] = [
      (await ask(xet, to, hash)).json<AnswerV2>(),
      (await ask(xet, to, hash)).json<AnswerV2>(),
    ];
    expect(shape(second)).toBe(shape(first));
    const one = await xet.cas(to, 'GET', `/v1/reconstructions/${hash}`);
    const old = await xet.cas(to, 'GET', `/reconstructions/${hash}`);
    expect(shape(old.json<AnswerV1>())).toBe(shape(one.json<AnswerV1>()));
    expect(one.headers['cache-control']).toBe('no-store');
    expect(one.json<AnswerV1>().terms).toEqual(first.terms);
  });

  it('learns where a file ends', async ({ xet }) => {
    const { to, hash, bytes } = await stored(xet, xet.randomBytes(300_000));
    for (const start of [bytes.length, 256_000_000]) {
      const beyond = await ask(xet, to, hash, `bytes=${start}-${start + 999}`);
      expect([beyond.statusCode, beyond.headers['content-range']]).toEqual([416, `bytes */${bytes.length}`]);
    }
    const malformed = await ask(xet, to, hash, 'bytes=9-5');
    expect(malformed.json<AnswerV2>().terms).toEqual((await ask(xet, to, hash)).json<AnswerV2>().terms);
  });

  it('needs nothing for a file without bytes', async ({ xet }) => {
    const { to } = await stored(xet, xet.randomBytes(10_000));
    const answer = await ask(xet, to, EMPTY_FILE_HASH);
    expect(answer.json()).toEqual({ offset_into_first_range: 0, terms: [], xorbs: {} });
    const old = await xet.cas(to, 'GET', `/v1/reconstructions/${EMPTY_FILE_HASH}`);
    expect(old.json()).toEqual({ offset_into_first_range: 0, terms: [], fetch_info: {} });
  });
});

describe('who learns how to put a file together', () => {
  it('nobody by the token of another repository, whether the file exists or not', async ({ xet }) => {
    const secret = await stored(xet, xet.randomBytes(300_000), { isPrivate: true });
    const own = await stored(xet, xet.randomBytes(10_000));
    const strangers = [own.to, await xet.connect(own.owner, own.repo, { scope: 'write' })];
    const unknown = 'f'.repeat(64);
    for (const to of strangers) {
      for (const path of ['/v1/reconstructions', '/v2/reconstructions', '/reconstructions']) {
        const hidden = await xet.cas(to, 'GET', `${path}/${secret.hash}`);
        const missing = await xet.cas(to, 'GET', `${path}/${unknown}`);
        expect([hidden.statusCode, hidden.headers['x-error-code']]).toEqual([404, 'NotFound']);
        expect(hidden.body).toBe(missing.body);
      }
    }
    expect((await ask(xet, secret.to, secret.hash)).statusCode).toBe(200);
  });

  it('nobody without a token, by an account token, or by a wrong one', async ({ xet }) => {
    const { to, owner, hash } = await stored(xet, xet.randomBytes(10_000));
    for (const token of ['', owner.token, to.token.replace(/.$/, (char) => (char === 'A' ? 'B' : 'A'))]) {
      const answer = await ask(xet, { ...to, token }, hash);
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([401, 'InvalidCredentials']);
    }
    const elsewhere = { ...to, casPath: '/xet/another' };
    expect((await ask(xet, elsewhere, hash)).statusCode).toBe(404);
  });

  it('only writers before a commit, and who offered it for a pull request', async ({ xet }) => {
    const { owner, repo, id } = await repoOf(xet, false);
    const packed = packFiles([xet.randomBytes(100_000)]);
    await storePacked(xet.hub, packed);
    const { hash } = packed.files[0]!;
    const guest = await xet.user();
    const writer = await xet.connect(owner, repo);
    const reader = await xet.connect(owner, repo, { scope: 'read' });
    const proposer = await xet.connect(guest, repo, { createsPullRequest: true });
    const statuses = async () =>
      Promise.all([writer, reader, proposer].map(async (to) => (await ask(xet, to, hash)).statusCode));
    expect(await statuses()).toEqual([404, 404, 404]);
    await linkContents(xet.hub, id, packed);
    expect(await statuses()).toEqual([200, 404, 404]);
    await xet.hub.deps.sql.execute({
      text: `insert into lfs_offer (repo_id, sha256, user_id, xet_file_id) select $1, $2, id, $4 from account where name = $3`,
      values: [id, Buffer.from(packed.objects[0]!.sha256, 'hex'), guest.name, await fileIdOf(xet.hub, hash)],
    });
    expect(await statuses()).toEqual([200, 404, 200]);
  });

  it('nobody any more when the repository became gated or disabled', async ({ xet }) => {
    const { owner, repo, hash } = await stored(xet, xet.randomBytes(100_000));
    const guest = await xet.user();
    const to = await xet.connect(guest, repo, { scope: 'read' });
    expect((await ask(xet, to, hash)).statusCode).toBe(200);
    const set = (change: string) =>
      xet.hub.deps.sql.execute({ text: `update repo set ${change} where name = $1`, values: [repo.name] });
    await set(`gated = 'manual'`);
    const gated = await ask(xet, to, hash);
    expect([gated.statusCode, gated.headers['x-error-code']]).toEqual([403, 'GatedRepo']);
    const own = await xet.connect(owner, repo, { scope: 'read' });
    expect((await ask(xet, own, hash)).statusCode).toBe(200);
    await set('is_disabled = true');
    expect((await ask(xet, own, hash)).statusCode).toBe(403);
  });

  it('nobody after the object was pruned', async ({ xet }) => {
    const { to, hash, packed } = await stored(xet, xet.randomBytes(100_000));
    await xet.hub.deps.sql.execute({
      text: `update lfs_object set state = 'deleting' where sha256 = $1`,
      values: [Buffer.from(packed.objects[0]!.sha256, 'hex')],
    });
    const answer = await ask(xet, to, hash);
    expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([410, 'ObjectPruned']);
  });
});

describe('a fetch URL', () => {
  it.for(['stored', 'virtual'] as const)(
    'of a %s xorb gives exactly the bytes asked for',
    async (kind, { xet }) => {
      const bytes = xet.randomBytes(700_000);
      const setting = kind === 'virtual' ? await virtual(xet, bytes) : await stored(xet, bytes);
      const { url, ranges, xorb } = await firstUrl(xet, setting);
      const body =
        kind === 'virtual' ? uncompressed(chunksOf(bytes).slice(0, xorb.lengths.length)) : xorb.body;
      const { start, end } = ranges[0]!.bytes;
      expect([ranges.length, start, end]).toEqual([1, 0, body.length - 1]);
      const whole = await xet.get(url);
      expect([whole.statusCode, whole.headers['content-length']]).toEqual([200, String(body.length)]);
      expect(whole.rawPayload.equals(body)).toBe(true);
      const first = body.readUIntLE(1, 3) + 8;
      for (const [from, to] of [
        [0, 0],
        [0, 7],
        [3, 5],
        [7, 8],
        [first - 1, first + 9],
        [first + 2, first + 5],
        [100, body.length - 1],
      ] as const) {
        const part = await xet.get(url, { range: `bytes=${from}-${to}` });
        expect([part.statusCode, part.headers['content-range']]).toEqual([
          206,
          `bytes ${from}-${to}/${body.length}`,
        ]);
        expect(part.rawPayload.equals(body.subarray(from, to + 1))).toBe(true);
      }
      const several = await xet.get(url, { range: `bytes=0-99, ${first}-${first + 50},200-300` });
      expect([several.statusCode, several.headers['content-length']]).toEqual([
        206,
        String(several.rawPayload.length),
      ]);
      const bodies = multipartBodies(String(several.headers['content-type']), several.rawPayload);
      const wanted = [body.subarray(0, 100), body.subarray(first, first + 51), body.subarray(200, 301)];
      expect(bodies.map((part, i) => part.equals(wanted[i]!))).toEqual([true, true, true]);
      expect(several.rawPayload.toString('latin1')).toContain(
        `Content-Range: bytes ${first}-${first + 50}/${body.length}`,
      );
      const head = await xet.head(null, localPath(url), { range: 'bytes=0-99' });
      expect([head.statusCode, head.headers['content-length'], head.body]).toEqual([206, '100', '']);
    },
  );

  it('gives nothing outside of its ranges', async ({ xet }) => {
    const setting = await stored(xet, xet.randomBytes(700_000));
    const { xorb } = await firstUrl(xet, setting);
    const { urls } = xet.hub.deps.xet;
    const spans = [
      { start: 100, end: 199 },
      { start: 300, end: 399 },
    ];
    const named = { id: await xorbIdOfHash(xet.hub, xorb.hash), hash: xorb.hash };
    const url = urls.xorb(named, spans, soon());
    for (const range of [
      'bytes=99-199',
      'bytes=100-200',
      'bytes=150-350',
      'bytes=0-0',
      'bytes=100-199,400-401',
    ]) {
      const answer = await xet.get(url, { range });
      expect([range, answer.statusCode, answer.headers['x-error-code']]).toEqual([range, 403, 'Forbidden']);
    }
    expect(
      (await xet.get(url, { range: 'bytes=300-399' })).rawPayload.equals(xorb.body.subarray(300, 400)),
    ).toBe(true);
    expect((await xet.get(url)).statusCode).toBe(400);
    const one = urls.xorb(named, spans.slice(1), soon());
    for (const range of ['bytes=0-', 'bytes=-5']) {
      const answer = await xet.get(one, { range });
      expect(answer.rawPayload.equals(xorb.body.subarray(300, 400))).toBe(true);
    }
    const many = Array.from({ length: 17 }, () => '100-101').join(',');
    expect((await xet.get(url, { range: `bytes=${many}` })).statusCode).toBe(400);
  });

  it('is refused when it is expired, tampered with, or of another xorb', async ({ xet }) => {
    const setting = await stored(xet, xet.randomBytes(700_000));
    const { url } = await firstUrl(xet, setting);
    const [first, second] = setting.packed.xorbs as unknown as [{ hash: XetHash }, { hash: XetHash }];
    const span = [{ start: 0, end: 9 }];
    const id = await xorbIdOfHash(xet.hub, first.hash);
    const bad = [
      xet.hub.deps.xet.urls.xorb({ id, hash: first.hash }, span, new Date(Date.now() - 1)),
      url.replace(first.hash, second.hash),
      url.replace(/.$/, (char) => (char === 'A' ? 'B' : 'A')),
      url.replace(
        /token=.*/,
        `token=${Buffer.from(JSON.stringify({ xorb: id, hash: first.hash, spans: [[0, 9]], expiresAt: 1e15 })).toString('base64url')}`,
      ),
    ];
    for (const href of bad) {
      const answer = await xet.get(href, { range: 'bytes=0-9' });
      // After a 403 hf_xet asks for new URLs.
      expect([answer.statusCode, answer.headers['x-error-code']]).toEqual([403, 'Forbidden']);
      expect((await xet.head(null, localPath(href))).statusCode).toBe(403);
    }
    expect((await xet.get(url.replace(/\?.*/, ''))).statusCode).toBe(400);
    const gone = xet.hub.deps.xet.urls.xorb({ id: 'e'.repeat(64) as XorbId, hash: first.hash }, span, soon());
    expect((await xet.get(gone)).statusCode).toBe(410);
  });
});

function soon(): Date {
  return new Date(Date.now() + 60_000);
}
