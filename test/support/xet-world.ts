import type { LightMyRequestResponse } from 'fastify';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { type SampleXorb, shardOf } from '../fuzz/xet-samples.ts';
import { ContentWorld, it as base, lfsLine } from './content.ts';
import { localPath, s3Settings, sha256Of } from './lfs-world.ts';
import { openTestHub } from './test-hub.ts';
import type { TestUser } from './world.ts';
import { type PackedFiles, packFiles, type PackOptions } from './xet-pack.ts';

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

/** `xet`: the whole application over a real hub, for each test file. With `TEST_S3_ENDPOINT` it stands on a bucket of that server. */
export const it = base
  .extend('hub', { scope: 'file' }, async ({}, { onCleanup }) => {
    const test = await openTestHub(await s3Settings());
    onCleanup(() => test.close());
    return test.hub;
  })
  .extend('xet', { scope: 'file' }, ({ hub, app }) => new XetWorld(hub, app));
