import type { SqlExecutor } from '../../db/sql.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { EMPTY_TREE_OID, OID_BYTES } from '../../git/oid.ts';
import { StoreDamaged } from './mark.ts';
import { readGraphNodes } from './mark.queries.ts';
import { keepStored, type Pointer } from './prune-lfs.queries.ts';
import { eachEntry, subjectOf } from './references.ts';

/** Objects whose contents are asked for at once. */
const NODES_AT_A_TIME = 500;

/**
 * Which LFS objects the files of some commits point to: files of these commits, not of their parents. Each folder is read
 * once, however many commits have it, so that commits can be added later at the cost of what is new in them.
 */
export class SnapshotWalk {
  readonly #storeId: number;
  /** Objects that are pointed to, by pointer. All keys are bytes as latin1. */
  readonly #pointers = new Map<string, string>();
  readonly #found = new Set<string>();
  /** Commits, tags and trees. */
  readonly #seen = new Set<string>([keyOf(Buffer.from(EMPTY_TREE_OID, 'hex'), 0)]);
  readonly #stack: Buffer[] = [];

  constructor(storeId: number) {
    this.#storeId = storeId;
  }

  /** What to look for. A pointer that is stored later is in none of the trees that were read. */
  lookFor(pointers: readonly Pointer[]): void {
    for (const { oid, sha256 } of pointers) this.#pointers.set(keyOf(oid, 0), sha256.toString('latin1'));
  }

  /** Looks at these commits and tags, ids end to end. @throws {StoreDamaged} when not all of their folders are stored. */
  async add(sql: SqlExecutor, oids: Buffer): Promise<void> {
    for (let at = 0; at < oids.length; at += OID_BYTES) this.visit(oids, at);
    while (this.#stack.length > 0) {
      const batch = this.#stack.splice(-NODES_AT_A_TIME);
      const stored = await keepStored(sql, this.#storeId, Buffer.concat(batch));
      if (stored.length < batch.length * OID_BYTES)
        throw new StoreDamaged(`store ${this.#storeId} does not hold all that its refs reach`);
      const nodes = await readGraphNodes(sql, this.#storeId, batch);
      this.#stack.push(...batch.slice(nodes.length));
      for (const { type, data } of nodes) this.look(type, data);
    }
  }

  /** Whether a file of these commits points to an object. */
  names(sha256: Buffer): boolean {
    return this.#found.has(sha256.toString('latin1'));
  }

  private look(type: number, data: Buffer | null): void {
    // A tag may name a file.
    if (type === OBJECT_TYPE_CODE.blob) return;
    if (data === null) throw new StoreDamaged('a commit, tree or tag has no content in its row');
    if (type !== OBJECT_TYPE_CODE.tree) return this.visit(subjectOf(type, data), 0);
    eachEntry(data, (bytes, at, isTree) => {
      if (isTree) return this.visit(bytes, at);
      const sha256 = this.#pointers.get(keyOf(bytes, at));
      if (sha256 !== undefined) this.#found.add(sha256);
    });
  }

  private visit(bytes: Buffer, at: number): void {
    const key = keyOf(bytes, at);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#stack.push(Buffer.from(bytes.subarray(at, at + OID_BYTES)));
  }
}

function keyOf(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + OID_BYTES);
}
