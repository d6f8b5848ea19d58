import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test as base } from 'vitest';
import { buildApp } from '../../src/server/app.ts';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import type { SampleXorb } from '../fuzz/xet-samples.ts';
import { flawsOf } from './hostile.ts';
import { type RawAnswer, type RawRequest, sendRaw } from './raw-http.ts';
import { openTestHub } from './test-hub.ts';
import type { TestUser } from './world.ts';
import type { XetHash } from '../../src/xet/xet-hash.ts';
import type { XorbId } from '../../src/xet/xorb-id.ts';
import { fileIdOf, xorbIdOfHash } from './xet-stored.ts';
import { type PackedFiles, packFiles } from './xet-pack.ts';
import { type XetConnection, XetWorld } from './xet-world.ts';

/** How long a client may be silent. */
const TIMEOUT_MS = 3000;
const TABLES = [
  'xet_xorb',
  'xet_file',
  'xet_file_xorb',
  'xet_repo_xorb',
  'xet_chunk',
  'lfs_object',
  'lfs_link',
  'lfs_offer',
  'storage_intent',
] as const;

/** What hostile requests are aimed at. */
export interface Scene {
  readonly owner: TestUser;
  readonly repo: RepoRef;
  /** A write token of the owner. */
  readonly to: XetConnection;
  /** Xorbs that the owner has uploaded, of five chunks each, and the files of them, which are not registered. */
  readonly loose: PackedFiles;
  /** The owner's, committed. The first file has several xorbs, the second is chunks from the middle of them. */
  readonly kept: PackedFiles;
  /** Its first xorb. */
  readonly keptXorb: { readonly id: XorbId; readonly hash: XetHash };
  /** The row of its first file. */
  readonly keptFileId: number;
  /** Another user, with a private repository and a file committed there. */
  readonly victim: TestUser;
  readonly hiddenRepo: RepoRef;
  readonly hidden: PackedFiles;
}

/** A request that must be refused. */
export interface Refusal {
  readonly what: string;
  readonly status: number;
  /** In the sentence of the error. */
  readonly says: RegExp;
  readonly request: (scene: Scene, hostile: XetHostileWorld) => RawRequest | Promise<RawRequest>;
}

/** A hub that listens, and what it has of Xet. */
export class XetHostileWorld extends XetWorld {
  readonly port: number;

  constructor(content: XetWorld, port: number) {
    super(content.hub, content.app);
    this.port = port;
  }

  send(request: RawRequest): Promise<RawAnswer> {
    return sendRaw(this.port, request);
  }

  /** Rows of each table, the identity of objects and files, and every file below the data directory: a line for each. */
  async kept(): Promise<readonly string[]> {
    const { sql } = this.hub.deps;
    const counts = TABLES.map((table) => `select '${table} ' || count(*) as line from ${table}`);
    const rows = await sql.query<{ line: string }>({
      text: `
        ${counts.join(' union all ')}
        union all
        select concat_ws(' ', 'object', encode(sha256, 'hex'), state, storage_key, xet_file_id) from lfs_object
        union all
        select concat_ws(' ', 'file', encode(hash, 'hex'), encode(sha256, 'hex'), md5(terms)) from xet_file
        order by 1`,
    });
    return [...rows.map(({ line }) => line), ...(await this.storedFiles())];
  }

  /** Sends a request that must be refused. @returns what is wrong with the answer, and what it left behind. */
  async flaws(row: Refusal, scene: Scene, look = refusalFlaws): Promise<readonly string[]> {
    const request = await row.request(scene, this);
    const before = await this.kept();
    const answer = await this.send(request);
    return [...look(row, answer, request), ...changes(before, await this.kept())];
  }

  private async storedFiles(): Promise<readonly string[]> {
    const { dataDir } = this.hub.config;
    const entries = await readdir(dataDir, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  }
}

export type Look = (row: Refusal, answer: RawAnswer, request: RawRequest) => readonly string[];

/** What is wrong with an answer that must refuse as the row says. */
export const refusalFlaws: Look = (row, answer, request) => {
  const message = messageOf(answer);
  const flaws = flawsOf(answer, { hasBody: request.method !== 'HEAD' });
  if (answer.status !== row.status) flaws.push(`${answer.status} instead of ${row.status}: ${answer.body}`);
  if (!row.says.test(message)) flaws.push(`says "${message}", not ${row.says}`);
  return flaws;
};

/** Lines that only one of two lists has. */
export function changes(before: readonly string[], after: readonly string[]): string[] {
  const [old, now] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !now.has(line)).map((line) => `lost: ${line}`),
    ...after.filter((line) => !old.has(line)).map((line) => `left: ${line}`),
  ];
}

/** The sentence of a refusal, from its body or, for HEAD, its header. */
export function messageOf({ body, headers }: RawAnswer): string {
  return (
    /"(?:error|message)":"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ??
    headers['x-error-message'] ??
    ''
  ).trim();
}

/** A request with a token; by default that of the scene. */
export function casRequest(
  { to }: Pick<Scene, 'to'>,
  method: 'GET' | 'HEAD' | 'POST' | 'PUT',
  path: string,
  { headers = [], body }: Pick<RawRequest, 'headers' | 'body'> = {},
): RawRequest {
  return {
    method,
    target: `${to.casPath}${path}`,
    headers: [`authorization: Bearer ${to.token}`, ...headers],
    ...(body !== undefined && { body }),
  };
}

/** An upload of a xorb. */
export function xorbRequest(
  scene: Pick<Scene, 'to'>,
  xorb: Pick<SampleXorb, 'hash' | 'body'>,
  headers: readonly string[] = [],
): RawRequest {
  return casRequest(scene, 'POST', `/v1/xorbs/default/${xorb.hash}`, { body: xorb.body, headers });
}

export function shardRequest(
  scene: Pick<Scene, 'to'>,
  shard: Buffer,
  path: '/v1/shards' | '/v2/shards' | '/shards' = '/v1/shards',
): RawRequest {
  return casRequest(scene, 'POST', path, { body: shard });
}

async function makeScene(world: XetHostileWorld): Promise<Scene> {
  const [owner, victim] = [await world.user('owner'), await world.user('victim')];
  const [repo, hiddenRepo] = [await world.repo(owner), await world.repo(victim, { isPrivate: true })];
  const to = await world.connect(owner, repo);
  const chunksPerXorb = 5;
  const loose = packFiles([world.randomBytes(1_200_000)], { chunksPerXorb });
  for (const xorb of loose.xorbs) {
    const { statusCode, body } = await world.postXorb(to, xorb);
    if (statusCode !== 200) throw new Error(`xorb: ${statusCode} ${body}`);
  }
  const bytes = world.randomBytes(1_200_000);
  const files = { 'whole.bin': bytes };
  const kept = await world.commitByXet(owner, repo, files, { chunksPerXorb });
  const secret = { 'secret.bin': world.randomBytes(900_000) };
  const hidden = await world.commitByXet(victim, hiddenRepo, secret, { chunksPerXorb });
  const keptFileId = await fileIdOf(world.hub, kept.files[0]!.hash);
  const { hash } = kept.xorbs[0]!;
  const keptXorb = { id: await xorbIdOfHash(world.hub, hash), hash };
  return { owner, repo, to, loose, kept, keptXorb, keptFileId, victim, hiddenRepo, hidden };
}

/** `hostile`: a listening hub, for each test file; `scene`: what is in it. */
export const it = base
  .extend('hostile', { scope: 'file' }, async ({}, { onCleanup }) => {
    const test = await openTestHub({ REQUEST_TIMEOUT_MS: String(TIMEOUT_MS) });
    const app = await buildApp(test.hub);
    await app.listen({ host: '127.0.0.1', port: 0 });
    onCleanup(async () => {
      app.server.closeAllConnections();
      await app.close();
      await test.close();
    });
    const { port } = app.server.address() as AddressInfo;
    return new XetHostileWorld(new XetWorld(test.hub, app), port);
  })
  .extend('scene', { scope: 'file' }, ({ hostile }) => makeScene(hostile));
