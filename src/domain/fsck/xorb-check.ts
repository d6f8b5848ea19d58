import { ObjectNotFound, RangeNotSatisfiable } from '../../storage/errors.ts';
import { parseObjectKey } from '../../storage/keys.ts';
import { chunkHash } from '../../xet/keyed-hash.ts';
import { merkleRoot } from '../../xet/merkle.ts';
import { XetFormatError } from '../../xet/xet-errors.ts';
import { XET_HASH_BYTES, xetHashText } from '../../xet/xet-hash.ts';
import { verifyXorb } from '../../xet/xorb.ts';
import {
  CHUNK_HEADER_BYTES,
  decodeXorbIndex,
  encodeXorbIndex,
  rawRangeBytes,
  type XorbIndex,
} from '../../xet/xorb-index.ts';
import type { Deps } from '../deps.ts';
import type { Report } from './finding.ts';
import { pageXorbs, type XorbRow } from './xet-fsck.queries.ts';

const XORB_PAGE = 20;

/** How many xorbs there are, and what those that have bytes of their own save. Virtual ones lie in blobs. */
export interface XorbTotals {
  readonly xorbs: number;
  /** Of stored xorbs, without headers and compression. */
  readonly rawBytes: number;
  /** Of stored xorbs, as they lie in the object store. */
  readonly storedBytes: number;
}

/** Re-hashes every chunk of every xorb, because clients do not: one xorb in memory at a time. */
export async function checkXorbs(deps: Deps, report: Report): Promise<XorbTotals> {
  const totals = { xorbs: 0, rawBytes: 0, storedBytes: 0 };
  let page: readonly XorbRow[] = [];
  do {
    page = await pageXorbs(deps.sql, page.at(-1)?.id ?? null, XORB_PAGE);
    for (const xorb of page) {
      await checkXorb(deps, xorb, report);
      totals.xorbs += 1;
      if (xorb.storageKey === null) continue;
      totals.rawBytes += xorb.rawBytes;
      totals.storedBytes += xorb.serializedBytes;
    }
  } while (page.length === XORB_PAGE);
  return totals;
}

async function checkXorb(deps: Deps, xorb: XorbRow, report: Report): Promise<void> {
  const where = `xorb/${xorb.hash}`;
  try {
    const index = readIndex(xorb);
    if (xorb.storageKey === null) await checkVirtual(deps, xorb, index);
    else await checkStored(deps, xorb, parseObjectKey(xorb.storageKey));
  } catch (error) {
    if (error instanceof ObjectNotFound)
      report({ code: 'xorb-missing', where, message: 'its bytes are not in the object store' });
    else if (isDamage(error)) report({ code: 'xorb-corrupt', where, message: error.message });
    else throw error;
  }
}

/** Its index, after it was compared with the xorb's hash and with what the row says of it. */
function readIndex({ hash, chunkIndex, chunkCount, rawBytes, serializedBytes }: XorbRow): XorbIndex {
  const index = decodeXorbIndex(chunkIndex);
  const count = index.lengths.length;
  if (xetHashText(merkleRoot(index)) !== hash) throw new Damage('its index has another hash');
  const fits =
    chunkCount === count &&
    rawBytes === rawRangeBytes(index, 0, count) &&
    serializedBytes === index.ends[count - 1];
  if (!fits) throw new Damage('its row has other sizes than its index');
  return index;
}

async function checkStored(
  { store }: Deps,
  { hash, chunkIndex, serializedBytes }: XorbRow,
  key: ReturnType<typeof parseObjectKey>,
): Promise<void> {
  const stat = await store.stat(key);
  if (stat && stat.sizeBytes !== serializedBytes)
    throw new Damage(`${stat.sizeBytes} bytes are stored instead of ${serializedBytes}`);
  const { index } = verifyXorb(await store.read(key, { start: 0, end: serializedBytes - 1 }), hash);
  if (!encodeXorbIndex(index).equals(chunkIndex))
    throw new Damage('its chunks lie elsewhere than its index says');
}

/** A virtual xorb is serialized from the blob's bytes and the lengths of the index. */
async function checkVirtual({ store }: Deps, xorb: XorbRow, index: XorbIndex): Promise<void> {
  const { blobKey, rawBytes } = xorb;
  const offset = xorb.blobOffsetBytes ?? -1;
  if (blobKey === null) throw new Damage('it is a part of an LFS object that is no blob');
  if (offset < 0 || offset + rawBytes > xorb.blobSizeBytes!)
    throw new Damage('it is a part of an LFS object that ends earlier');
  const bytes = await store.read(parseObjectKey(blobKey), { start: offset, end: offset + rawBytes - 1 });
  let start = 0;
  for (const [i, lengthBytes] of index.lengths.entries()) {
    const hash = chunkHash(bytes.subarray(start, start + lengthBytes));
    start += lengthBytes;
    if (!hash.equals(index.hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES)))
      throw new Damage(`the bytes of its chunk ${i} have another hash`);
    if (index.ends[i] !== start + (i + 1) * CHUNK_HEADER_BYTES)
      throw new Damage(`its chunk ${i} lies elsewhere than its index says`);
  }
}

/** What is wrong, as the finding says it. */
class Damage extends Error {}

/** A store that cannot be reached is not damage. */
function isDamage(error: unknown): error is Error {
  return error instanceof Damage || error instanceof XetFormatError || error instanceof RangeNotSatisfiable;
}
