import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type BatchHeader, LineReader, parseBatchHeader } from '../../git/batch-output.ts';
import type { ObjectType } from '../../git/object.ts';
import { type Oid, OID_BYTES } from '../../git/oid.ts';
import type { PackPlaces } from '../../git/pack-index.ts';
import { MAX_PATH_BYTES } from '../../git/path.ts';

/** A new object of a push, and where its entry begins in the pack. It crosses threads. */
export interface FoundObject {
  readonly oid: Oid;
  readonly type: ObjectType;
  readonly sizeBytes: number;
  /** See `BatchHeader`; one character stands for one byte. */
  readonly rest: string;
  readonly offset: number;
}

/** New objects in a file, as `PushQuarantine.list` writes it: lines of `BATCH_FORMAT`, one for each object. */
export interface ObjectList {
  readonly listPath: string;
  readonly objectCount: number;
}

/** The new objects of a push, from the begin of its pack to its end. */
export interface ObjectsInOrder extends Disposable {
  /** Where their entries begin. */
  readonly offsets: Float64Array;
  headerAt(index: number): BatchHeader;
}

/** An object of the list is not in the pack. */
export class Incomplete extends Error {}

/** What git would say of it: of a path, nothing that follows a line feed. */
export function headerOf({ oid, type, sizeBytes, rest }: Omit<FoundObject, 'offset'>): BatchHeader {
  const end = rest.indexOf('\n');
  return { oid, type, sizeBytes, rest: Buffer.from(end < 0 ? rest : rest.slice(0, end), 'latin1') };
}

/** @throws {Incomplete} */
export function inPackOrder(
  objects: readonly FoundObject[] | ObjectList,
  places: PackPlaces,
): ObjectsInOrder {
  return 'listPath' in objects ? new ListedObjects(objects, places) : foundObjects(objects);
}

function foundObjects(objects: readonly FoundObject[]): ObjectsInOrder {
  const sorted = objects.toSorted((a, b) => a.offset - b.offset);
  return {
    offsets: Float64Array.from(sorted, ({ offset }) => offset),
    headerAt: (index) => headerOf(sorted[index]!),
    [Symbol.dispose]: () => {},
  };
}

const LINE_FEED = 0x0a;
const LIST_CHUNK_BYTES = 256 * 1024;
const MAX_HELD_LIST_BYTES = 4 * 2 ** 20;
/** Ids, sizes and the longest path that a push may have. Of a commit, this leaves parents out, which nobody needs here. */
const MAX_LINE_BYTES = 128 + MAX_PATH_BYTES;

/** A list, in flat memory: a push may have a million objects, with long paths. */
class ListedObjects implements ObjectsInOrder {
  readonly offsets: Float64Array;
  /** Where their lines are in the list. */
  readonly #positions: Float64Array;
  readonly #list: ListFile;

  constructor({ listPath, objectCount }: ObjectList, places: PackPlaces) {
    using stack = new DisposableStack();
    this.#list = stack.use(new ListFile(listPath));
    const positions = new Float64Array(objectCount);
    const offsets = new Float64Array(objectCount);
    let count = 0;
    for (const { position, id } of this.#list.ids()) {
      if (count === objectCount) throw new Error('the list of a push has more lines than objects');
      const offset = places.offsetOf(id);
      if (offset === undefined) throw new Incomplete();
      positions[count] = position;
      offsets[count++] = offset;
    }
    if (count !== objectCount) throw new Error('the list of a push has fewer lines than objects');
    const order = Uint32Array.from(offsets, (_, line) => line).sort((a, b) => offsets[a]! - offsets[b]!);
    this.offsets = Float64Array.from(order, (line) => offsets[line]!);
    this.#positions = Float64Array.from(order, (line) => positions[line]!);
    stack.move();
  }

  headerAt(index: number): BatchHeader {
    return this.#list.headerAt(this.#positions[index]!);
  }

  [Symbol.dispose](): void {
    this.#list[Symbol.dispose]();
  }
}

/** The list of a push's objects. Short ones are in memory, of long ones a line at a time. */
class ListFile implements Disposable {
  readonly #fd: number;
  readonly #sizeBytes: number;
  #held: Buffer = Buffer.alloc(0);
  #heldAt = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#sizeBytes = fstatSync(this.#fd).size;
    if (this.#sizeBytes <= MAX_HELD_LIST_BYTES) this.#held = this.read(0, this.#sizeBytes);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  /** Where each line begins, and the id in it, of 20 bytes. */
  *ids(): Generator<{ position: number; id: Buffer }> {
    const lines = new LineReader();
    let position = 0;
    for (let at = 0; at < this.#sizeBytes; at += LIST_CHUNK_BYTES) {
      for (const line of lines.push(this.read(at, LIST_CHUNK_BYTES))) {
        yield { position, id: Buffer.from(line.toString('latin1', 0, 2 * OID_BYTES), 'hex') };
        position += line.length + 1;
      }
    }
  }

  headerAt(position: number): BatchHeader {
    if (this.#held.length < this.#sizeBytes) {
      this.#held = this.read(position, MAX_LINE_BYTES);
      this.#heldAt = position;
    }
    const begin = position - this.#heldAt;
    const end = this.#held.indexOf(LINE_FEED, begin);
    return parseBatchHeader(this.#held.subarray(begin, end < 0 ? this.#held.length : end));
  }

  private read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(Math.min(length, this.#sizeBytes - position));
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#fd, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw new Error('the list of a push became shorter');
      done += count;
    }
    return bytes;
  }
}
