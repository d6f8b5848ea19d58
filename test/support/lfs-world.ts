import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createHash, randomUUID } from 'node:crypto';
import { test as base } from 'vitest';
import { linkLfsObjects } from '../../src/domain/lfs/lfs.queries.ts';
import { type RepoRef, webPrefix } from '../../src/domain/repo/repo-ref.ts';
import type { GatedMode, RepoType } from '../../src/domain/repo/repo.entity.ts';
import { hasErrorCode } from '../../src/lib/error-code.ts';
import { parseSha256, type Sha256 } from '../../src/lib/sha256.ts';
import { buildApp } from '../../src/server/app.ts';
import type { Hub } from '../../src/server/hub.ts';
import { openTestHub } from './test-hub.ts';
import { type TestUser, World } from './world.ts';

/** The smallest part that the configuration takes, so that a few MiB make several parts. */
export const PART_BYTES = 5 * 2 ** 20;

export interface TestObject {
  readonly bytes: Buffer;
  readonly sha256: Sha256;
}

/** A repository of a test, with what direct SQL needs. */
export interface TestRepo extends RepoRef {
  readonly id: number;
}

/** What a signed URL answers. */
export interface Transfer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly rawPayload: Buffer;
  readonly body: string;
  json(): unknown;
}

interface Action {
  readonly href: string;
  readonly header?: Record<string, string>;
}

/** A batch answer as clients parse it. */
export interface BatchAnswer {
  readonly transfer: string;
  readonly objects: readonly {
    readonly oid: string;
    readonly size: number;
    readonly actions?: { readonly upload?: Action; readonly verify?: Action; readonly download?: Action };
    readonly error?: { readonly code: number; readonly message: string };
  }[];
}

/** A real hub over HTTP, and the steps of an LFS client. */
export class LfsWorld extends World {
  readonly hub: Hub;
  readonly app: FastifyInstance;

  constructor(hub: Hub, app: FastifyInstance) {
    super(hub);
    this.hub = hub;
    this.app = app;
  }

  /** Bytes nobody has seen before. */
  object(sizeBytes = 1000): TestObject {
    const seed = Buffer.from(this.name('object'));
    const bytes = Buffer.alloc(sizeBytes, seed);
    return { bytes, sha256: sha256Of(bytes) };
  }

  /** A repository without commits: LFS objects do not need them. */
  async bareRepo(
    owner: TestUser,
    options: { type?: RepoType; isPrivate?: boolean; gated?: GatedMode; namespace?: string } = {},
  ): Promise<TestRepo> {
    const ref = {
      type: options.type ?? 'model',
      namespace: options.namespace ?? owner.name,
      name: this.name('repo'),
    } as const;
    const [row] = await this.hub.deps.sql.query<{ id: number }>({
      text: `
        with made as (
          insert into repo (type, owner_id, name, normalized_name, is_private, gated)
          select $1, id, $3::text, replace(lower($3::text), '-', '_'), $4, $5 from account where name = $2 returning id
        )
        insert into git_store (repo_id) select id from made returning repo_id as id`,
      values: [ref.type, ref.namespace, ref.name, options.isPrivate ?? false, options.gated ?? null],
    });
    if (!row) throw new Error(`no namespace ${ref.namespace}`);
    return { ...ref, id: row.id };
  }

  /** What a commit does in its transaction. */
  async commitObjects(repo: TestRepo, ...objects: readonly TestObject[]): Promise<number> {
    const { newlyCommittedBytes } = await this.hub.deps.sql.transaction((tx) =>
      linkLfsObjects(
        tx,
        repo.id,
        objects.map((object) => object.sha256),
      ),
    );
    return newlyCommittedBytes;
  }

  /** A raw batch request. Without a user it is anonymous. */
  post(user: TestUser | null, url: string, body: unknown): Promise<LightMyRequestResponse> {
    return this.app.inject({
      method: 'POST',
      url,
      headers: {
        ...(user ? user.headers : {}),
        accept: 'application/vnd.git-lfs+json',
        'content-type': 'application/vnd.git-lfs+json; charset=utf-8',
      },
      payload: JSON.stringify(body),
    });
  }

  requestBatch(
    user: TestUser | null,
    repo: RepoRef,
    request: {
      operation: 'upload' | 'download';
      objects: readonly TestObject[];
      transfers?: string[];
      ref?: string | null;
    },
  ): Promise<LightMyRequestResponse> {
    const { operation, objects, transfers = ['basic', 'multipart'], ref = 'main' } = request;
    return this.post(user, `${lfsUrl(repo)}/objects/batch`, {
      operation,
      transfers,
      objects: objects.map(({ sha256, bytes }) => ({ oid: sha256, size: bytes.length })),
      hash_algo: 'sha256',
      ...(ref === null ? {} : { ref: { name: ref } }),
    });
  }

  /** The answer for one object. */
  async ask(
    user: TestUser | null,
    repo: RepoRef,
    operation: 'upload' | 'download',
    object: TestObject,
    ref: string | null = 'main',
  ): Promise<BatchAnswer['objects'][number]> {
    const response = await this.requestBatch(user, repo, { operation, objects: [object], ref });
    if (response.statusCode !== 200) throw new Error(`batch: ${response.statusCode} ${response.body}`);
    return response.json<BatchAnswer>().objects[0]!;
  }

  /** An upload without credentials, as clients do it. */
  put(href: string, bytes: Buffer): Promise<Transfer> {
    return this.transfer(href, { method: 'PUT', payload: bytes });
  }

  /** Whether an upload is refused: by an answer, or, as an S3 server may do that has not read the body, by cutting the connection. */
  async isRefused(href: string, bytes: Buffer): Promise<boolean> {
    try {
      return (await this.put(href, bytes)).statusCode === 404;
    } catch (error) {
      if (error instanceof TypeError && hasErrorCode(error.cause, 'ECONNRESET', 'EPIPE')) return true;
      throw error;
    }
  }

  get(href: string, headers: Record<string, string> = {}): Promise<Transfer> {
    return this.transfer(href, { method: 'GET', headers });
  }

  /** Signed URLs lead to the hub, or to the object store when that has a server of its own. */
  private async transfer(
    href: string,
    request: { method: 'GET' | 'PUT'; headers?: Record<string, string>; payload?: Buffer },
  ): Promise<Transfer> {
    if (href.startsWith(this.hub.config.baseUrl))
      return this.app.inject({ ...request, url: localPath(href) });
    const { payload, ...rest } = request;
    const response = await fetch(href, { ...rest, ...(payload && { body: new Uint8Array(payload) }) });
    const rawPayload = Buffer.from(await response.arrayBuffer());
    return {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      rawPayload,
      body: rawPayload.toString(),
      json: () => JSON.parse(rawPayload.toString()) as unknown,
    };
  }

  verify(user: TestUser | null, href: string, object: TestObject): Promise<LightMyRequestResponse> {
    return this.post(user, localPath(href), { oid: object.sha256, size: object.bytes.length });
  }

  /** Everything a client does before a commit. */
  async upload(
    user: TestUser,
    repo: RepoRef,
    object: TestObject,
    ref: string | null = 'main',
  ): Promise<void> {
    const { actions, error } = await this.ask(user, repo, 'upload', object, ref);
    if (error) throw new Error(`refused: ${error.message}`);
    if (!actions?.upload || !actions.verify) return;
    const sent = await this.put(actions.upload.href, object.bytes);
    if (sent.statusCode !== 200) throw new Error(`PUT: ${sent.statusCode} ${sent.body}`);
    const verified = await this.verify(user, actions.verify.href, object);
    if (verified.statusCode !== 200) throw new Error(`verify: ${verified.statusCode} ${verified.body}`);
  }

  /** What `ensureUploaded` of the commit engine says about objects. */
  async ensure(user: TestUser, repo: RepoRef, ...objects: readonly TestObject[]) {
    const services = this.hub.services();
    const access = await services.access.requireFiles(user.actor, repo);
    return services.lfs.ensureUploaded(
      access,
      user.actor,
      objects.map(({ sha256, bytes }) => ({ sha256, sizeBytes: bytes.length })),
    );
  }

  /** Keys in the object store under a prefix. */
  async keys(prefix: string): Promise<readonly string[]> {
    return (await this.hub.deps.store.list({ prefix })).objects.map((object) => object.key);
  }
}

/** `…/ns/name.git/info/lfs` */
export function lfsUrl(repo: RepoRef): string {
  return `/${webPrefix(repo.type)}${repo.namespace}/${repo.name}.git/info/lfs`;
}

export function sha256Of(bytes: Buffer): Sha256 {
  return parseSha256(createHash('sha256').update(bytes).digest('hex'));
}

/** The hub's own URLs carry its public host, which does not exist in a test. */
export function localPath(href: string): string {
  const url = new URL(href);
  return url.pathname + url.search;
}

/** `lfs`: one hub with its HTTP application and a world, for each test file. */
export const it = base.extend('lfs', { scope: 'file' }, async ({}, { onCleanup }) => {
  const test = await openTestHub({
    LFS_MULTIPART_THRESHOLD_BYTES: String(PART_BYTES),
    LFS_MULTIPART_CHUNK_SIZE_BYTES: String(PART_BYTES),
    ...(await s3Settings()),
  });
  const app = await buildApp(test.hub);
  await app.ready();
  onCleanup(async () => {
    await app.close();
    await test.close();
  });
  return new LfsWorld(test.hub, app);
});

/** With `TEST_S3_ENDPOINT` (see `test/contract/run-s3.sh`) the hub stands on a fresh bucket of that server. */
export async function s3Settings(): Promise<Record<string, string>> {
  const { TEST_S3_ENDPOINT: endpoint, TEST_S3_ACCESS_KEY = '', TEST_S3_SECRET_KEY = '' } = process.env;
  if (!endpoint) return {};
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const bucket = `lfs-${randomUUID()}`;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: TEST_S3_ACCESS_KEY, secretAccessKey: TEST_S3_SECRET_KEY },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return {
    S3_ENDPOINT: endpoint,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY: TEST_S3_ACCESS_KEY,
    S3_SECRET_KEY: TEST_S3_SECRET_KEY,
  };
}

/** Then clients talk to the store itself: what only the hub's own storage URLs promise cannot be tested. */
export const isOnS3 = process.env['TEST_S3_ENDPOINT'] !== undefined;
