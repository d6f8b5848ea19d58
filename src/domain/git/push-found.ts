import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type BatchHeader, LineReader, parseBatchHeader } from '../../git/batch-output.ts';
import { OBJECT_TYPE_CODE, type ObjectType, objectTypeOfCode } from '../../git/object.ts';
import { type Oid, OID_BYTES } from '../../git/oid.ts';
import type { PackPlaces } from '../../git/pack-index.ts';
import { MAX_PATH_BYTES } from '../../git/path.ts';

/** A new object of a push, and where its entry begins in the pack. */
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

/** New objects in memory that threads share, from the begin of the pack to its end. */
export interface ObjectTable {
  /** 20 bytes for each. */
  readonly ids: Uint8Array;
  readonly typeCodes: Uint8Array;
  readonly sizes: Float64Array;
  readonly offsets: Float64Array;
  /** What `BatchHeader` calls the rest, of all of them, and where in it each one begins and the last one ends. */
  readonly rests: Uint8Array;
  readonly restBounds: Uint32Array;
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
  return { oid, type, sizeBytes, rest: Buffer.from(lineOf(rest), 'latin1') };
}

export function tableOf(objects: readonly FoundObject[]): ObjectTable {
  const sorted = objects.toSorted((a, b) => a.offset - b.offset);
  const count = sorted.length;
  const rests = sorted.map(({ rest }) => lineOf(rest));
  const restBytes = rests.reduce((sum, { length }) => sum + length, 0);
  const table: ObjectTable = {
    ids: new Uint8Array(new SharedArrayBuffer(count * OID_BYTES)),
    typeCodes: new Uint8Array(new SharedArrayBuffer(count)),
    sizes: new Float64Array(new SharedArrayBuffer(count * 8)),
    offsets: new Float64Array(new SharedArrayBuffer(count * 8)),
    rests: new Uint8Array(new SharedArrayBuffer(restBytes)),
    restBounds: new Uint32Array(new SharedArrayBuffer((count + 1) * 4)),
  };
  const [ids, restBuffer] = [bufferOf(table.ids), bufferOf(table.rests)];
  let at = 0;
  for (const [i, { oid, type, sizeBytes, offset }] of sorted.entries()) {
    ids.write(oid, i * OID_BYTES, 'hex');
    table.typeCodes[i] = OBJECT_TYPE_CODE[type];
    table.sizes[i] = sizeBytes;
    table.offsets[i] = offset;
    at += restBuffer.write(rests[i]!, at, 'latin1');
    table.restBounds[i + 1] = at;
  }
  return table;
}

/** Cuts a table into so many parts. */
export function partsOf(table: ObjectTable, partCount: number): readonly ObjectTable[] {
  const size = Math.ceil(table.offsets.length / partCount);
  return Array.from({ length: partCount }, (_, part) => {
    const [from, to] = [part * size, (part + 1) * size];
    return {
      ids: table.ids.subarray(from * OID_BYTES, to * OID_BYTES),
      typeCodes: table.typeCodes.subarray(from, to),
      sizes: table.sizes.subarray(from, to),
      offsets: table.offsets.subarray(from, to),
      rests: table.rests,
      restBounds: table.restBounds.subarray(from, to + 1),
    };
  });
}

/** @throws {Incomplete} */
export function inPackOrder(objects: ObjectTable | ObjectList, places: PackPlaces): ObjectsInOrder {
  return 'listPath' in objects ? new ListedObjects(objects, places) : tableInOrder(objects);
}

export function tableInOrder({
  ids,
  typeCodes,
  sizes,
  offsets,
  rests,
  restBounds,
}: ObjectTable): ObjectsInOrder {
  const [idBytes, restBytes] = [bufferOf(ids), bufferOf(rests)];
  return {
    offsets,
    headerAt: (index) => ({
      oid: idBytes.toString('hex', index * OID_BYTES, (index + 1) * OID_BYTES) as Oid,
      type: objectTypeOfCode(typeCodes[index]!)!,
      sizeBytes: sizes[index]!,
      rest: restBytes.subarray(restBounds[index], restBounds[index + 1]),
    }),
    [Symbol.dispose]: () => {},
  };
}

function lineOf(rest: string): string {
  const end = rest.indexOf('\n');
  return end < 0 ? rest : rest.slice(0, end);
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
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
