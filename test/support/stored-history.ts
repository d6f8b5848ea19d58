import { newBlob } from '../../src/domain/version/commit-content.ts';
import { keptWhole, segmentOf } from '../../src/domain/version/commit-plan.ts';
import {
  insertCommit,
  insertPathChanges,
  readCommitPosition,
} from '../../src/domain/version/commit.queries.ts';
import { insertSegment } from '../../src/domain/version/object.queries.ts';
import { SegmentWriter } from '../../src/domain/version/segment-writer.ts';
import { treeSource } from '../../src/domain/version/tree-source.ts';
import { encodeCommit, formatMessage } from '../../src/git/commit.ts';
import { hashObject } from '../../src/git/object.ts';
import { EMPTY_TREE_OID, type Oid, oidToBytes } from '../../src/git/oid.ts';
import { parseRepoPath } from '../../src/git/path.ts';
import { encodeTag } from '../../src/git/tag.ts';
import { changedEntries } from '../../src/git/tree-changes.ts';
import { editTree } from '../../src/git/tree-edit.ts';
import { encodeTree, type TreeEntry } from '../../src/git/tree.ts';
import type { Hub } from '../../src/server/hub.ts';

export interface StoredCommit {
  readonly title: string;
  readonly parents?: readonly Oid[];
  /** Contents by path, on top of the first parent; null deletes. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** Minutes after a fixed day; default one more than the commit before. */
  readonly minute?: number;
  /** Which paths the commit is recorded to have changed; default all of `files`. */
  readonly recorded?: readonly string[];
  readonly userId?: number;
}

const DAY = Date.UTC(2026, 0, 1);

/** Writes history of any shape into a store, as pushes bring it: side branches, merges, odd dates, any tree. */
export class StoredHistory {
  readonly storeId: number;
  readonly #hub: Hub;
  #minute = 0;

  constructor(hub: Hub, storeId: number) {
    this.#hub = hub;
    this.storeId = storeId;
  }

  async commit(plan: StoredCommit): Promise<Oid> {
    const { sql, versionCaches } = this.#hub.deps;
    const parents = plan.parents ?? [];
    const positions = await Promise.all(parents.map((oid) => readCommitPosition(sql, this.storeId, oid)));
    const contents = Object.entries(plan.files ?? {}).map(([path, content]) => ({
      path: parseRepoPath(path),
      blob: content === null ? null : newBlob(Buffer.from(content)),
    }));
    const tree = await editTree({
      readTree: treeSource(sql, versionCaches, this.storeId),
      rootOid: positions[0]?.treeOid ?? null,
      edits: contents.map(({ path, blob }) =>
        blob ? { kind: 'put', path, mode: '100644', oid: blob.oid } : { kind: 'delete', path },
      ),
    });
    const recorded = plan.recorded && new Set(plan.recorded);
    return this.store({
      ...plan,
      parents,
      treeOid: tree.rootOid,
      generation: 1 + Math.max(0, ...positions.map((position) => position!.generation)),
      objects: [
        ...contents.flatMap(({ blob }) => blob ?? []),
        ...tree.newTrees.map(({ oid, bytes }) => keptWhole(oid, 'tree', bytes)),
        ...(tree.rootOid === EMPTY_TREE_OID ? [keptWhole(EMPTY_TREE_OID, 'tree', Buffer.alloc(0))] : []),
      ],
      changes: changedEntries(tree.changes.filter((change) => recorded?.has(change.path) ?? true)),
    });
  }

  /** A root commit of one tree with exactly these entries, whatever they name. */
  async commitTree(title: string, entries: readonly TreeEntry[]): Promise<Oid> {
    const bytes = encodeTree(entries);
    const treeOid = hashObject('tree', bytes);
    const objects = [keptWhole(treeOid, 'tree', bytes)];
    return this.store({ title, parents: [], treeOid, generation: 1, objects, changes: [] });
  }

  /** An annotated tag object. */
  async tagObject(object: Oid, type: 'commit' | 'tag' | 'tree'): Promise<Oid> {
    const bytes = encodeTag({ object, type, name: 'v1', tagger: null, message: 'A tag\n' });
    const oid = hashObject('tag', bytes);
    const segment = segmentOf([keptWhole(oid, 'tag', bytes)]);
    await this.#hub.deps.sql.transaction((tx) => insertSegment(tx, this.storeId, segment));
    return oid;
  }

  async setRef(refName: string, oid: Oid): Promise<void> {
    await this.#hub.deps.sql.execute({
      text: `
        insert into git_ref (store_id, name, oid) values ($1, $2, $3)
        on conflict (store_id, name) do update set oid = excluded.oid`,
      values: [this.storeId, refName, oidToBytes(oid)],
    });
  }

  private async store(
    input: StoredCommit & {
      readonly parents: readonly Oid[];
      readonly treeOid: Oid;
      readonly generation: number;
      readonly objects: Parameters<typeof segmentOf>[0];
      readonly changes: Parameters<typeof insertPathChanges>[2];
    },
  ): Promise<Oid> {
    const { sql, store } = this.#hub.deps;
    const { storeId } = this;
    this.#minute = input.minute ?? this.#minute + 1;
    const at = new Date(DAY + this.#minute * 60_000);
    const signature = { name: 'Ada', email: 'ada@example.test', at, tzMinutes: 0 };
    const commit = {
      tree: input.treeOid,
      parents: input.parents,
      author: signature,
      committer: signature,
      message: formatMessage(input.title, 'Why.'),
    };
    const bytes = encodeCommit(commit);
    const oid = hashObject('commit', bytes);
    const writer = new SegmentWriter(sql, store, storeId);
    const segment = await writer.makeDurable(segmentOf([...input.objects, keptWhole(oid, 'commit', bytes)]));
    const { generation } = input;
    await sql.transaction(async (tx) => {
      await insertSegment(tx, storeId, segment);
      await writer.settle(tx, [segment]);
      await insertCommit(tx, { storeId, oid, commit, generation, userId: input.userId ?? null });
      await insertPathChanges(tx, { storeId, generation, commitOid: oid }, input.changes);
    });
    return oid;
  }
}
