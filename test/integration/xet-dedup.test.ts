import { describe, expect } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { DedupKeys } from '../../src/domain/xet/dedup-keys.ts';
import type { XetScope } from '../../src/domain/xet/xet-tokens.ts';
import { dedupHash, chunkHash } from '../../src/xet/keyed-hash.ts';
import { FOOTER_AT, RECORD_BYTES, SHARD_FOOTER_BYTES } from '../../src/xet/shard-records.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { countStatements } from '../support/count-statements.ts';
import { fill } from '../support/full-gate.ts';
import { it, type LfsWorld, type TestRepo } from '../support/lfs-world.ts';
import type { TestUser } from '../support/world.ts';
import {
  fileOf,
  someChunks,
  type TestXorb,
  type Uploader,
  wholeFile,
  XetStore,
  xorbOf,
} from '../support/xet-store.ts';

const DAY_MS = 86_400_000;

function by(user: TestUser, repo: TestRepo): Uploader {
  return { repoId: repo.id, uploaderId: user.actor.kind === 'user' ? user.actor.id : 0 };
}

/** Asks for a chunk as a client does, with a token of the repository. */
async function ask(
  lfs: LfsWorld,
  user: TestUser | null,
  repo: RepoRef,
  chunk: string,
  { scope = 'read', path = '/v1/chunks/default' }: { scope?: XetScope; path?: string } = {},
) {
  return request(lfs, await authorize(lfs, user, repo, scope), `${path}/${chunk}`);
}

async function authorize(lfs: LfsWorld, user: TestUser | null, repo: RepoRef, scope: XetScope) {
  const services = lfs.hub.services();
  const access = await services.access.requireFiles(user?.actor ?? { kind: 'anonymous' }, repo);
  const userId = user?.actor.kind === 'user' ? user.actor.id : null;
  return `Bearer ${services.xetAccess.grantFor(access, { userId, revision: 'main', scope }).accessToken}`;
}

function request(lfs: LfsWorld, authorization: string, path: string) {
  const url = `/xet/${lfs.hub.deps.xet.instanceId}${path}`;
  return lfs.app.inject({ url, headers: { authorization } });
}

interface Answer {
  readonly key: Buffer;
  readonly expiresAt: Date;
  /** Keyed hashes and lengths by xorb. */
  readonly xorbs: ReadonlyMap<XetHash, { readonly hashes: Buffer[]; readonly lengths: number[] }>;
}

/** Reads an answer as clients do: the xorb section ends at the offset of the first lookup table. */
function read(shard: Buffer): Answer {
  const footer = shard.subarray(shard.length - SHARD_FOOTER_BYTES);
  const u64 = (at: number): number => Number(footer.readBigUInt64LE(at));
  const xorbs = new Map<XetHash, { hashes: Buffer[]; lengths: number[] }>();
  for (let at = u64(FOOTER_AT.xorbSection); at < u64(FOOTER_AT.fileLookup) - RECORD_BYTES;) {
    const count = shard.readUInt32LE(at + 36);
    const entries = Array.from({ length: count }, (_, i) => at + (i + 1) * RECORD_BYTES);
    xorbs.set(xetHashText(shard, at), {
      hashes: entries.map((entry) => shard.subarray(entry, entry + XET_HASH_BYTES)),
      lengths: entries.map((entry) => shard.readUInt32LE(entry + 36)),
    });
    at += (1 + count) * RECORD_BYTES;
  }
  return {
    key: footer.subarray(FOOTER_AT.hmacKey, FOOTER_AT.hmacKey + XET_HASH_BYTES),
    expiresAt: new Date(u64(FOOTER_AT.keyExpiresAt) * 1000),
    xorbs,
  };
}

/** Which chunks of a xorb an answer tells of, by position. */
function known(answer: Answer, xorb: TestXorb): number[] {
  const told = answer.xorbs.get(xorb.hash)?.hashes ?? [];
  return xorb.chunks.flatMap((chunk, i) =>
    told[i]?.equals(dedupHash(answer.key, chunkHash(chunk))) ? [i] : [],
  );
}

async function committed(lfs: LfsWorld, owner: TestUser, options: Parameters<LfsWorld['bareRepo']>[1] = {}) {
  const repo = await lfs.bareRepo(owner, options);
  const store = new XetStore(lfs.hub);
  const xorb = xorbOf(someChunks(4));
  const file = await store.upload(by(owner, repo), xorb);
  await lfs.commitObjects(repo, file);
  return { repo, store, xorb, file, chunk: await store.publishChunk(xorb) };
}

/** A committed file of so many xorbs. @returns with the published chunk of number 4. */
async function longFile(
  lfs: LfsWorld,
  owner: TestUser,
  count: number,
  options: Parameters<LfsWorld['bareRepo']>[1] = {},
) {
  const repo = await lfs.bareRepo(owner, options);
  const store = new XetStore(lfs.hub);
  const xorbs = Array.from({ length: count }, () => xorbOf(someChunks(2)));
  for (const xorb of xorbs) await store.uploadXorb(by(owner, repo), xorb);
  const file = fileOf(xorbs.map((xorb) => ({ xorb, start: 0, end: 2 })));
  await store.registerFile(by(owner, repo), file);
  await lfs.commitObjects(repo, file);
  return { repo, store, xorbs, chunk: await store.publishChunk(xorbs[4]!) };
}

describe('GET chunks/{prefix}/{hash}', () => {
  it('tells of a xorb in a readable repository, by hidden hashes', async ({ lfs }) => {
    const { repo, xorb, chunk } = await committed(lfs, await lfs.user());
    const reader = await lfs.user();
    const response = await ask(lfs, reader, await lfs.bareRepo(reader), chunk, { scope: 'write' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('application/octet-stream');
    const answer = read(response.rawPayload);
    expect(known(answer, xorb)).toEqual([0, 1, 2, 3]);
    expect(answer.xorbs.get(xorb.hash)!.lengths).toEqual([1000, 1000, 1000, 1000]);
    for (const chunk of xorb.chunks) expect(response.rawPayload.includes(chunkHash(chunk))).toBe(false);
    const aheadMs = answer.expiresAt.getTime() - Date.now();
    expect(aheadMs).toBeGreaterThan(6 * DAY_MS);
    expect(aheadMs).toBeLessThanOrEqual(21 * DAY_MS);
    for (const path of ['/chunks/default-merkledb', '/v1/chunks/anything'])
      expect((await ask(lfs, null, repo, chunk, { path })).statusCode).toBe(200);
  });

  it('keeps the xorb for longer than the answer is good for', async ({ lfs }) => {
    const { repo, xorb, chunk } = await committed(lfs, await lfs.user());
    const { sql } = lfs.hub.deps;
    await sql.execute({ text: `update xet_xorb set lease_until = now() - interval '1 day'` });
    const answer = read((await ask(lfs, null, repo, chunk)).rawPayload);
    const [row] = await sql.query<{ lease_until: Date }>({
      text: `select max(lease_until) as lease_until from xet_xorb where lease_until > now()`,
    });
    expect(answer.xorbs.has(xorb.hash)).toBe(true);
    expect(row!.lease_until.getTime()).toBeGreaterThan(answer.expiresAt.getTime() + 10 * DAY_MS);
  });

  it('answers for chunks that are hidden and for those that nobody has the same', async ({ lfs }) => {
    const owner = await lfs.user();
    const stranger = await lfs.user();
    const home = await lfs.bareRepo(stranger);
    const hidden = [
      await committed(lfs, owner, { isPrivate: true }),
      await committed(lfs, owner, { gated: 'auto' }),
      await committed(lfs, owner, { isPrivate: true, namespace: await lfs.org(owner) }),
    ];
    const disabled = await committed(lfs, owner);
    const { sql } = lfs.hub.deps;
    await sql.execute({
      text: 'update repo set is_disabled = true where id = $1',
      values: [disabled.repo.id],
    });
    const unknown = await ask(lfs, stranger, home, 'ab'.repeat(32));
    expect(unknown.statusCode).toBe(404);
    for (const { chunk } of [...hidden, disabled]) {
      for (const user of [stranger, null]) {
        const response = await ask(lfs, user, home, chunk);
        expect([response.statusCode, response.body]).toEqual([404, unknown.body]);
        expect(response.headers['x-error-message']).toBe(unknown.headers['x-error-message']);
      }
    }
    for (const { chunk, repo } of hidden) {
      expect((await ask(lfs, owner, repo, chunk)).statusCode).toBe(200);
      // Anywhere: they are his own.
      expect((await ask(lfs, owner, home, chunk)).statusCode).toBe(200);
    }
  });

  it('asks the database as often for a hidden chunk as for an unknown one', async ({ lfs }) => {
    const { chunk } = await committed(lfs, await lfs.user(), { isPrivate: true });
    const partly = await partlyPublic(lfs);
    const stranger = await lfs.user();
    const home = await lfs.bareRepo(stranger);
    const authorization = await authorize(lfs, stranger, home, 'read');
    const statements = (hash: string): Promise<number> =>
      countStatements(lfs.hub, async () => {
        const response = await request(lfs, authorization, `/v1/chunks/default/${hash}`);
        expect(response.statusCode).toBe(404);
      });
    const unknown = await statements('cd'.repeat(32));
    expect(unknown).toBeGreaterThan(0);
    expect(await statements(chunk)).toBe(unknown);
    expect(await statements(partly.hiddenChunk)).toBe(unknown);
  });

  it('tells only of the readable chunks of a xorb that also holds private ones', async ({ lfs }) => {
    const { owner, xorb, publicChunk, hiddenChunk, secret } = await partlyPublic(lfs);
    const stranger = await lfs.user();
    const home = await lfs.bareRepo(stranger);
    const answer = read((await ask(lfs, stranger, home, publicChunk)).rawPayload);
    expect(known(answer, xorb)).toEqual([1, 2]);
    expect(answer.xorbs.get(xorb.hash)!.lengths).toEqual([1, 1000, 1000]);
    expect((await ask(lfs, stranger, home, hiddenChunk)).statusCode).toBe(404);
    const own = read((await ask(lfs, owner, secret, hiddenChunk)).rawPayload);
    expect(known(own, xorb)).toEqual([0, 1, 2, 3]);
  });

  it('tells the members of an organization of its private repositories', async ({ lfs }) => {
    const [owner, member] = [await lfs.user(), await lfs.user()];
    const namespace = await lfs.org(owner, [{ user: member, role: 'member' }]);
    const { chunk, xorb } = await committed(lfs, owner, { isPrivate: true, namespace });
    const home = await lfs.bareRepo(member);
    expect(known(read((await ask(lfs, member, home, chunk)).rawPayload), xorb)).toEqual([0, 1, 2, 3]);
  });

  it('does not tell of what somebody else brought and did not commit', async ({ lfs }) => {
    const [owner, reader] = [await lfs.user(), await lfs.user()];
    const repo = await lfs.bareRepo(owner);
    const store = new XetStore(lfs.hub);
    const xorb = xorbOf(someChunks(2));
    await store.upload(by(owner, repo), xorb);
    const chunk = await store.publishChunk(xorb);
    expect((await ask(lfs, reader, repo, chunk)).statusCode).toBe(404);
    expect((await ask(lfs, owner, repo, chunk, { scope: 'write' })).statusCode).toBe(200);
  });

  it('tells of parts of a readable LFS blob', async ({ lfs }) => {
    const [owner, stranger] = [await lfs.user(), await lfs.user()];
    const store = new XetStore(lfs.hub);
    const home = await lfs.bareRepo(stranger);
    const answers = [];
    for (const isPrivate of [true, false]) {
      const repo = await lfs.bareRepo(owner, { isPrivate });
      const xorb = xorbOf(someChunks(3));
      const blob = wholeFile(xorb);
      await lfs.upload(owner, repo, blob);
      await store.presentBlob(xorb);
      await lfs.commitObjects(repo, blob);
      answers.push((await ask(lfs, stranger, home, await store.publishChunk(xorb))).statusCode);
    }
    expect(answers).toEqual([404, 200]);
  });

  it('tells of a few xorbs only', async ({ lfs }) => {
    const owner = await lfs.user();
    const repo = await lfs.bareRepo(owner);
    const store = new XetStore(lfs.hub);
    const [common] = someChunks(1);
    const made = Array.from({ length: 6 }, () => xorbOf([common!, ...someChunks(1)]));
    let chunk = '';
    for (const xorb of made) {
      await lfs.commitObjects(repo, await store.upload(by(owner, repo), xorb));
      chunk = await store.publishChunk(xorb);
    }
    expect(read((await ask(lfs, null, repo, chunk)).rawPayload).xorbs.size).toBe(4);
  });

  it('tells of the xorbs around one in a readable file, most of all of those behind it', async ({ lfs }) => {
    const { xorbs, chunk } = await longFile(lfs, await lfs.user(), 40);
    const reader = await lfs.user();
    const answer = read((await ask(lfs, reader, await lfs.bareRepo(reader), chunk)).rawPayload);
    const told = xorbs.flatMap((xorb, i) => (answer.xorbs.has(xorb.hash) ? [i] : []));
    expect(told).toEqual(Array.from({ length: 33 }, (_, i) => 3 + i));
    expect(told.map((i) => known(answer, xorbs[i]!))).toEqual(told.map(() => [0, 1]));
  });

  it('does not tell of xorbs around one in a hidden file, nor of hidden parts of those in a readable one', async ({
    lfs,
  }) => {
    const owner = await lfs.user();
    const { xorbs, chunk, store } = await longFile(lfs, owner, 8, { isPrivate: true });
    const open = await lfs.bareRepo(owner);
    const [first, second] = [xorbs[4]!, xorbs[7]!];
    const part = fileOf([
      { xorb: first, start: 0, end: 2 },
      { xorb: second, start: 1, end: 2 },
    ]);
    await store.registerFile(by(owner, open), part);
    await lfs.commitObjects(open, part);
    const stranger = await lfs.user();
    const answer = read((await ask(lfs, stranger, await lfs.bareRepo(stranger), chunk)).rawPayload);
    expect([...answer.xorbs.keys()].toSorted()).toEqual([first.hash, second.hash].toSorted());
    expect([known(answer, first), known(answer, second)]).toEqual([[0, 1], [1]]);
  });

  it('refuses what is no hash, no token and no address of this hub', async ({ lfs }) => {
    const repo = await lfs.bareRepo(await lfs.user());
    expect((await ask(lfs, null, repo, 'not-a-hash')).statusCode).toBe(400);
    expect((await ask(lfs, null, repo, 'AB'.repeat(32))).statusCode).toBe(400);
    const url = `/xet/${lfs.hub.deps.xet.instanceId}/v1/chunks/default/${'ab'.repeat(32)}`;
    expect((await lfs.app.inject({ url })).statusCode).toBe(401);
    const authorization = 'Bearer made-up';
    expect((await lfs.app.inject({ url, headers: { authorization } })).statusCode).toBe(401);
    const elsewhere = url.replace(lfs.hub.deps.xet.instanceId, 'other');
    expect((await lfs.app.inject({ url: elsewhere, headers: { authorization } })).statusCode).toBe(404);
  });
});

describe('when many ask at once', () => {
  it('lets those wait for whom there is something to tell, and no others', async ({ lfs }) => {
    const { repo, xorb, chunk } = await committed(lfs, await lfs.user());
    const gate = lfs.hub.deps.xet.gates.dedupAnswers;
    const leave = await fill(gate);
    const waiting = ask(lfs, null, repo, chunk);
    await expect.poll(() => gate.waitingCount).toBe(1);
    expect((await ask(lfs, null, repo, 'ab'.repeat(32))).statusCode).toBe(404);
    await leave();
    expect(known(read((await waiting).rawPayload), xorb)).toEqual([0, 1, 2, 3]);
  });

  it('has those come later who are behind a long queue', async ({ lfs }) => {
    const reader = await lfs.user();
    const { repo, chunk } = await committed(lfs, reader);
    const gate = lfs.hub.deps.xet.gates.dedupAnswers;
    const leave = await fill(gate);
    const others = Array.from({ length: 1024 }, (_, i) => {
      return gate.run({ weight: 1, userId: -1 - i, signal: new AbortController().signal }, async () => {});
    });
    const refused = await ask(lfs, reader, repo, chunk);
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([503, '5']);
    await leave();
    await Promise.all(others);
    expect((await ask(lfs, reader, repo, chunk)).statusCode).toBe(200);
  });
});

describe('the keys of answers', () => {
  it('change with the day and never repeat before they expire', () => {
    const keys = new DedupKeys(Buffer.alloc(32, 7));
    const noon = Date.UTC(2026, 10, 22, 12);
    const today = keys.at(noon);
    expect(keys.at(noon + DAY_MS / 3)).toEqual(today);
    expect(keys.at(noon + DAY_MS).hmacKey.equals(today.hmacKey)).toBe(false);
    expect(new DedupKeys(Buffer.alloc(32, 8)).at(noon).hmacKey.equals(today.hmacKey)).toBe(false);
    expect(today.hmacKey).toHaveLength(32);
    expect(today.createdAt.getTime()).toBeLessThanOrEqual(noon);
    expect(today.expiresAt.getTime()).toBeGreaterThan(noon + 6 * DAY_MS);
  });
});

/** A xorb of one upload to two repositories: a public file needs its chunks 1 and 2, a private one all. */
async function partlyPublic(lfs: LfsWorld) {
  const owner = await lfs.user();
  const open = await lfs.bareRepo(owner);
  const secret = await lfs.bareRepo(owner, { isPrivate: true });
  const store = new XetStore(lfs.hub);
  const xorb = xorbOf(someChunks(4));
  await lfs.commitObjects(secret, await store.upload(by(owner, secret), xorb));
  const part = fileOf([{ xorb, start: 1, end: 3 }]);
  await store.registerFile(by(owner, open), part);
  await lfs.commitObjects(open, part);
  const publicChunk = await store.publishChunk(xorb, 1);
  const hiddenChunk = await store.publishChunk(xorb, 0);
  return { owner, secret, xorb, publicChunk, hiddenChunk };
}
