import { setTimeout as delay } from 'node:timers/promises';
import type { Sql, SqlExecutor, SqlTransaction } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { OID_BYTES } from '../../git/oid.ts';
import { chargeStorage } from '../quota/quota.queries.ts';
import { tryOwnStore } from '../version/store-hold.queries.ts';
import {
  deleteCommitRows,
  deleteObjects,
  type DeletedObject,
  readObjects,
  readRepoOfStore,
  replaceEmptySegments,
} from './collect.queries.ts';
import { releaseLfs } from './lfs-release.queries.ts';
import type { Garbage } from './mark.ts';
import {
  findOtherSegments,
  readGraphNodes,
  readRefOids,
  readReflogOids,
  readSegmentNodes,
} from './mark.queries.ts';

/** What a collection freed, or would free. */
export interface Freed {
  readonly objects: number;
  readonly commits: number;
  /** Of blobs: what the repository is not charged for any more. */
  readonly blobBytes: number;
  /** In packs; the space is free when their segments are rewritten or removed. */
  readonly packedBytes: number;
  /** LFS objects that no history of the repository names any more. */
  readonly lfsObjects: number;
  /** What the repository is not charged for any more because of them. */
  readonly lfsBytes: number;
}

export const NOTHING_FREED: Freed = {
  objects: 0,
  commits: 0,
  blobBytes: 0,
  packedBytes: 0,
  lfsObjects: 0,
  lfsBytes: 0,
};

export interface CollectOptions {
  /** Aborted when the hub stops. */
  readonly signal?: AbortSignal;
  /** How often the store is tried before its writers are left alone until the next run. */
  readonly attempts?: number;
}

/** Objects that go in one transaction, for which writers wait. A commit has rows for all its paths. */
const OBJECTS_AT_A_TIME = 2000;
const COMMITS_AT_A_TIME = 100;
const DEFAULT_ATTEMPTS = 500;
const RETRY_MS = 20;
const NODES_AT_A_TIME = 500;

/**
 * Deletes garbage, in steps that each leave the store whole, with writers kept out for the time of one step. What a ref came to
 * need since `findGarbage` stays, and so does what it needs in turn.
 */
export class Collection {
  readonly #sql: Sql;
  readonly #garbage: Garbage;
  #at = 0;
  #freed: Freed = NOTHING_FREED;

  constructor(sql: Sql, garbage: Garbage) {
    this.#sql = sql;
    this.#garbage = garbage;
  }

  get freed(): Freed {
    return this.#freed;
  }

  /** @returns whether all of it is deleted; else writers kept the store busy, or the hub stops. */
  async run({ signal, attempts = DEFAULT_ATTEMPTS }: CollectOptions = {}): Promise<boolean> {
    let left = attempts;
    while (this.#at < this.#garbage.order.length) {
      if (signal?.aborted) return false;
      const outcome = await this.step();
      if (outcome === 'deleted') return false;
      if (outcome === 'busy') {
        if (--left <= 0) return false;
        await delay(RETRY_MS);
      }
    }
    return true;
  }

  /** One transaction. `deleted`: the repository is gone, and its store with it. */
  async step(): Promise<'done' | 'busy' | 'deleted'> {
    // Most of the news is looked at while writers go on, so that little is left to do when they have to wait.
    await keepNews(this.#sql, this.#garbage);
    const next = this.nextBatch();
    if (next.oids.length === 0) {
      this.#at = next.end;
      return 'done';
    }
    const outcome = await this.#sql.transaction((tx) => this.deleteBatch(tx));
    if (typeof outcome === 'string') return outcome;
    this.#at = outcome.end;
    this.#freed = sumOf(this.#freed, outcome.freed);
    return 'done';
  }

  private async deleteBatch(
    tx: SqlTransaction,
  ): Promise<'busy' | 'deleted' | { readonly freed: Freed; readonly end: number }> {
    const { storeId } = this.#garbage;
    if (!(await tryOwnStore(tx, storeId))) return 'busy';
    const repoId = await readRepoOfStore(tx, storeId);
    if (repoId === null) return 'deleted';
    await keepNews(tx, this.#garbage);
    const { oids, end } = this.nextBatch();
    const deleted = await deleteObjects(tx, storeId, oids);
    await deleteCommitRows(tx, { storeId, repoId }, commitsOf(deleted));
    await replaceEmptySegments(tx, storeId, [...new Set(deleted.map((object) => object.segmentId))]);
    const lfs = await releaseLfs(tx, { storeId, repoId }, pointedTo(deleted));
    const freed = { ...freedBy(deleted), lfsObjects: lfs.links, lfsBytes: lfs.bytes };
    await chargeStorage(tx, repoId, -(freed.blobBytes + freed.lfsBytes));
    return { freed, end };
  }

  /** What goes next, and where the batch after it starts. Commits are alone, because what they name follows when all are gone. */
  private nextBatch(): { oids: readonly Buffer[]; end: number } {
    const { graph, order } = this.#garbage;
    const oids: Buffer[] = [];
    let end = this.#at;
    let firstType: number | undefined;
    for (; end < order.length; end++) {
      const index = order[end]!;
      if (graph.isKept(index)) continue;
      const type = graph.typeOf(index);
      firstType ??= type;
      const limit = firstType === OBJECT_TYPE_CODE.commit ? COMMITS_AT_A_TIME : OBJECTS_AT_A_TIME;
      if (type !== firstType || oids.length >= limit) break;
      oids.push(graph.oidAt(index));
    }
    return { oids, end };
  }
}

/** What a collection would free now. Changes nothing. */
export async function estimate(sql: Sql, { graph, order, storeId }: Garbage): Promise<Freed> {
  let freed = NOTHING_FREED;
  const pointers = new Map<string, Buffer>();
  for (let at = 0; at < order.length; at += OBJECTS_AT_A_TIME) {
    const oids = Array.from(order.subarray(at, at + OBJECTS_AT_A_TIME), (index) => graph.oidAt(index));
    const objects = await readObjects(sql, storeId, oids);
    freed = sumOf(freed, freedBy(objects));
    for (const sha256 of pointedTo(objects)) pointers.set(sha256.toString('hex'), sha256);
  }
  return { ...freed, ...(await estimateLfs(sql, storeId, { graph, sha256s: [...pointers.values()] })) };
}

async function estimateLfs(
  sql: Sql,
  storeId: number,
  { graph, sha256s }: { readonly graph: Garbage['graph']; readonly sha256s: readonly Buffer[] },
): Promise<Pick<Freed, 'lfsObjects' | 'lfsBytes'>> {
  let lfsObjects = 0;
  let lfsBytes = 0;
  for (let at = 0; at < sha256s.length; at += OBJECTS_AT_A_TIME) {
    const rows = await sql.query<{ sizeBytes: number; oids: Buffer }>({
      name: 'gc-estimate-lfs',
      text: `
        select max(lfs_size_bytes) as "sizeBytes", string_agg(oid, ''::bytea) as oids from git_object
        where store_id = $1 and lfs_sha256 = any($2::bytea[]) group by lfs_sha256`,
      values: [storeId, sha256s.slice(at, at + OBJECTS_AT_A_TIME)],
    });
    for (const { sizeBytes, oids } of rows) {
      if (graph.keepsAny(oids)) continue;
      lfsObjects++;
      lfsBytes += sizeBytes;
    }
  }
  return { lfsObjects, lfsBytes };
}

/**
 * Keeps garbage that somebody came to need: what refs hold now or held since, what objects name that were stored since, and all
 * that this needs in turn.
 */
async function keepNews(sql: SqlExecutor, garbage: Garbage): Promise<void> {
  const { storeId, graph, knownSegments, cutoff } = garbage;
  graph.keepAll(await readRefOids(sql, storeId));
  graph.keepAll(await readReflogOids(sql, storeId, cutoff));
  for (const segmentId of await findOtherSegments(sql, storeId, [...knownSegments])) {
    const oids = split(await readSegmentNodes(sql, storeId, segmentId));
    while (oids.length > 0) {
      const nodes = await readGraphNodes(sql, storeId, oids.slice(0, NODES_AT_A_TIME));
      graph.keepNamedBy(nodes);
      oids.splice(0, Math.max(nodes.length, 1));
    }
    knownSegments.add(segmentId);
  }
  await graph.spread(sql);
}

function split(oids: Buffer): Buffer[] {
  return Array.from({ length: oids.length / OID_BYTES }, (_, index) =>
    oids.subarray(index * OID_BYTES, (index + 1) * OID_BYTES),
  );
}

function commitsOf(objects: readonly DeletedObject[]): Buffer[] {
  return objects.filter((object) => object.type === OBJECT_TYPE_CODE.commit).map((object) => object.oid);
}

function pointedTo(objects: readonly DeletedObject[]): Buffer[] {
  return objects.flatMap((object) => object.lfsSha256 ?? []);
}

function freedBy(objects: readonly DeletedObject[]): Freed {
  const blobs = objects.filter((object) => object.type === OBJECT_TYPE_CODE.blob);
  return {
    ...NOTHING_FREED,
    objects: objects.length,
    commits: commitsOf(objects).length,
    blobBytes: blobs.reduce((sum, object) => sum + object.sizeBytes, 0),
    packedBytes: objects.reduce((sum, object) => sum + object.packedBytes, 0),
  };
}

function sumOf(a: Freed, b: Freed): Freed {
  return {
    objects: a.objects + b.objects,
    commits: a.commits + b.commits,
    blobBytes: a.blobBytes + b.blobBytes,
    packedBytes: a.packedBytes + b.packedBytes,
    lfsObjects: a.lfsObjects + b.lfsObjects,
    lfsBytes: a.lfsBytes + b.lfsBytes,
  };
}
