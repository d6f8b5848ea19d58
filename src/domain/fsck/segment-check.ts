import type { SqlTransaction } from '../../db/sql.ts';
import { IdxTable } from '../../git/idx-table.ts';
import { hashObject, OBJECT_TYPE_CODE } from '../../git/object.ts';
import { oidToBytes } from '../../git/oid.ts';
import type { PackedObject } from '../../git/pack-entry.ts';
import { CorruptPack } from '../../git/pack-index.ts';
import { verifyPack } from '../../git/pack-verifier.ts';
import { ObjectNotFound } from '../../storage/errors.ts';
import type { Deps } from '../deps.ts';
import { segmentObjectKeys } from '../version/segment.ts';
import { type Finding, messageOf, type Report } from './finding.ts';
import {
  isSegmentGone,
  type ObjectRow,
  readInlineSegment,
  segmentObjects,
  type SegmentRow,
  type StoreRow,
} from './fsck.queries.ts';

/** Re-hashes every object of a segment and compares the rows and the idx with what the pack really holds. */
export async function checkSegment(
  deps: Deps,
  store: StoreRow,
  segment: SegmentRow,
  report: Report,
): Promise<void> {
  await deps.sql.transaction((tx) => new SegmentCheck(deps, { tx, store, segment, report }).run());
}

interface SegmentCheckInput {
  readonly tx: SqlTransaction;
  readonly store: StoreRow;
  readonly segment: SegmentRow;
  readonly report: Report;
}

/** Goes through a pack and its rows side by side, so that neither has to fit into memory. */
class SegmentCheck {
  readonly #deps: Deps;
  readonly #input: SegmentCheckInput;
  readonly #rows: AsyncGenerator<ObjectRow>;
  readonly #idx: IdxTable;
  #rowCount = 0;
  #failure: unknown;

  constructor(deps: Deps, input: SegmentCheckInput) {
    const { tx, store, segment } = input;
    this.#deps = deps;
    this.#input = input;
    this.#rows = segmentObjects(tx, store.storeId, segment.id);
    this.#idx = new IdxTable(segment.objectCount);
  }

  async run(): Promise<void> {
    const { tx, segment } = this.#input;
    let row = await this.nextRow();
    for await (const object of this.objects()) {
      for (; row && row.packOffset < object.offset; row = await this.nextRow()) this.misfit(row);
      for (; row && row.packOffset === object.offset; row = await this.nextRow())
        if (!isRowOf(row, object)) this.misfit(row);
    }
    if (this.#failure !== undefined) {
      if (await isSegmentGone(tx, segment.id)) return;
      const isMissing = this.#failure instanceof ObjectNotFound;
      this.say(isMissing ? 'segment-missing' : 'segment-corrupt', messageOf(this.#failure));
      return;
    }
    for (; row; row = await this.nextRow()) this.misfit(row);
    // Its bytes will be removed, whatever rows say by then.
    if (segment.isReplaced && this.#rowCount > 0)
      this.say('segment-replaced', `${this.#rowCount} objects lie there, but it was replaced`);
  }

  /** What the pack holds, as long as it can be read. */
  private async *objects(): AsyncGenerator<PackedObject> {
    try {
      yield* this.verified();
    } catch (error) {
      this.#failure = error;
    }
  }

  private async *verified(): AsyncGenerator<PackedObject> {
    const { packSum, objectCount } = this.#input.segment;
    const { pack, idx } = await this.open();
    for await (const object of verifyPack(pack, packSum)) {
      if (this.#idx.count === objectCount)
        throw new CorruptPack('the pack has more objects than its row says');
      this.#idx.add(oidToBytes(object.oid), object.offset, object.crc32);
      yield object;
    }
    if (this.#idx.count < objectCount) throw new CorruptPack('the pack has fewer objects than its row says');
    if (!this.#idx.encode(packSum).equals(idx)) throw new CorruptPack('the index does not fit the pack');
  }

  private async open(): Promise<{ pack: AsyncIterable<Buffer> | Iterable<Buffer>; idx: Buffer }> {
    const { store } = this.#deps;
    const { tx, segment } = this.#input;
    const { id, storageKey } = segment;
    if (storageKey === null) {
      const { pack, idx } = await readInlineSegment(tx, id);
      return { pack: [pack], idx };
    }
    const keys = segmentObjectKeys(storageKey);
    const idxBytes = (await store.stat(keys.idx))?.sizeBytes ?? 0;
    const idx = await store.read(keys.idx, { start: 0, end: Math.max(idxBytes, 1) - 1 });
    return { pack: (await store.get(keys.pack)).body as AsyncIterable<Buffer>, idx };
  }

  private async nextRow(): Promise<ObjectRow | null> {
    const { value, done } = await this.#rows.next();
    if (done) return null;
    this.#rowCount++;
    return value;
  }

  private misfit({ oid }: ObjectRow): void {
    this.say('object-corrupt', `the row of ${oid} does not fit its pack entry`);
  }

  private say(code: Finding['code'], message: string): void {
    const { store, segment, report } = this.#input;
    report({ code, where: `${store.label} segment ${segment.id}`, message });
  }
}

function isRowOf(row: ObjectRow, object: PackedObject): boolean {
  return (
    row.oid === object.oid &&
    row.packedBytes === object.packedBytes &&
    row.sizeBytes === object.sizeBytes &&
    row.type === OBJECT_TYPE_CODE[object.type] &&
    (row.data === null || hashObject(object.type, row.data) === row.oid)
  );
}
