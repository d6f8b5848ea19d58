import { parseCommit } from '../../git/commit.ts';
import { encodeEntryName } from '../../git/entry-name.ts';
import { MalformedObject, type ObjectType } from '../../git/object.ts';
import { type Oid, oidToBytes } from '../../git/oid.ts';
import { PackFile, PackTooHard, type UnpackLimits } from '../../git/pack-file.ts';
import { CorruptPack } from '../../git/pack-index.ts';
import { decodeTree, FOLDER_MODE, type TreeEntry } from '../../git/tree.ts';
import { BadRequest } from '../../lib/domain-error.ts';
import { SyncRowFile, type WrittenRows } from '../../lib/row-file.ts';
import { ChangeRows } from './push-changes.ts';
import { type FoundObject, headerOf, type ObjectTable, tableOf } from './push-found.ts';
import { type Listed, type ListingLimits, PushListing } from './push-listing.ts';
import { PushRefused } from './push-report.ts';

/** What a push may build on: commits that refs of its view name. */
export interface KnownHistory {
  /** Null for every other commit. */
  commit(oid: Oid): Promise<{ readonly treeOid: Oid; readonly generation: number } | null>;
  /** The entries of a tree of such a commit. */
  tree(oid: Oid): Promise<readonly TreeEntry[]>;
}

export interface WalkJob {
  /** The pack of the push, as `git index-pack --strict` found it right. */
  readonly packPath: string;
  readonly idxPath: string;
  readonly tips: readonly Oid[];
  readonly storeId: number;
  readonly limits: ListingLimits;
  readonly unpackLimits: UnpackLimits;
  /** How much work it may be: entries of trees. */
  readonly maxSteps: number;
  readonly changesPath: string;
  readonly filesPath: string;
}

/** What `git rev-list` and `git diff-tree` would say. */
export interface Walked extends Listed {
  readonly generations: ReadonlyMap<Oid, number>;
  /** All new objects. */
  readonly objects: ObjectTable;
  /** Whether the pack holds these objects and no others, and none of them as a delta. */
  readonly isWholePack: boolean;
  /** See `PushedRows`. */
  readonly changes: WrittenRows;
  readonly files: WrittenRows;
}

/** Reading so many bytes of commits and trees takes about as long as looking at an entry. */
const BYTES_OF_STEP = 100;

/** Nothing is wrong, or git is to say what. */
class ForGit extends Error {}

const NOTHING: KnownHistory = {
  commit: async () => null,
  tree: async (oid) => {
    throw new Error(`the tree ${oid} is of no known commit`);
  },
};

/**
 * Goes from the tips of a plain push to all that it brings, without git: commits with one parent at most, which are all in the pack,
 * and trees whose every entry is in the pack too, or stands at the same place in the parent's tree.
 * @returns null for any other push, and for all that might be refused: git finds out more.
 */
export async function walkPush(job: WalkJob, known: KnownHistory = NOTHING): Promise<Walked | null> {
  try {
    using stack = new DisposableStack();
    const pack = stack.use(new PackFile(job, job.unpackLimits));
    const changes = stack.use(new SyncRowFile(job.changesPath));
    const files = stack.use(new SyncRowFile(job.filesPath));
    const walk = new Walk({
      job,
      pack,
      known,
      rows: new ChangeRows({ storeId: job.storeId, changes, files }),
    });
    const { listing, ...found } = await walk.run();
    const { parents, objectCount, totalBytes } = listing;
    return {
      parents,
      objectCount,
      totalBytes,
      ...found,
      changes: changes.finish(),
      files: files.finish(),
    };
  } catch (error) {
    if (isForGit(error)) return null;
    throw error;
  }
}

function isForGit(error: unknown): boolean {
  const kinds = [ForGit, PushRefused, PackTooHard, CorruptPack, MalformedObject, BadRequest];
  return kinds.some((kind) => error instanceof kind);
}

interface WalkInput {
  readonly job: WalkJob;
  readonly pack: PackFile;
  readonly known: KnownHistory;
  readonly rows: ChangeRows;
}

interface NewCommit {
  readonly oid: Oid;
  readonly treeOid: Oid;
  readonly parent: Oid | null;
}

/** A folder of which one side may be missing. Its path ends with a slash, unless it is the root. */
interface Folder {
  readonly path: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

class Walk {
  readonly #input: WalkInput;
  readonly #listing: PushListing;
  readonly #generations = new Map<Oid, number>();
  readonly #trees = new Map<Oid, Oid>();
  readonly #listed = new Map<Oid, ObjectType>();
  readonly #objects: FoundObject[] = [];
  #hasDeltas = false;
  #steps = 0;

  constructor(input: WalkInput) {
    this.#input = input;
    this.#listing = new PushListing(input.job.limits);
  }

  async run() {
    for (const commit of await this.commits()) {
      const { oid, treeOid, parent } = commit;
      const generation = (parent ? this.#generations.get(parent)! : 0) + 1;
      this.#generations.set(oid, generation);
      this.#trees.set(oid, treeOid);
      this.list(oid, 'commit', parent ?? '');
      this.#input.rows.begin(oid, generation);
      const before = parent && this.#trees.get(parent)!;
      if (before === treeOid) continue;
      this.list(treeOid, 'tree', '');
      await this.compare({ path: '', before, after: treeOid });
    }
    this.#listing.finish();
    const isWholePack = !this.#hasDeltas && this.#objects.length === this.#input.pack.places.objectCount;
    return {
      listing: this.#listing,
      generations: this.#generations,
      objects: tableOf(this.#objects),
      isWholePack,
    };
  }

  /** Parents stand before their children. */
  private async commits(): Promise<readonly NewCommit[]> {
    const found = new Map<Oid, NewCommit>();
    for (const tip of this.#input.job.tips) {
      const line: NewCommit[] = [];
      for (let oid: Oid | null = tip; oid && !found.has(oid); oid = line.at(-1)!.parent) {
        if (line.length > 0 && (await this.isKnown(oid))) break;
        line.push(this.readCommit(oid));
      }
      for (const commit of line.toReversed()) found.set(commit.oid, commit);
    }
    return [...found.values()];
  }

  private async isKnown(oid: Oid): Promise<boolean> {
    if (this.offsetOf(oid) !== undefined) return false;
    const commit = await this.#input.known.commit(oid);
    if (!commit) throw new ForGit();
    this.#trees.set(oid, commit.treeOid);
    this.#generations.set(oid, commit.generation);
    return true;
  }

  private readCommit(oid: Oid): NewCommit {
    this.step();
    const { tree, parents } = parseCommit(this.unpack(oid, 'commit'));
    if (parents.length > 1) throw new ForGit();
    return { oid, treeOid: tree, parent: parents[0] ?? null };
  }

  private async compare(root: Folder): Promise<void> {
    const open = [root];
    for (let folder = open.pop(); folder; folder = open.pop()) {
      const [before, after] = await Promise.all([this.entries(folder.before), this.entries(folder.after)]);
      const old = new Map(before.map((entry) => [entry.name, entry]));
      for (const entry of after) {
        const replaced = old.get(entry.name);
        old.delete(entry.name);
        open.push(...this.changed(folder.path, replaced ?? null, entry));
      }
      for (const entry of old.values()) open.push(...this.changed(folder.path, entry, null));
    }
  }

  /** @returns the folders in which there is more. */
  private changed(folder: string, before: TreeEntry | null, after: TreeEntry | null): readonly Folder[] {
    this.step();
    if (before && after && before.oid === after.oid && before.mode === after.mode) return [];
    const { name } = (after ?? before)!;
    const path = folder + encodeEntryName(name).toString('latin1');
    if (after && isFolder(before) !== isFolder(after) && before) {
      // A file in the place of a folder, or the other way round: one is gone, and another one is there.
      return [...this.changed(folder, before, null), ...this.changed(folder, null, after)];
    }
    const isSubmodule = after?.mode === '160000';
    this.#input.rows.add(
      Buffer.from(path, 'latin1'),
      after && !isSubmodule && !isFolder(after) ? after.oid : null,
    );
    // What the parent's tree has at this place is here.
    const isHere = before?.oid === after?.oid && before?.mode !== '160000';
    if (after && !isSubmodule && !isHere) this.list(after.oid, isFolder(after) ? 'tree' : 'blob', path);
    if (!isFolder(after ?? before)) return [];
    return [{ path: `${path}/`, before: before?.oid ?? null, after: after?.oid ?? null }];
  }

  /** Every object that is listed is one of the pack. */
  private list(oid: Oid, type: ObjectType, rest: string): void {
    const listedAs = this.#listed.get(oid);
    if (listedAs === type) return;
    const { offset, sizeBytes, isWhole } = this.found(oid, type);
    this.#hasDeltas ||= !isWhole;
    this.#listed.set(oid, type);
    const object = { oid, type, sizeBytes, rest, offset };
    this.#listing.add(headerOf(object));
    this.#objects.push(object);
  }

  private async entries(oid: Oid | null): Promise<readonly TreeEntry[]> {
    if (oid === null) return [];
    if (this.offsetOf(oid) === undefined) return this.#input.known.tree(oid);
    return decodeTree(this.unpack(oid, 'tree'));
  }

  private unpack(oid: Oid, type: 'commit' | 'tree'): Buffer {
    const { offset, sizeBytes } = this.found(oid, type);
    this.step(sizeBytes / BYTES_OF_STEP);
    const { pack } = this.#input;
    return pack.unpack(pack.entryAt(offset)).bytes;
  }

  private found(
    oid: Oid,
    type: ObjectType,
  ): { readonly offset: number; readonly sizeBytes: number; readonly isWhole: boolean } {
    const offset = this.offsetOf(oid);
    if (offset === undefined) throw new ForGit();
    const { type: foundType, ...described } = this.#input.pack.describe(offset);
    if (foundType !== type) throw new ForGit();
    return { offset, ...described };
  }

  private offsetOf(oid: Oid): number | undefined {
    return this.#input.pack.places.offsetOf(oidToBytes(oid));
  }

  private step(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#input.job.maxSteps) throw new ForGit();
  }
}

function isFolder(entry: TreeEntry | null): boolean {
  return entry?.mode === FOLDER_MODE;
}
