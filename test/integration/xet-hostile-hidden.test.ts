import { describe, expect } from 'vitest';
import { type XetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { CHUNK_HEADER_BYTES } from '../../src/xet/xorb-index.ts';
import { lfsLine, webUrl } from '../support/content.ts';
import { localPath } from '../support/lfs-world.ts';
import type { RawAnswer, RawRequest } from '../support/raw-http.ts';
import { fileHashOf, forgedShard, type ForgedTerm, term } from '../support/xet-forge.ts';
import { casRequest, changes, it, type Scene, shardRequest, xorbRequest } from '../support/xet-hostile.ts';
import { packFiles } from '../support/xet-world.ts';

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

const pairs: readonly Pair[] = [
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
