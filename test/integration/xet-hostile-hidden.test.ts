import { describe, expect } from 'vitest';
import { fileHashOfRoot, rangeHash } from '../../src/xet/keyed-hash.ts';
import { type XetHash, xetHashBytes, xetHashText } from '../../src/xet/xet-hash.ts';
import { CHUNK_HEADER_BYTES } from '../../src/xet/xorb-index.ts';
import { shardOf } from '../fuzz/xet-samples.ts';
import { lfsLine, webUrl } from '../support/content.ts';
import { countStatements } from '../support/count-statements.ts';
import { localPath } from '../support/lfs-world.ts';
import type { RawAnswer, RawRequest } from '../support/raw-http.ts';
import { fileHashOf, forgedShard, type ForgedTerm, term } from '../support/xet-forge.ts';
import { casRequest, changes, it, type Scene, shardRequest, xorbRequest } from '../support/xet-hostile.ts';
import { packFiles } from '../support/xet-pack.ts';

const UNKNOWN = 'ab'.repeat(32) as XetHash;
/** In place of the hash that was asked for, which some answers repeat. */
const SUBJECT = '<hash>';
/** Different in any two answers. */
const NEVER_THE_SAME = new Set(['date', 'x-request-id']);

/** The same question about something hidden and about something that is not there. */
interface Pair {
  readonly what: string;
  readonly hiddenHash: (scene: Scene) => string;
  readonly ask: (scene: Scene, hash: string) => RawRequest;
}

/** All of an answer that could tell something. */
function telling({ status, headers, body }: RawAnswer, hash: string) {
  const kept = Object.entries(headers).filter(([name]) => !NEVER_THE_SAME.has(name));
  const text = JSON.stringify([status, kept, body]);
  return text.replaceAll(hash, SUBJECT);
}

/** A shard of one term whose proof is wrong. */
function unproven(hash: string, forge: Partial<ForgedTerm> = {}): Buffer {
  const range = Buffer.alloc(32, 7);
  const forged = { xorb: hash as XetHash, start: 0, end: 5, rawBytes: 300_000, range, ...forge };
  return forgedShard({ hash: 'cd'.repeat(32) as XetHash, terms: [forged] });
}

function shardPair(what: string, forge: (scene: Scene) => Partial<ForgedTerm>, path?: '/v2/shards'): Pair {
  return {
    what,
    hiddenHash: ({ hidden }) => hidden.xorbs[0]!.hash,
    ask: (scene, hash) => shardRequest(scene, unproven(hash, forge(scene)), path),
  };
}

function readPair(
  what: string,
  hiddenHash: Pair['hiddenHash'],
  path: (hash: string) => string,
  headers: string[] = [],
): Pair {
  return { what, hiddenHash, ask: (scene, hash) => casRequest(scene, 'GET', path(hash), { headers }) };
}

const hiddenFile: Pair['hiddenHash'] = ({ hidden }) => hidden.files[0]!.hash;
const hiddenChunk: Pair['hiddenHash'] = ({ hidden }) => xetHashText(hidden.xorbs[0]!.hashes);

/** A file of the first chunk of a xorb, with the proof that follows from the chunk's hash. */
function firstChunk({ xorbs }: Scene['hidden'], change: Partial<ForgedTerm> = {}) {
  const [xorb] = xorbs;
  return forgedShard({
    hash: fileHashOf({ xorb: xorb!, start: 0, end: 1 }),
    terms: [{ ...term(xorb!, 0, 1), ...change }],
  });
}

const pairs: readonly Pair[] = [
  {
    what: 'a file with the right proof',
    hiddenHash: ({ hidden }) => hidden.xorbs[0]!.hash,
    ask: (scene, hash) => shardRequest(scene, firstChunk(scene.hidden, { xorb: hash as XetHash })),
  },
  {
    what: 'a file with the right proof and a wrong length',
    hiddenHash: ({ hidden }) => hidden.xorbs[0]!.hash,
    ask: (scene, hash) =>
      shardRequest(scene, firstChunk(scene.hidden, { xorb: hash as XetHash, rawBytes: 1 }), '/v2/shards'),
  },
  shardPair('a term without proof', () => ({})),
  shardPair('a term without proof, in the second version', () => ({}), '/v2/shards'),
  shardPair('a term with more chunks than there are', () => ({ end: 6 })),
  shardPair('a term with the right length', ({ hidden }) => ({ rawBytes: term(hidden.xorbs[0]!).rawBytes })),
  shardPair('a term with the proof of another xorb', ({ hidden }) => ({
    range: term(hidden.xorbs[1]!).range,
  })),
  readPair('a file', hiddenFile, (hash) => `/v2/reconstructions/${hash}`),
  readPair('a file, in the first version', hiddenFile, (hash) => `/v1/reconstructions/${hash}`),
  readPair('a range of a file', hiddenFile, (hash) => `/v2/reconstructions/${hash}`, ['range: bytes=0-99']),
  readPair('a range past the end of a file', hiddenFile, (hash) => `/v2/reconstructions/${hash}`, [
    'range: bytes=99999999-',
  ]),
  readPair('a chunk', hiddenChunk, (hash) => `/v1/chunks/default/${hash}`),
  readPair(
    'a xorb as a file',
    ({ hidden }) => hidden.xorbs[0]!.hash,
    (hash) => `/v1/reconstructions/${hash}`,
  ),
  readPair(
    'a xorb without a URL of it',
    ({ hidden }) => hidden.xorbs[0]!.hash,
    (hash) => `/xorbs/${hash}?token=x.y`,
  ),
];

describe('hidden and unknown are the same:', () => {
  it.for(pairs)('$what', async ({ hiddenHash, ask }, { hostile, scene }) => {
    const hidden = hiddenHash(scene);
    const aboutHidden = telling(await hostile.send(ask(scene, hidden)), hidden);
    const aboutUnknown = telling(await hostile.send(ask(scene, UNKNOWN)), UNKNOWN);
    expect(aboutHidden).toBe(aboutUnknown);
  });

  it('the upload of a xorb', async ({ hostile, scene }) => {
    const hidden = scene.hidden.xorbs[1]!;
    const fresh = packFiles([hostile.randomBytes(300_000)]).xorbs[0]!;
    const answers = [
      await hostile.send(xorbRequest(scene, hidden)),
      await hostile.send(xorbRequest(scene, fresh)),
    ];
    expect(telling(answers[0]!, hidden.hash)).toBe(telling(answers[1]!, fresh.hash));
    expect(answers[0]!.body).toBe('{"was_inserted":true}');
  });
});

describe('who knows the hash of a private xorb of one chunk, which is the hash of the chunk', () => {
  it('neither reads it nor learns how long it is', async ({ hostile, scene }) => {
    const secret = Buffer.from(`the password of ${scene.victim.name} `.repeat(30));
    const packed = await hostile.commitByXet(scene.victim, scene.hiddenRepo, { 'small.txt': secret });
    const { hash } = packed.xorbs[0]!;
    const root = xetHashBytes(hash);
    const file = xetHashText(fileHashOfRoot(root));
    const before = await hostile.kept();
    for (const rawBytes of [1, secret.length]) {
      const forged = { xorb: hash, start: 0, end: 1, rawBytes, range: rangeHash(root) };
      const answer = await hostile.send(shardRequest(scene, forgedShard({ hash: file, terms: [forged] })));
      expect([answer.status, answer.body]).toEqual([400, expect.stringContaining('cannot confirm')]);
    }
    expect((await hostile.send(casRequest(scene, 'GET', `/v1/reconstructions/${file}`))).status).toBe(404);
    expect(changes(before, await hostile.kept())).toEqual([]);
  });
});

describe('who guesses the content of a private file', () => {
  it('is told nothing by a shard without its xorbs', async ({ hostile, scene }) => {
    const guess = shardRequest(scene, shardOf({ ...scene.hidden, xorbs: [] }));
    const wrong = packFiles([hostile.randomBytes(900_000)], { chunksPerXorb: 5 });
    const answers = [
      await hostile.send(guess),
      await hostile.send(shardRequest(scene, shardOf({ ...wrong, xorbs: [] }))),
    ];
    const shapes = answers.map(({ status, body }) => [
      status,
      body.replaceAll(/chunks 0 to \d+ of xorb [0-9a-f]{64}/g, 'chunks'),
    ]);
    expect(shapes[0]).toEqual(shapes[1]);
    expect(answers[0]!.status).toBe(400);
  });

  it('makes the hub ask its database as often as for what nobody has', async ({ hostile, scene }) => {
    const statements = (request: RawRequest): Promise<number> =>
      countStatements(hostile.hub, async () => expect((await hostile.send(request)).status).toBe(400));
    const hidden = scene.hidden.xorbs[0]!.hash;
    const unknown = await statements(shardRequest(scene, unproven(UNKNOWN)));
    expect(unknown).toBeGreaterThan(0);
    for (const shard of [
      unproven(hidden),
      firstChunk(scene.hidden),
      shardOf({ ...scene.hidden, xorbs: [] }),
    ]) {
      expect(await statements(shardRequest(scene, shard))).toBe(unknown);
    }
  });
});

describe('who binds the SHA-256 of a hidden file to other bytes', () => {
  it('gets nothing and changes nothing', async ({ hostile, scene }) => {
    const { owner, repo, to, victim, hiddenRepo, hidden } = scene;
    const secret = hidden.objects[0]!;
    const packed = packFiles([hostile.randomBytes(secret.bytes.length)]);
    for (const xorb of packed.xorbs) await hostile.postXorb(to, xorb);
    const before = await hostile.kept();
    const { hash } = packed.files[0]!;
    const terms = packed.xorbs.map((xorb) => term(xorb));
    for (const path of ['/v1/shards', '/v2/shards'] as const) {
      const shard = forgedShard({ hash, terms, sha256: secret.sha256 });
      expect((await hostile.send(shardRequest(scene, shard, path))).body).toContain(
        `The SHA-256 of file ${hash} is`,
      );
    }
    expect(changes(before, await hostile.kept())).toEqual([]);

    const commit = await hostile.commitLines(owner, repo, lfsLine('stolen.bin', secret));
    expect([commit.statusCode, commit.headers['x-error-code']]).toEqual([400, 'LfsObjectMissing']);
    const download = await hostile.ask(owner, repo, 'download', secret);
    expect([download.actions, download.error?.code]).toEqual([undefined, 404]);
    for (const file of [hash, hidden.files[0]!.hash]) {
      expect((await hostile.send(casRequest(scene, 'GET', `/v2/reconstructions/${file}`))).status).toBe(404);
    }
    const read = await hostile.read(victim, `${webUrl(hiddenRepo)}/resolve/main/secret.bin`);
    expect([read.statusCode, read.rawPayload.equals(secret.bytes)]).toEqual([200, true]);
  });
});

describe('who has a file of a part of a xorb', () => {
  it('gets no more of it than that part', async ({ hostile, scene }) => {
    const xorb = scene.loose.xorbs[0]!;
    const run = { xorb, start: 1, end: 3 };
    const registered = forgedShard({ hash: fileHashOf(run), terms: [term(xorb, 1, 3)] });
    expect((await hostile.send(shardRequest(scene, registered))).status).toBe(200);
    const answer = await hostile.send(casRequest(scene, 'GET', `/v2/reconstructions/${fileHashOf(run)}`));
    const urls = [...answer.body.matchAll(/"url":"([^"]+)"/g)].map(([, url]) => localPath(url!));
    expect(urls).toHaveLength(1);
    const start = CHUNK_HEADER_BYTES + xorb.lengths[0]!;
    const part = xorb.body.subarray(start, start + 2 * CHUNK_HEADER_BYTES + term(xorb, 1, 3).rawBytes);
    // A range without an end is ignored: the answer is all that the URL allows.
    const all = await hostile.app.inject({ url: urls[0]!, headers: { range: 'bytes=0-' } });
    expect([all.statusCode, all.rawPayload.equals(part)]).toEqual([200, true]);
    for (const range of [
      'bytes=0-8',
      `bytes=${start - 1}-${start}`,
      `bytes=${start}-${start + part.length}`,
    ]) {
      const more = await hostile.app.inject({ url: urls[0]!, headers: { range } });
      expect([range, more.statusCode]).toEqual([range, 403]);
    }
  });
});
