import type { Sql, SqlExecutor } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { EMPTY_TREE_OID, OID_BYTES } from '../../git/oid.ts';
import {
  countObjects,
  freeze,
  type GraphNode,
  listSegmentAges,
  readAllOids,
  readCommitsChildrenFirst,
  readCutoff,
  readGraphNodes,
  readRefOids,
  readReflogOids,
} from './mark.queries.ts';
import { OidTable } from './oid-table.ts';
import { eachReference } from './references.ts';

/** Marks of an object: its type in the lower bits, and these. */
const TYPE_BITS = 7;
const YOUNG = 8;
const KEPT = 16;
/** Objects whose contents are asked for at once. */
const NODES_AT_A_TIME = 500;

/** Something that a ref reaches is not stored. Nothing of such a store is collected: `hub fsck` says what is wrong. */
export class StoreDamaged extends Error {
  override readonly name = 'StoreDamaged';
}

/** Objects of a store that nothing needed at one moment, and what that judgement was made of. */
export interface Garbage {
  readonly storeId: number;
  /** What became unreachable later than this stays. */
  readonly cutoff: Date;
  readonly graph: StoreGraph;
  /** Segments that were looked at; others came later. */
  readonly knownSegments: Set<number>;
  /**
   * Indexes of `graph` in the order in which they may go: tags, commits from child to parent, trees, blobs. So whatever is still
   * stored has all that it names, except trees that no commit names.
   */
  readonly order: Uint32Array;
}

/**
 * Finds what no ref, no pull request, no recent change of a ref and no write under way needs. Young objects keep what they name,
 * too. All of it is read as it was at one moment; writers go on meanwhile, which `keepNews` looks at before anything is deleted.
 * @throws {StoreDamaged}
 */
export function findGarbage(sql: Sql, storeId: number, graceMs: number): Promise<Garbage> {
  return sql.transaction(async (tx) => {
    await freeze(tx);
    const cutoff = await readCutoff(tx, storeId, graceMs);
    const segments = await listSegmentAges(tx, storeId, cutoff);
    const young = segments.filter((segment) => segment.isYoung).map((segment) => segment.id);
    const graph = await StoreGraph.read(tx, storeId, young);
    graph.keepAll(await readRefOids(tx, storeId));
    await graph.spread(tx, 'must be whole');
    graph.keepAll(await readReflogOids(tx, storeId, cutoff));
    graph.keepYoung();
    await graph.spread(tx);
    const order = await graph.deletionOrder(tx);
    return { storeId, cutoff, graph, order, knownSegments: new Set(segments.map((segment) => segment.id)) };
  });
}

/** All objects of a store, and which of them are kept. */
export class StoreGraph {
  readonly #storeId: number;
  readonly #table: OidTable;
  /** Kept objects whose references were not followed yet. */
  readonly #stack: number[] = [];

  private constructor(storeId: number, table: OidTable) {
    this.#storeId = storeId;
    this.#table = table;
  }

  static async read(
    sql: SqlExecutor,
    storeId: number,
    youngSegments: readonly number[],
  ): Promise<StoreGraph> {
    const table = new OidTable(await countObjects(sql, storeId));
    for await (const runs of readAllOids(sql, storeId, youngSegments)) {
      for (const { type, isYoung, oids } of runs) {
        const mark = type | (isYoung ? YOUNG : 0);
        for (let at = 0; at < oids.length; at += OID_BYTES) table.add(oids, at, mark);
      }
    }
    return new StoreGraph(storeId, table);
  }

  /** Keeps these objects, ids end to end, as far as the store has them. `spread` follows what they name. */
  keepAll(oids: Buffer): void {
    for (let at = 0; at < oids.length; at += OID_BYTES) this.keep(oids, at);
  }

  keepYoung(): void {
    for (let index = 0; index < this.#table.length; index++)
      if (this.#table.markOf(index) & YOUNG) this.keepIndex(index);
  }

  /** Keeps what these objects name, which need not be in the graph themselves. */
  keepNamedBy(nodes: readonly GraphNode[]): void {
    for (const { type, data } of nodes)
      eachReference(type, contentOf(data), (bytes, at) => void this.keep(bytes, at));
  }

  /** Whether one of these objects, ids end to end, is kept or not in the graph at all. */
  keepsAny(oids: Buffer): boolean {
    for (let at = 0; at < oids.length; at += OID_BYTES) {
      const index = this.#table.indexOf(oids, at);
      if (index < 0 || this.isKept(index)) return true;
    }
    return false;
  }

  isKept(index: number): boolean {
    return (this.#table.markOf(index) & KEPT) !== 0;
  }

  typeOf(index: number): number {
    return this.#table.markOf(index) & TYPE_BITS;
  }

  oidAt(index: number): Buffer {
    return this.#table.oidAt(index);
  }

  /**
   * Keeps everything that kept objects name, and so on.
   * @throws {StoreDamaged} when something is not stored that must be.
   */
  async spread(
    sql: SqlExecutor,
    missing: 'must be whole' | 'may be missing' = 'may be missing',
  ): Promise<void> {
    while (this.#stack.length > 0) {
      const batch = this.#stack.splice(-NODES_AT_A_TIME);
      const nodes = await readGraphNodes(
        sql,
        this.#storeId,
        batch.map((index) => this.#table.oidAt(index)),
      );
      if (nodes.length === 0)
        throw new Error(`objects of store ${this.#storeId} went away while they were read`);
      for (const { type, data } of nodes) {
        eachReference(type, contentOf(data), (bytes, at) => {
          if (!this.keep(bytes, at) && missing === 'must be whole') refuseMissing(bytes, at);
        });
      }
      for (const index of batch.slice(nodes.length)) this.#stack.push(index);
    }
  }

  /** Indexes of what is not kept, as `Garbage.order` has them. */
  async deletionOrder(sql: SqlExecutor): Promise<Uint32Array> {
    const counts = this.countGarbage();
    const { commit, tree, tag, blob } = OBJECT_TYPE_CODE;
    const order = new Uint32Array(counts.reduce((sum, count) => sum + count, 0));
    const next: number[] = [];
    let start = 0;
    for (const type of [tag, commit, tree, blob]) {
      next[type] = start;
      start += counts[type] ?? 0;
    }
    for (let index = 0; index < this.#table.length; index++) {
      const type = this.typeOf(index);
      if (!this.isKept(index) && type !== commit) order[next[type]!++] = index;
    }
    if (counts[commit]) {
      for await (const oids of readCommitsChildrenFirst(sql, this.#storeId)) {
        for (let at = 0; at < oids.length; at += OID_BYTES) {
          const index = this.#table.indexOf(oids, at);
          if (index >= 0 && !this.isKept(index)) order[next[commit]!++] = index;
        }
      }
      if (next[commit] !== (counts[tag] ?? 0) + counts[commit])
        throw new StoreDamaged(`store ${this.#storeId} has commits without a row`);
    }
    return order;
  }

  /** By type. */
  private countGarbage(): number[] {
    const counts: number[] = [0, 0, 0, 0, 0];
    for (let index = 0; index < this.#table.length; index++)
      if (!this.isKept(index)) counts[this.typeOf(index)]! += 1;
    return counts;
  }

  /** False when the store has no such object. */
  private keep(bytes: Buffer, at: number): boolean {
    const index = this.#table.indexOf(bytes, at);
    if (index < 0) return false;
    this.keepIndex(index);
    return true;
  }

  private keepIndex(index: number): void {
    const mark = this.#table.markOf(index);
    if (mark & KEPT) return;
    this.#table.setMark(index, mark | KEPT);
    if ((mark & TYPE_BITS) !== OBJECT_TYPE_CODE.blob) this.#stack.push(index);
  }
}

function contentOf(data: Buffer | null): Buffer {
  if (data === null) throw new StoreDamaged('a commit, tree or tag has no content in its row');
  return data;
}

function refuseMissing(bytes: Buffer, at: number): void {
  const oid = bytes.toString('hex', at, at + OID_BYTES);
  // Git knows it without being told.
  if (oid !== EMPTY_TREE_OID) throw new StoreDamaged(`${oid} is reachable and not stored`);
}
