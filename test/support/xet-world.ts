import type { LightMyRequestResponse } from 'fastify';
import { compressFrameSync } from 'lz4-napi';
import { ChunkHasher } from '../../src/xet/chunker.ts';
import { rangeHash } from '../../src/xet/keyed-hash.ts';
import { fileHash } from '../../src/xet/merkle.ts';
import { XET_HASH_BYTES, type XetHash, xetHashText } from '../../src/xet/xet-hash.ts';
import { MAX_XORB_CHUNKS } from '../../src/xet/xorb-index.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import {
  chunkList,
  groupBytes,
  type SampleFile,
  type SampleTerm,
  type SampleXorb,
  type Scheme,
  shardOf,
  xorbOf,
} from '../fuzz/xet-samples.ts';
import { ContentWorld, it as base, lfsLine } from './content.ts';
import { localPath, sha256Of, type TestObject } from './lfs-world.ts';
import type { TestUser } from './world.ts';

/** How an honest client packs what it uploads. */
export interface PackOptions {
  /** 0 stored, 1 LZ4, 2 bytes grouped by four and LZ4. A client picks one for each chunk; this one for all. */
  readonly scheme?: Scheme;
  /** Small, so that a small file needs several xorbs. */
  readonly chunksPerXorb?: number;
}

/** Contents as an honest client uploads them: new chunks once, in xorbs, and a shard with a file for each content. */
export interface PackedFiles {
  readonly objects: readonly TestObject[];
  readonly files: readonly SampleFile[];
  readonly xorbs: readonly SampleXorb[];
}

/** What `XetWorld.connect` gives: where to send things, and the token for it. */
export interface XetConnection {
  readonly casPath: string;
  readonly token: string;
}

/** A real hub over HTTP, and the steps of a Xet client. */
export class XetWorld extends ContentWorld {
  /** Bytes that do not compress, that nobody has seen before, and that are cut into chunks of usual lengths. */
  randomBytes(sizeBytes: number, seed = this.name('random')): Buffer {
    return noise(sizeBytes, seed);
  }

  /** A token for a repository, as the token routes give it. */
  async connect(
    user: TestUser,
    repo: RepoRef,
    options: { readonly scope?: 'read' | 'write'; readonly createsPullRequest?: boolean } = {},
  ): Promise<XetConnection> {
    const { scope = 'write', createsPullRequest = false } = options;
    const request = { scope, revision: 'None', createsPullRequest };
    const { accessToken, casUrl } = await this.hub.services().xetAccess.grant(user.actor, repo, request);
    return { casPath: localPath(casUrl), token: accessToken };
  }

  /** Any request to the content-addressed store. `path` begins with `/`. */
  cas(
    to: XetConnection,
    method: 'GET' | 'HEAD' | 'POST',
    path: string,
    { payload, headers = {} }: { payload?: Buffer; headers?: Record<string, string> } = {},
  ): Promise<LightMyRequestResponse> {
    return this.app.inject({
      method,
      url: `${to.casPath}${path}`,
      headers: { authorization: `Bearer ${to.token}`, ...headers },
      ...(payload && { payload }),
    });
  }

  postXorb(
    to: XetConnection,
    xorb: Pick<SampleXorb, 'hash' | 'body'>,
    prefix = '/v1',
  ): Promise<LightMyRequestResponse> {
    return this.cas(to, 'POST', `${prefix}/xorbs/default/${xorb.hash}`, { payload: xorb.body });
  }

  postShard(
    to: XetConnection,
    shard: Buffer,
    path: '/v1/shards' | '/v2/shards' | '/shards' = '/v1/shards',
  ): Promise<LightMyRequestResponse> {
    return this.cas(to, 'POST', path, { payload: shard });
  }

  /** Sends xorbs and a shard. What was sent can be committed then. */
  async sendPacked(to: XetConnection, packed: PackedFiles): Promise<void> {
    for (const xorb of packed.xorbs) requireOk(await this.postXorb(to, xorb), 'xorb');
    requireOk(await this.postShard(to, shardOf(packed)), 'shard');
  }

  /** Uploads contents by Xet, without a commit. */
  async uploadByXet(
    user: TestUser,
    repo: RepoRef,
    contents: readonly Buffer[],
    options: PackOptions = {},
  ): Promise<PackedFiles> {
    const packed = packFiles(contents, options);
    await this.sendPacked(await this.connect(user, repo), packed);
    return packed;
  }

  /** Uploads files by Xet and commits them to `main`. */
  async commitByXet(
    user: TestUser,
    repo: RepoRef,
    files: Readonly<Record<string, Buffer>>,
    options: PackOptions = {},
  ): Promise<PackedFiles> {
    const packed = await this.uploadByXet(user, repo, Object.values(files), options);
    const lines = Object.keys(files).map((path, i) => lfsLine(path, packed.objects[i]!));
    requireOk(await this.commitLines(user, repo, ...lines), 'commit');
    return packed;
  }
}

/**
 * Packs contents as clients do: a chunk that was packed before, in this or in an earlier content, is not packed again.
 * @throws {RangeError} unless a xorb has 1 to 8192 chunks.
 */
export function packFiles(contents: readonly Buffer[], options: PackOptions = {}): PackedFiles {
  const { scheme = 0, chunksPerXorb = 512 } = options;
  if (!(chunksPerXorb > 0 && chunksPerXorb <= MAX_XORB_CHUNKS)) throw new RangeError('chunksPerXorb');
  const cut = contents.map(chunksOf);
  const places = new Map<XetHash, Place>();
  const packs: Buffer[][] = [];
  for (const chunk of cut.flat()) {
    const hash = hashOf(chunk);
    if (places.has(hash)) continue;
    if (packs.length === 0 || packs.at(-1)!.length === chunksPerXorb) packs.push([]);
    const pack = packs.at(-1)!;
    places.set(hash, { pack: packs.length - 1, chunk: pack.length });
    pack.push(chunk);
  }
  const xorbs = packs.map((chunks) => xorbFrom(chunks, scheme));
  const objects = contents.map((bytes) => ({ bytes, sha256: sha256Of(bytes) }));
  const files = cut.map((chunks, i): SampleFile => {
    const runs = runsOf(chunks.map((chunk) => places.get(hashOf(chunk))!));
    return {
      hash: xetHashText(fileHash(chunkList(chunks))),
      sha256: objects[i]!.sha256,
      terms: runs.map(({ pack, start, end }) => termOf(xorbs[pack]!, start, end)),
    };
  });
  return { objects, files, xorbs };
}

/** A content in the pieces that Xet cuts it into. */
export function chunksOf(bytes: Buffer): Buffer[] {
  const hasher = new ChunkHasher();
  hasher.update(bytes);
  let end = 0;
  return Array.from(hasher.finish().lengths, (length) => bytes.subarray(end, (end += length)));
}

/** A xorb of these chunks, compressed by the reference implementation of LZ4. */
export function xorbFrom(chunks: readonly Buffer[], scheme: Scheme = 0): SampleXorb {
  return xorbOf(
    chunks.map((content) => {
      if (scheme === 0) return { content, scheme };
      const frame = compressFrameSync(scheme === 1 ? content : groupBytes(content));
      // As clients do: a chunk that does not compress is stored.
      return frame.length < content.length ? { content, scheme, frame } : { content, scheme: 0 };
    }),
  );
}

/** An honest term: these chunks of this xorb, with the proof that the client knows them. */
export function termOf(xorb: SampleXorb, chunkStart: number, chunkEnd: number): SampleTerm {
  const hashes = xorb.hashes.subarray(chunkStart * XET_HASH_BYTES, chunkEnd * XET_HASH_BYTES);
  const lengths = xorb.lengths.subarray(chunkStart, chunkEnd);
  return {
    xorb: xorb.hash,
    chunkStart,
    chunkEnd,
    rawBytes: lengths.reduce((total, length) => total + length, 0),
    rangeHash: rangeHash(hashes),
  };
}

interface Place {
  readonly pack: number;
  readonly chunk: number;
}

interface Run {
  readonly pack: number;
  readonly start: number;
  end: number;
}

function runsOf(places: readonly Place[]): Run[] {
  const runs: Run[] = [];
  for (const { pack, chunk } of places) {
    const last = runs.at(-1);
    if (last?.pack === pack && last.end === chunk) last.end++;
    else runs.push({ pack, start: chunk, end: chunk + 1 });
  }
  return runs;
}

function hashOf(chunk: Buffer): XetHash {
  return xetHashText(chunkList([chunk]).hashes);
}

/** Xorshift from a seed: the same bytes in every run of a test that names its seed. */
function noise(sizeBytes: number, seed: string): Buffer {
  let state = Buffer.from(sha256Of(Buffer.from(seed)), 'hex').readUInt32LE() || 1;
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return Buffer.from(words.buffer, 0, sizeBytes);
}

function requireOk({ statusCode, body }: LightMyRequestResponse, what: string): void {
  if (statusCode !== 200) throw new Error(`${what}: ${statusCode} ${body}`);
}

/** `xet`: the whole application over a real hub, for each test file. */
export const it = base.extend('xet', { scope: 'file' }, ({ hub, app }) => new XetWorld(hub, app));
