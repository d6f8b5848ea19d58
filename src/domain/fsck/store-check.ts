import { parseCommit } from '../../git/commit.ts';
import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { EMPTY_TREE_OID, type Oid, oidFromBytes } from '../../git/oid.ts';
import { parseTag } from '../../git/tag.ts';
import { decodeTree } from '../../git/tree.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import type { Deps } from '../deps.ts';
import { messageOf, type Report } from './finding.ts';
import {
  findUnplacedObjects,
  linkedLfsSizes,
  prunedLfs,
  listSegments,
  listStoreRefs,
  type NodeRow,
  readCommitRows,
  readNodes,
  type StoreRow,
} from './fsck.queries.ts';
import { checkSegment } from './segment-check.ts';

const NODES_AT_A_TIME = 1000;

/** Checks one repository: its bytes, and everything that its refs reach. */
export async function checkStore(deps: Deps, store: StoreRow, report: Report): Promise<void> {
  for (const segment of await listSegments(deps.sql, store.storeId))
    await checkSegment(deps, store, segment, report);
  await checkPlaces(deps, store, report);
  await new GraphCheck(deps, store, report).run();
}

/** Every object lies in a segment of its own store. */
async function checkPlaces({ sql }: Deps, { storeId, label }: StoreRow, report: Report): Promise<void> {
  const unplaced = await findUnplacedObjects(sql, storeId);
  if (!unplaced) return;
  const { count, example } = unplaced;
  report({
    code: 'object-unplaced',
    where: label,
    message: `${count} objects lie in no segment, ${example} among them`,
  });
}

/** Walks from the refs to every object; whatever is not there, or not what its parent says, is reported. */
class GraphCheck {
  readonly #deps: Deps;
  readonly #store: StoreRow;
  readonly #report: Report;
  readonly #seen = new Set<Oid>([EMPTY_TREE_OID]);
  readonly #pointers = new Map<Sha256, number>();
  #next: Oid[] = [];

  constructor(deps: Deps, store: StoreRow, report: Report) {
    this.#deps = deps;
    this.#store = store;
    this.#report = report;
  }

  async run(): Promise<void> {
    await this.checkRefs();
    while (this.#next.length > 0) await this.visit(this.#next.splice(0, NODES_AT_A_TIME));
    await this.checkPointers();
  }

  /** What a ref names is there, and of the kind that such a ref may name. */
  private async checkRefs(): Promise<void> {
    const { storeId, label } = this.#store;
    const refs = await listStoreRefs(this.#deps.sql, storeId);
    for (let at = 0; at < refs.length; at += NODES_AT_A_TIME) {
      const page = refs.slice(at, at + NODES_AT_A_TIME);
      const nodes = await readNodes(
        this.#deps.sql,
        storeId,
        page.map((ref) => ref.oid),
      );
      const types = new Map(nodes.map((node) => [node.oid, node.type]));
      for (const { name, oid } of page) {
        const damage = refDamage(name, types.get(oid));
        if (damage === null) this.reach(oid);
        else this.#report({ code: 'ref-broken', where: label, message: `${name} names ${oid}, ${damage}` });
      }
    }
  }

  private reach(oid: Oid): void {
    if (this.#seen.has(oid)) return;
    this.#seen.add(oid);
    this.#next.push(oid);
  }

  private async visit(oids: readonly Oid[]): Promise<void> {
    const { storeId, label } = this.#store;
    const nodes = await readNodes(this.#deps.sql, storeId, oids);
    const found = new Set(nodes.map((node) => node.oid));
    for (const oid of oids) {
      if (!found.has(oid))
        this.#report({ code: 'object-missing', where: label, message: `${oid} is reachable and not stored` });
    }
    const commits: NodeRow[] = [];
    for (const node of nodes) {
      try {
        if (node.type === OBJECT_TYPE_CODE.commit) commits.push(node);
        this.follow(node);
      } catch (error) {
        this.#report({ code: 'object-corrupt', where: label, message: `${node.oid}: ${messageOf(error)}` });
      }
    }
    await this.checkCommitRows(commits);
  }

  private follow({ type, data, lfsSha256, lfsSizeBytes }: NodeRow): void {
    if (type === OBJECT_TYPE_CODE.blob) {
      if (lfsSha256 !== null) this.#pointers.set(lfsSha256, lfsSizeBytes ?? -1);
      return;
    }
    if (data === null) throw new Error('its content is not in its row');
    if (type === OBJECT_TYPE_CODE.commit) {
      const { tree, parents } = parseCommit(data);
      for (const oid of [tree, ...parents]) this.reach(oid);
    } else if (type === OBJECT_TYPE_CODE.tree) {
      // A submodule's commit lives in another repository.
      for (const entry of decodeTree(data)) if (entry.mode !== '160000') this.reach(entry.oid);
    } else {
      this.reach(parseTag(data).object);
    }
  }

  private async checkCommitRows(commits: readonly NodeRow[]): Promise<void> {
    const { storeId, label } = this.#store;
    const oids = commits.map((commit) => commit.oid);
    const rows = new Map((await readCommitRows(this.#deps.sql, storeId, oids)).map((row) => [row.oid, row]));
    for (const { oid, data } of commits) {
      const row = rows.get(oid);
      const commit = parseCommit(data!);
      const parents = row ? splitOids(row.parents) : [];
      const fits =
        row?.treeOid === commit.tree && parents.join() === commit.parents.join() && row.generation > 0;
      if (!fits)
        this.#report({
          code: 'commit-row-wrong',
          where: label,
          message: `the row of commit ${oid} does not fit it`,
        });
    }
  }

  private async checkPointers(): Promise<void> {
    const linked = await linkedLfsSizes(this.#deps.sql, this.#store.repoId);
    const pruned = await prunedLfs(this.#deps.sql, this.#store.repoId);
    for (const [sha256, sizeBytes] of this.#pointers) {
      const actual = linked.get(sha256);
      const where = this.#store.label;
      if (actual === undefined && pruned.has(sha256)) continue;
      if (actual === undefined) {
        this.#report({
          code: 'lfs-unlinked',
          where,
          message: `LFS object ${sha256} is named by a pointer, but not held`,
        });
      } else if (actual !== sizeBytes) {
        this.#report({
          code: 'lfs-size',
          where,
          message: `LFS object ${sha256} has ${actual} bytes, its pointer says ${sizeBytes}`,
        });
      }
    }
  }
}

/** Null for a ref that is whole. @param type of the object that it names; undefined when that is not stored. */
function refDamage(name: string, type: number | undefined): string | null {
  if (type === undefined) return 'which is not stored';
  if (type === OBJECT_TYPE_CODE.commit) return null;
  // A pushed tag may tag anything.
  return name.startsWith('refs/tags/') ? null : 'which is not a commit';
}

function splitOids(bytes: Buffer): Oid[] {
  return Array.from({ length: bytes.length / 20 }, (_, index) =>
    oidFromBytes(bytes.subarray(index * 20, index * 20 + 20)),
  );
}
