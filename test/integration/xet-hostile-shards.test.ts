import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { parseSha256 } from '../../src/lib/sha256.ts';
import { MAX_SHARD_BYTES } from '../../src/xet/shard.ts';
import { MAX_SHARD_FILES, MAX_SHARD_TERMS } from '../../src/xet/shard-outline.ts';
import { EMPTY_FILE_HASH, type XetHash, xetHashBytes } from '../../src/xet/xet-hash.ts';
import { lfsLine, webUrl } from '../support/content.ts';
import { chunkOf, type RawAnswer } from '../support/raw-http.ts';
import {
  BOOKEND,
  fileHashOf,
  flipped,
  type ForgedFile,
  forgedFile,
  forgedShard,
  type ForgedTerm,
  record,
  shardFooter,
  shardHeader,
  term,
} from '../support/xet-forge.ts';
import {
  casRequest,
  it,
  type Look,
  type Refusal,
  refusalFlaws,
  type Scene,
  shardRequest,
} from '../support/xet-hostile.ts';

const NOT_CONFIRMED =
  /cannot confirm chunks \d+ to \d+ of xorb [0-9a-f]{64}: it has no such xorb that you uploaded or may read/;
const TOO_EARLY = /shard ends too early/;
const ZERO_HASH = Buffer.alloc(32);
/** Of a file that is refused before its hash is looked at. */
const SOME_HASH = 'ab'.repeat(32) as XetHash;

/** A shard that must be refused, made of what the owner has uploaded. */
interface ShardRow {
  readonly what: string;
  readonly status: number;
  readonly says: RegExp;
  readonly shard: (scene: Scene) => Buffer;
}

function shard(what: string, make: ShardRow['shard'], says: RegExp, status = 400): ShardRow {
  return { what, shard: make, says, status };
}

/** A shard of one file: what the owner has uploaded, but for what `forge` changes. */
function file(what: string, forge: (scene: Scene) => Partial<ForgedFile>, says: RegExp): ShardRow {
  return shard(what, (scene) => forgedShard({ ...honestFile(scene), ...forge(scene) }), says);
}

/** As `file`: the honest file, but for what `forge` changes of its second term. */
function secondTerm(
  what: string,
  forge: (scene: Scene, honest: ForgedTerm) => Partial<ForgedTerm>,
  says: RegExp,
): ShardRow {
  return file(
    what,
    (scene) => {
      const terms = [...honestFile(scene).terms];
      terms[1] = { ...terms[1]!, ...forge(scene, terms[1]!) };
      return { terms };
    },
    says,
  );
}

function honestFile({ loose }: Scene): ForgedFile {
  const [{ hash, sha256 }] = loose.files as [Scene['loose']['files'][0]];
  return { hash, terms: loose.xorbs.map((xorb) => term(xorb)), ...(sha256 && { sha256 }) };
}

/** The honest file without its header, its terms and its proofs: what a shard announces, and then lacks. */
function announced(count: number, flags = 0): Buffer {
  return Buffer.concat([shardHeader(), record(xetHashBytes(SOME_HASH), flags, count)]);
}

/** A shard without files, and a footer. */
function withFooter(footer: Buffer, between = Buffer.alloc(0)): Buffer {
  return Buffer.concat([shardHeader({ footerBytes: 200 }), BOOKEND, BOOKEND, between, footer]);
}

const GIGANTIC = 0xffff_ffff;

const forms: readonly ShardRow[] = [
  shard('no bytes', () => Buffer.alloc(0), TOO_EARLY),
  shard('a part of the header', (scene) => honestShard(scene).subarray(0, 47), TOO_EARLY),
  shard('a header only', () => shardHeader(), TOO_EARLY),
  shard('a wrong tag', (scene) => flipped(honestShard(scene), 31), /first 32 bytes are wrong/),
  shard('a xorb', ({ loose }) => loose.xorbs[0]!.body, /first 32 bytes are wrong/),
  shard(
    'gzip',
    (scene) => gzipSync(Buffer.concat([honestShard(scene), honestShard(scene)])),
    /first 32 bytes are wrong/,
  ),
  shard('version 1', () => Buffer.concat([shardHeader({ version: 1 }), BOOKEND, BOOKEND]), /Only version 2/),
  shard(
    'version 2 to the 40th',
    () => Buffer.concat([shardHeader({ version: 2 ** 40 }), BOOKEND, BOOKEND]),
    /Only version 2/,
  ),
  shard(
    'a footer of another length',
    () => Buffer.concat([shardHeader({ footerBytes: 199 }), BOOKEND, BOOKEND, Buffer.alloc(199)]),
    /footer of a shard must have 200 bytes/,
  ),
  shard(
    'a footer that was not announced',
    () => Buffer.concat([shardHeader(), BOOKEND, BOOKEND, shardFooter()]),
    /bytes after the end/,
  ),
  shard(
    'a footer of another version',
    () => withFooter(shardFooter({ version: 2n })),
    /version 1 of the shard footer/,
  ),
  shard(
    '4 G files in the footer',
    () => withFooter(shardFooter({ counts: [2n ** 32n, 0n, 0n] })),
    /between the sections/,
  ),
  shard(
    'all numbers of the footer at their end',
    () => withFooter(shardFooter({ counts: [2n ** 64n - 1n, 2n ** 64n - 1n, 2n ** 64n - 1n] })),
    /between the sections/,
  ),
  shard(
    'garbage before the footer',
    () => withFooter(shardFooter(), Buffer.from('garbage')),
    /between the sections/,
  ),
  shard(
    'garbage at the end',
    (scene) => Buffer.concat([honestShard(scene), Buffer.from('x')]),
    /bytes after the end/,
  ),
  shard('4 G terms in 96 bytes', () => announced(GIGANTIC), TOO_EARLY),
  shard('4 G terms with proofs in 96 bytes', () => announced(GIGANTIC, 0xc000_0000), TOO_EARLY),
  shard(
    '4 G chunks of a xorb',
    () => Buffer.concat([shardHeader(), BOOKEND, record(ZERO_HASH, 0, GIGANTIC), BOOKEND]),
    TOO_EARLY,
  ),
  shard(
    'no end of the files',
    (scene) => Buffer.concat([shardHeader(), forgedFile(honestFile(scene)), BOOKEND]),
    TOO_EARLY,
  ),
  shard('no end of the xorbs', (scene) => honestShard(scene).subarray(0, -48), TOO_EARLY),
  shard('half a bookend', (scene) => honestShard(scene).subarray(0, -24), TOO_EARLY),
  shard('an end in the middle of a term', (scene) => honestShard(scene).subarray(0, 48 * 3 + 20), TOO_EARLY),
  shard(
    'a file whose hash is a bookend',
    (scene) => forgedShard({ ...honestFile(scene), hash: 'f'.repeat(64) as XetHash }),
    TOO_EARLY,
  ),
];

const counts: readonly ShardRow[] = [
  file(
    'a term more than there is',
    ({ loose }) => ({ termCount: loose.xorbs.length + 1 }),
    /names the chunks 0 to 0 with 0 bytes/,
  ),
  file('a term less than there is', ({ loose }) => ({ termCount: loose.xorbs.length - 1 }), NOT_CONFIRMED),
  file('an unknown flag', () => ({ flags: 0xe000_0000 }), /unknown flags \(0xe0000000\)/),
  file('the lowest flag', () => ({ flags: 0xc000_0001 }), /unknown flags \(0xc0000001\)/),
  shard(
    'terms beyond the limit',
    ({ loose }) => manyTerms(loose.xorbs[0]!.hash, MAX_SHARD_TERMS + 1),
    /at most 32768 files and 131072 terms/,
    413,
  ),
  shard(
    'files beyond the limit',
    () =>
      forgedShard(
        ...Array.from({ length: MAX_SHARD_FILES + 1 }, () => ({ hash: EMPTY_FILE_HASH, terms: [] })),
      ),
    /at most 32768 files/,
    413,
  ),
  shard(
    'chunks beyond the limit',
    ({ loose }) => manyTerms(loose.xorbs[0]!.hash, 1025, 8192),
    /at most 8388608 chunks together, not 8396800/,
    413,
  ),
  shard(
    'a total of half a petabyte',
    ({ loose }) => manyTerms(loose.xorbs[0]!.hash, MAX_SHARD_TERMS),
    /at most 64 times the bytes of the xorbs that they name, and 8 GiB: here \d+ bytes, not 562949953290240/,
    413,
  ),
  shard(
    "the same of somebody else's xorb",
    ({ hidden }) => manyTerms(hidden.xorbs[0]!.hash, MAX_SHARD_TERMS),
    NOT_CONFIRMED,
  ),
];

const terms: readonly ShardRow[] = [
  secondTerm('a chunk past the end of the xorb', () => ({ end: 6 }), NOT_CONFIRMED),
  secondTerm('chunks past the end of any xorb', () => ({ end: 8193 }), /no xorb can have/),
  secondTerm('chunks past the end of all numbers', () => ({ end: GIGANTIC }), /no xorb can have/),
  secondTerm('no chunks', () => ({ end: 0 }), /no xorb can have/),
  secondTerm('chunks back to front', () => ({ start: 3, end: 2 }), /chunks 3 to 2 .* no xorb can have/),
  secondTerm(
    'a byte too few',
    (_, { rawBytes }) => ({ rawBytes: rawBytes - 1 }),
    /have \d+ bytes, not \d+ as file/,
  ),
  secondTerm(
    'a byte too many',
    (_, { rawBytes }) => ({ rawBytes: rawBytes + 1 }),
    /have \d+ bytes, not \d+ as file/,
  ),
  secondTerm('no bytes', () => ({ rawBytes: 0 }), /with 0 bytes, which no xorb can have/),
  secondTerm('1 G bytes', () => ({ rawBytes: 1e9 }), /have \d+ bytes, not 1000000000/),
  secondTerm('4 G bytes', () => ({ rawBytes: GIGANTIC }), /have \d+ bytes, not 4294967295/),
  secondTerm('an unknown xorb', () => ({ xorb: SOME_HASH }), NOT_CONFIRMED),
  secondTerm("somebody else's xorb", ({ hidden }) => ({ xorb: hidden.xorbs[0]!.hash }), NOT_CONFIRMED),
  secondTerm('a file as a xorb', ({ loose }) => ({ xorb: loose.files[0]!.hash }), NOT_CONFIRMED),
  secondTerm('a proof of zeros', () => ({ range: ZERO_HASH }), NOT_CONFIRMED),
  secondTerm(
    'a proof with a flipped bit',
    (_, { range }) => ({ range: flipped(Buffer.from(range!), 0) }),
    NOT_CONFIRMED,
  ),
  secondTerm(
    'the proof of fewer chunks',
    ({ loose }) => ({ range: term(loose.xorbs[1]!, 0, 4).range }),
    NOT_CONFIRMED,
  ),
  secondTerm(
    'the proof of another xorb',
    ({ loose }) => ({ range: term(loose.xorbs[0]!).range }),
    NOT_CONFIRMED,
  ),
  secondTerm(
    'the hash of the xorb as a proof',
    ({ loose }) => ({ range: xetHashBytes(loose.xorbs[1]!.hash) }),
    NOT_CONFIRMED,
  ),
  file(
    'no proofs',
    (scene) => ({ terms: [{ ...honestFile(scene).terms[0]!, range: null }] }),
    /no range hashes/,
  ),
  file('one wrong term behind many', (scene) => wrongAtTheEnd(scene), NOT_CONFIRMED),
];

const files: readonly ShardRow[] = [
  file(
    'the hash of another file',
    ({ kept }) => ({ hash: kept.files[0]!.hash, sha256: sha256OfNothing }),
    /terms of file [0-9a-f]{64} make the file/,
  ),
  file('the hash of a xorb', ({ loose }) => ({ hash: loose.xorbs[0]!.hash }), /make the file/),
  file('the hash of nothing', () => ({ hash: EMPTY_FILE_HASH }), /make the file/),
  file('no terms', () => ({ terms: [] }), /make the file 0{64}/),
  file(
    'its terms in another order',
    (scene) => ({ terms: honestFile(scene).terms.toReversed() }),
    /make the file/,
  ),
  file(
    'a term twice',
    (scene) => ({ terms: [honestFile(scene).terms[0]!, ...honestFile(scene).terms] }),
    /make the file/,
  ),
  file('a term less', (scene) => ({ terms: honestFile(scene).terms.slice(1) }), /make the file/),
  file(
    'the SHA-256 of nothing',
    () => ({ sha256: sha256OfNothing }),
    /SHA-256 of file [0-9a-f]{64} is [0-9a-f]{64}, not e3b0c442/,
  ),
  file(
    'its SHA-256 in another order of bytes',
    ({ loose }) => ({ sha256Bytes: Buffer.from(loose.objects[0]!.sha256, 'hex') }),
    /SHA-256 of file/,
  ),
  file(
    "the SHA-256 of somebody else's file",
    ({ hidden }) => ({ sha256: hidden.objects[0]!.sha256 }),
    /SHA-256 of file/,
  ),
  file(
    "the hash of somebody else's file",
    ({ hidden }) => ({ hash: hidden.files[0]!.hash }),
    /make the file/,
  ),
  shard(
    'a good file and a bad one',
    (scene) => forgedShard(honestFile(scene), { ...partOf(scene), hash: SOME_HASH }),
    /make the file/,
  ),
  shard(
    'a file twice, with other terms',
    (scene) => forgedShard(honestFile(scene), { ...honestFile(scene), terms: partOf(scene).terms }),
    /make the file/,
  ),
  shard(
    'a file twice, with another SHA-256',
    (scene) => forgedShard(honestFile(scene), { ...honestFile(scene), sha256: sha256OfNothing }),
    /SHA-256 of file/,
  ),
  shard(
    'a bad empty file behind a good file',
    (scene) => forgedShard(partOf(scene), { hash: SOME_HASH, terms: [] }),
    /make the file 0{64}/,
  ),
  shard(
    'an empty file with the SHA-256 of another',
    ({ hidden }) => forgedShard({ hash: EMPTY_FILE_HASH, terms: [], sha256: hidden.objects[0]!.sha256 }),
    /SHA-256 of file 0{64}/,
  ),
];

const sha256OfNothing = parseSha256('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

function honestShard(scene: Scene): Buffer {
  return forgedShard(honestFile(scene));
}

/** A file that is a part of what the owner has uploaded. */
function partOf({ loose }: Scene): ForgedFile {
  const [first] = loose.xorbs;
  return { hash: fileHashOf({ xorb: first!, start: 1, end: 3 }), terms: [term(first!, 1, 3)] };
}

/** A hundred honest terms, and one that is not. */
function wrongAtTheEnd({ loose }: Scene): Pick<ForgedFile, 'terms'> {
  const [first] = loose.xorbs;
  const many = Array.from({ length: 100 }, (_, i) => term(first!, i % 4, 5));
  return { terms: [...many, { ...term(first!), range: ZERO_HASH }] };
}

/** A file of many terms whose numbers may all be right, but for the proofs. */
function manyTerms(xorb: XetHash, count: number, chunkCount = 1): Buffer {
  const one = record(xetHashBytes(xorb), 0, GIGANTIC, 0, chunkCount);
  return Buffer.concat([
    announced(count, 0x8000_0000),
    Buffer.alloc(count * 48, one),
    Buffer.alloc(count * 48),
    BOOKEND,
    BOOKEND,
  ]);
}

const framings: readonly Refusal[] = [
  framing(
    'a length beyond the limit',
    [`content-length: ${MAX_SHARD_BYTES + 1}`],
    413,
    /at most 67108864 bytes, not 67108865/,
  ),
  framing('a length beyond any memory', ['content-length: 999999999999999'], 413, /at most 67108864 bytes/),
  framing('a length longer than the body', ['content-length: 2000000'], 400, /arrives too slowly/),
  {
    what: 'gzip that says so',
    status: 400,
    says: /Content-Encoding must be identity/,
    request: (scene) =>
      casRequest(scene, 'POST', '/v1/shards', {
        headers: ['content-encoding: gzip'],
        body: gzipSync(honestShard(scene)),
      }),
  },
  {
    what: 'no length, in chunks',
    status: 400,
    says: /Content-Length/,
    request: (scene) => ({
      ...casRequest(scene, 'POST', '/v1/shards', { headers: ['transfer-encoding: chunked'] }),
      body: Buffer.concat([chunkOf(honestShard(scene)), chunkOf('')]),
    }),
  },
];

function framing(what: string, headers: readonly string[], status: number, says: RegExp): Refusal {
  return {
    what,
    status,
    says,
    request: (scene) => casRequest(scene, 'POST', '/v1/shards', { headers, body: honestShard(scene) }),
  };
}

/** The last event of a stream; undefined for an answer that is none. */
function lastEvent({
  headers,
  body,
}: RawAnswer): { type: string; message?: string; retryable?: boolean } | undefined {
  if (headers['content-type'] !== 'application/x-ndjson') return undefined;
  const events = body.split('\n').filter((line) => line.startsWith('{'));
  return JSON.parse(events.at(-1)!) as { type: string };
}

/** As `refusalFlaws`, of an answer of the second version: it may have begun when the hub finds out. */
const streamFlaws: Look = (row, answer, request) => {
  const event = lastEvent(answer);
  if (!event) return refusalFlaws(row, answer, request);
  const flaws: string[] = [];
  if (event.type !== 'error' || event.retryable !== false) flaws.push(JSON.stringify(event));
  if (!row.says.test(event.message ?? '')) flaws.push(`says "${event.message}", not ${row.says}`);
  return flaws;
};

describe('a shard is refused', () => {
  it.for([...forms, ...counts, ...terms, ...files])('$what', async (row, { hostile, scene }) => {
    const bytes = row.shard(scene);
    for (const [path, look] of [
      ['/v1/shards', refusalFlaws],
      ['/v2/shards', streamFlaws],
    ] as const) {
      const refusal = { ...row, request: () => shardRequest(scene, bytes, path) };
      expect([path, ...(await hostile.flaws(refusal, scene, look))]).toEqual([path]);
    }
  });

  it.for(framings)('$what', async (row, { hostile, scene }) => {
    expect(await hostile.flaws(row, scene)).toEqual([]);
  });
});

describe('a shard', () => {
  it('without files is taken and leaves nothing', async ({ hostile, scene }) => {
    const before = await hostile.kept();
    const answer = await hostile.send(shardRequest(scene, forgedShard()));
    expect([answer.status, answer.body]).toEqual([200, '{"result":0}']);
    expect(await hostile.kept()).toEqual(before);
  });

  it('cannot change a file that is known', async ({ hostile, scene }) => {
    const { kept, loose, owner, repo } = scene;
    const before = await hostile.kept();
    const { hash, sha256 } = kept.files[0]!;
    for (const { terms: forged } of [
      partOf(scene),
      { terms: [] },
      { terms: [{ ...term(loose.xorbs[0]!), range: ZERO_HASH }] },
    ]) {
      const answer = await hostile.send(
        shardRequest(scene, forgedShard({ hash, terms: forged, ...(sha256 && { sha256 }) })),
      );
      expect([answer.status, answer.body]).toEqual([200, '{"result":0}']);
    }
    expect(await hostile.kept()).toEqual(before);
    const { rawPayload } = await hostile.read(owner, `${webUrl(repo)}/resolve/main/whole.bin`);
    expect(rawPayload.equals(kept.objects[0]!.bytes)).toBe(true);
  });

  it('that nothing is wrong with is taken after all', async ({ hostile, scene }) => {
    const answer = await hostile.send(shardRequest(scene, honestShard(scene)));
    expect([answer.status, answer.body]).toEqual([200, '{"result":1}']);
    const committed = await hostile.commitLines(
      scene.owner,
      scene.repo,
      lfsLine('loose.bin', scene.loose.objects[0]!),
    );
    expect(committed.statusCode).toBe(200);
  });
});
