import type { AddressInfo } from 'node:net';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect } from 'vitest';
import { rangeHash } from '../../src/xet/keyed-hash.ts';
import { parseXetHash } from '../../src/xet/xet-hash.ts';
import { MAX_XORB_BODY_BYTES } from '../../src/xet/xorb.ts';
import {
  chunkList,
  type SampleFile,
  type SampleTerm,
  type SampleXorb,
  serialized,
  shardOf,
} from '../fuzz/xet-samples.ts';
import { HostileWorld } from '../support/hostile.ts';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { type RawAnswer, sendRaw } from '../support/raw-http.ts';
import { chunksOf, packFiles, termOf, xorbFrom } from '../support/xet-pack.ts';
import { it, type XetConnection, type XetWorld } from '../support/xet-world.ts';

const ABSENT = parseXetHash('ab'.repeat(32));

/** Status and error code of an answer. */
type Outcome = readonly [status: number, code: unknown];

/** Each attempt is refused in this way, and the hub is as it was before. */
async function expectRefusals(
  xet: XetWorld,
  attempts: Readonly<Record<string, readonly [expected: Outcome, answer: () => Promise<Outcome>]>>,
): Promise<void> {
  const traces = () => new HostileWorld(xet, { port: 0, routes: [] }).traces();
  const before = await traces();
  const outcomes: Record<string, Outcome> = {};
  for (const [name, [, send]] of Object.entries(attempts)) outcomes[name] = await send();
  expect(outcomes).toEqual(
    Object.fromEntries(Object.entries(attempts).map(([name, [expected]]) => [name, expected])),
  );
  expect(await traces()).toEqual(before);
}

const BAD: Outcome = [400, 'BadRequest'];
const TOO_LARGE: Outcome = [413, 'PayloadTooLarge'];

async function connectNew(xet: XetWorld, options: { isPrivate?: boolean } = {}) {
  const owner = await xet.user();
  const repo = await xet.bareRepo(owner, options);
  return { owner, repo, to: await xet.connect(owner, repo) };
}

async function xorbOutcome(
  xet: XetWorld,
  to: XetConnection,
  xorb: Pick<SampleXorb, 'hash' | 'body'>,
): Promise<Outcome> {
  const answer = await xet.postXorb(to, xorb);
  return [answer.statusCode, answer.headers['x-error-code']];
}

async function shardOutcome(
  xet: XetWorld,
  to: XetConnection,
  ...files: readonly SampleFile[]
): Promise<Outcome> {
  const answer = await xet.postShard(to, shardOf({ files, xorbs: [] }));
  return [answer.statusCode, answer.headers['x-error-code']];
}

async function listen(xet: XetWorld): Promise<number> {
  if (!xet.app.server.listening) await xet.app.listen({ port: 0, host: '127.0.0.1' });
  return (xet.app.server.address() as AddressInfo).port;
}

function rawOutcome({ status, headers }: RawAnswer): Outcome {
  return [status, headers['x-error-code']];
}

/** Bytes of a xorb with one of them changed. */
function changed(body: Buffer, at: number, byte: number): Buffer {
  const copy = Buffer.from(body);
  copy[at] = byte;
  return copy;
}

describe('xorbs', () => {
  it('are refused when anything about them is wrong', async ({ xet }) => {
    const { to } = await connectNew(xet);
    const honest = xorbFrom(chunksOf(xet.randomBytes(300_000)));
    const packed = xorbFrom([Buffer.alloc(100_000, 'a')], 1);
    const send =
      (body: Buffer, hash = honest.hash) =>
      () =>
        xorbOutcome(xet, to, { hash, body });
    const bomb = serialized({
      content: Buffer.alloc(100),
      scheme: 1,
      frame: compressFrameSync(Buffer.alloc(131_072)),
    });
    const grouped = changed(bomb, 4, 2);
    const claimsMore = changed(bomb, 7, 0xff);
    const manyChunks = Buffer.concat(
      Array.from({ length: 8193 }, () => serialized({ content: Buffer.from('a'), scheme: 0 })),
    );
    const manyBytes = Buffer.concat(
      Array.from({ length: 513 }, () =>
        serialized({
          content: Buffer.alloc(131_072),
          scheme: 1,
          frame: compressFrameSync(Buffer.alloc(131_072)),
        }),
      ),
    );
    await expectRefusals(xet, {
      'another hash': [BAD, send(honest.body, ABSENT)],
      'a changed byte': [BAD, send(changed(honest.body, 1000, honest.body[1000]! ^ 1))],
      'a damaged frame': [BAD, send(changed(packed.body, 20, packed.body[20]! ^ 0xff), packed.hash)],
      'a missing end': [BAD, send(honest.body.subarray(0, -1))],
      'a header cut off': [BAD, send(Buffer.concat([honest.body, Buffer.alloc(5)]))],
      'one chunk less': [BAD, send(xorbFrom(chunksOf(xet.randomBytes(300_000)).slice(1)).body)],
      'bytes after the end': [BAD, send(Buffer.concat([honest.body, Buffer.from('more of it')]))],
      'no chunk': [BAD, send(Buffer.alloc(0))],
      'only a footer': [BAD, send(Buffer.from('XETBLOB and so on'))],
      'an unknown version': [BAD, send(changed(honest.body, 0, 1))],
      'an unknown scheme': [BAD, send(changed(honest.body, 4, 3))],
      'a bomb': [BAD, send(bomb)],
      'a grouped bomb': [BAD, send(grouped)],
      'a bomb that claims more': [BAD, send(claimsMore)],
      'too many chunks': [BAD, send(manyChunks)],
      'too many bytes': [BAD, send(manyBytes)],
      noise: [BAD, send(xet.randomBytes(100_000))],
    });
  });

  it('need a hash and a length', async ({ xet }) => {
    const { to } = await connectNew(xet);
    const port = await listen(xet);
    const target = `${to.casPath}/v1/xorbs/default/${ABSENT}`;
    const raw = (headers: readonly string[], body?: Buffer) => async () => {
      const authorization = `authorization: Bearer ${to.token}`;
      const request = { method: 'POST', target, headers: [authorization, ...headers] };
      return rawOutcome(await sendRaw(port, { ...request, ...(body && { body }) }));
    };
    const at = (path: string) => async (): Promise<Outcome> => {
      const answer = await xet.cas(to, 'POST', path, { payload: Buffer.alloc(10) });
      return [answer.statusCode, answer.headers['x-error-code']];
    };
    await expectRefusals(xet, {
      'no length': [BAD, raw(['transfer-encoding: chunked'], Buffer.from('0\r\n\r\n'))],
      'no body': [BAD, raw([])],
      'a length beyond the limit': [TOO_LARGE, raw([`content-length: ${MAX_XORB_BODY_BYTES + 1}`])],
      'a shard beyond the limit': [
        TOO_LARGE,
        async () =>
          rawOutcome(
            await sendRaw(port, {
              method: 'POST',
              target: `${to.casPath}/v1/shards`,
              headers: [`authorization: Bearer ${to.token}`, `content-length: ${2 ** 26 + 1}`],
            }),
          ),
      ],
      'no hash': [BAD, at('/v1/xorbs/default/abc')],
      'a hash in capitals': [BAD, at(`/v1/xorbs/default/${ABSENT.toUpperCase()}`)],
    });
  });
});

describe('shards', () => {
  it('are refused when they are not the files that they name', async ({ xet }) => {
    const { to } = await connectNew(xet);
    const packed = packFiles([xet.randomBytes(600_000)], { chunksPerXorb: 4 });
    for (const xorb of packed.xorbs) await xet.postXorb(to, xorb);
    const [honest] = packed.files;
    const [term, ...rest] = honest!.terms;
    const [xorb] = packed.xorbs;
    const send = (file: Partial<SampleFile>) => () => shardOutcome(xet, to, { ...honest!, ...file });
    const forged = (change: Partial<SampleTerm>) => send({ terms: [{ ...term!, ...change }, ...rest] });
    await expectRefusals(xet, {
      'another xorb': [BAD, forged({ xorb: packed.xorbs[1]!.hash })],
      'an unknown xorb': [BAD, forged({ xorb: ABSENT })],
      'another length': [BAD, forged({ rawBytes: term!.rawBytes + 1 })],
      'no length': [BAD, forged({ rawBytes: 0 })],
      'a later start': [BAD, forged({ chunkStart: 1 })],
      'an earlier end': [BAD, forged({ chunkEnd: term!.chunkEnd - 1 })],
      'an end behind the xorb': [BAD, forged({ chunkEnd: 8000 })],
      'an end behind all xorbs': [BAD, forged({ chunkEnd: 0xffff_ffff })],
      'an end before the start': [BAD, forged({ chunkStart: 3, chunkEnd: 2 })],
      'another range hash': [BAD, forged({ rangeHash: Buffer.alloc(32, 7) })],
      'a range hash of other chunks': [BAD, forged({ rangeHash: termOf(xorb!, 0, 2).rangeHash })],
      'the raw hash of a chunk': [BAD, forged({ rangeHash: xorb!.hashes.subarray(0, 32) })],
      'no range hashes': [BAD, send({ withoutRangeHashes: true })],
      'another file hash': [BAD, send({ hash: ABSENT })],
      'the hash of nothing': [BAD, send({ hash: parseXetHash('0'.repeat(64)) })],
      'a term less': [BAD, send({ terms: rest })],
      'a term twice': [BAD, send({ terms: [term!, ...honest!.terms] })],
      'terms in another order': [BAD, send({ terms: honest!.terms.toReversed() })],
      'no terms': [BAD, send({ terms: [] })],
      'another SHA-256': [BAD, send({ sha256: parseSha256('ab'.repeat(32)) })],
      'unknown flags': [BAD, send({ extraFlags: 1 })],
      'a good file before a bad one': [
        BAD,
        () => shardOutcome(xet, to, honest!, { ...honest!, sha256: parseSha256('cd'.repeat(32)) }),
      ],
      'more chunks than a file may have': [
        TOO_LARGE,
        send({ terms: Array.from({ length: 1025 }, () => ({ ...term!, chunkStart: 0, chunkEnd: 8192 })) }),
      ],
    });
  });

  it('are refused when they are not shards', async ({ xet }) => {
    const { to } = await connectNew(xet);
    const shard = shardOf(packFiles([xet.randomBytes(1000)]));
    const send = (bytes: Buffer) => async (): Promise<Outcome> => {
      const answer = await xet.postShard(to, bytes);
      return [answer.statusCode, answer.headers['x-error-code']];
    };
    const claiming = (count: number): Buffer => {
      const bytes = Buffer.from(shard);
      bytes.writeUInt32LE(count, 48 + 36);
      return bytes;
    };
    await expectRefusals(xet, {
      nothing: [BAD, send(Buffer.alloc(0))],
      noise: [BAD, send(xet.randomBytes(10_000))],
      'another tag': [BAD, send(changed(shard, 0, 0))],
      'another version': [BAD, send(changed(shard, 32, 3))],
      'a missing end': [BAD, send(shard.subarray(0, -1))],
      'only a header': [BAD, send(shard.subarray(0, 48))],
      'a missing section': [BAD, send(shard.subarray(0, -48))],
      'bytes after the end': [BAD, send(Buffer.concat([shard, Buffer.alloc(48)]))],
      'four billion terms': [BAD, send(claiming(0xffff_ffff))],
      'one term more': [BAD, send(claiming(2))],
      'a footer that is missing': [BAD, send(changed(shard, 40, 200))],
    });
  });

  it('say the same of a private xorb without proof as of one that is not there', async ({ xet }) => {
    const secret = await connectNew(xet, { isPrivate: true });
    const packed = packFiles([xet.randomBytes(300_000)]);
    await xet.sendPacked(secret.to, packed);
    const { to } = await connectNew(xet);
    const [file] = packed.files;
    const [term] = file!.terms;
    const guess = { ...term!, rangeHash: rangeHash(chunkList([Buffer.from('guess')]).hashes) };
    const answers: { status: number; body: string }[] = [];
    for (const xorb of [term!.xorb, ABSENT]) {
      for (const path of ['/v1/shards', '/v2/shards'] as const) {
        const shard = shardOf({ files: [{ ...file!, terms: [{ ...guess, xorb }] }], xorbs: [] });
        const { statusCode, body } = await xet.postShard(to, shard, path);
        answers.push({ status: statusCode, body: body.replaceAll(xorb, '<xorb>') });
      }
    }
    expect(answers.slice(0, 2)).toEqual(answers.slice(2));
    expect(answers[0]!.status).toBe(400);
  });
});

describe('uploads', () => {
  it('need a token that may write here, and somebody who still may', async ({ xet }) => {
    const owner = await xet.user();
    const member = await xet.user('member');
    const org = await xet.org(owner, [{ user: member, role: 'member' }]);
    const repo = await xet.bareRepo(owner, { namespace: org, isPrivate: true });
    const to = await xet.connect(owner, repo);
    const revoked = await xet.connect(member, repo);
    await xet.hub.services().orgs.removeMember(owner.actor, org, member.name);
    const readOnly = await xet.connect(owner, repo, { scope: 'read' });
    const claim = { repoId: repo.id, revision: 'None', scope: 'write' } as const;
    const soon = Date.now() + 60_000;
    const { tokens } = xet.hub.deps.xet;
    const signed = (userId: number | null, expiresAt: number) => ({
      ...to,
      token: tokens.sign({ ...claim, userId, expiresAt }),
    });
    const ownerId = owner.actor.kind === 'user' ? owner.actor.id : null;
    const stranger = await xet.user('stranger');
    const strangerId = stranger.actor.kind === 'user' ? stranger.actor.id : null;
    const honest = packFiles([xet.randomBytes(1000)]);
    const callers: Readonly<Record<string, readonly [Outcome, XetConnection]>> = {
      'a token for reading': [[403, 'Forbidden'], readOnly],
      'a token of nobody': [[404, 'RepoNotFound'], signed(null, soon)],
      'a token of a stranger': [[404, 'RepoNotFound'], signed(strangerId, soon)],
      'a token of a former member': [[404, 'RepoNotFound'], revoked],
      'an expired token': [[401, 'InvalidCredentials'], signed(ownerId, Date.now() - 1)],
      'a token of the account': [[401, 'InvalidCredentials'], { ...to, token: owner.token }],
      'a changed token': [[401, 'InvalidCredentials'], { ...to, token: `${to.token}A` }],
      'another instance': [[404, 'NotFound'], { ...to, casPath: to.casPath.replace(/.$/, 'x') }],
    };
    const attempts = Object.entries(callers).flatMap(([name, [expected, caller]]) => [
      [`${name}: xorb`, [expected, () => xorbOutcome(xet, caller, honest.xorbs[0]!)]] as const,
      [`${name}: shard`, [expected, () => shardOutcome(xet, caller, honest.files[0]!)]] as const,
    ]);
    await expectRefusals(xet, Object.fromEntries(attempts));
    const withoutToken = await xet.app.inject({ method: 'POST', url: `${to.casPath}/v1/shards` });
    expect(withoutToken.statusCode).toBe(401);
    expect(await xorbOutcome(xet, signed(ownerId, soon), honest.xorbs[0]!)).toEqual([200, undefined]);
  });
});
