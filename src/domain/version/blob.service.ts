import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Oid } from '../../git/oid.ts';
import { readPackedObject } from '../../git/pack-reader.ts';
import { parseSha256, type Sha256 } from '../../lib/sha256.ts';
import { type ByteRange, spanOf } from '../../storage/byte-range.ts';
import { NotFound, PayloadTooLarge } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { Service } from '../service.ts';
import { type BlobPlace, findBlobHashes, findBlobPlace } from './blob.queries.ts';
import { inflateBlob } from './blob-stream.ts';
import { segmentObjectKeys } from './segment.ts';
import type { TreeFile } from './values.ts';

/** An open file. The reader must drain or destroy a stream. */
export interface OpenBlob {
  readonly body: Buffer | Readable;
  /** Size of the whole file, also when only a range is read. */
  readonly sizeBytes: number;
  /** Where `body` starts inside the file. */
  readonly offsetBytes: number;
  /** Number of bytes in `body`. */
  readonly lengthBytes: number;
}

/** Larger blobs are inflated as a stream, so that neither memory nor the event loop pays for them. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Files that are hashed at the same time, while the object store finds others. */
const HASHED_AT_ONCE = 8;

/** Reads regular files. LFS files have their bytes elsewhere; here they are their pointers. */
export class BlobService extends Service {
  /** The whole content. @throws {NotFound} @throws {PayloadTooLarge} when it is larger than `limitBytes`. */
  async read(access: RepoAccess, oid: Oid, limitBytes: number): Promise<Buffer> {
    const place = await this.find(access, oid);
    if (place.sizeBytes > limitBytes) {
      throw new PayloadTooLarge(
        `The file has ${place.sizeBytes} bytes; at most ${limitBytes} can be read here.`,
      );
    }
    return this.content(place);
  }

  /**
   * A regular file or a range of it. Small ones come as a buffer, others as a stream that fails when the stored bytes are not
   * what was stored.
   *
   * @throws {RangeNotSatisfiable} @throws {NotFound}
   */
  async open(access: RepoAccess, file: TreeFile, range?: ByteRange): Promise<OpenBlob> {
    const place = await this.find(access, file.oid);
    const { sizeBytes } = place;
    const span = spanOf(range, sizeBytes);
    if (place.storageKey === null || sizeBytes <= MAX_BUFFERED_BYTES) {
      const content = await this.content(place);
      const body = content.subarray(span.offsetBytes, span.offsetBytes + span.lengthBytes);
      return { body, sizeBytes, ...span };
    }
    const { pack } = segmentObjectKeys(place.storageKey);
    const entry = await this.deps.store.get(pack, { range: entryRange(place) });
    return { body: inflateBlob(entry.body, sizeBytes, span), sizeBytes, ...span };
  }

  /**
   * SHA-256 of regular files. Most rows have it; larger files that came by Git are read for it, as far as they have `limitBytes` together.
   * @returns by blob id, without those beyond the limit. @throws {NotFound}
   */
  async hashes(
    access: RepoAccess,
    files: readonly TreeFile[],
    limitBytes: number,
  ): Promise<ReadonlyMap<Oid, Sha256>> {
    const oids = files.map(({ oid }) => oid);
    const hashes = new Map(await findBlobHashes(this.deps.sql, access.storeId, oids));
    const unread = [...new Map(files.map((file) => [file.oid, file])).values()].filter(
      ({ oid }) => !hashes.has(oid),
    );
    let leftBytes = limitBytes;
    const allowed = unread.filter(({ sizeBytes }) => (leftBytes -= sizeBytes) >= 0);
    for (let at = 0; at < allowed.length; at += HASHED_AT_ONCE) {
      const group = allowed.slice(at, at + HASHED_AT_ONCE);
      const found = await Promise.all(group.map((file) => this.hash(access, file)));
      for (const [i, { oid }] of group.entries()) hashes.set(oid, found[i]!);
    }
    return hashes;
  }

  private async hash(access: RepoAccess, file: TreeFile): Promise<Sha256> {
    const { body } = await this.open(access, file);
    const hash = createHash('sha256');
    for await (const piece of Readable.from(body) as AsyncIterable<Buffer>) hash.update(piece);
    return parseSha256(hash.digest('hex'));
  }

  private async find({ storeId }: RepoAccess, oid: Oid): Promise<BlobPlace> {
    const place = await findBlobPlace(this.deps.sql, storeId, oid);
    if (!place) throw new NotFound(`This repository has no file content ${oid}.`);
    return place;
  }

  private async content(place: BlobPlace): Promise<Buffer> {
    if (place.data) return place.data;
    const { type, bytes } = readPackedObject(await this.packedEntry(place), place.sizeBytes);
    if (type !== 'blob' || bytes.length !== place.sizeBytes)
      throw new Error('a segment holds something else than its index says');
    return bytes;
  }

  private async packedEntry(place: BlobPlace): Promise<Buffer> {
    if (place.inlineEntry) return place.inlineEntry;
    if (place.storageKey === null) throw new Error('a segment has neither bytes nor a key');
    return this.deps.store.read(segmentObjectKeys(place.storageKey).pack, entryRange(place));
  }
}

function entryRange({ packOffset, packedBytes }: BlobPlace): ByteRange {
  return { start: packOffset, end: packOffset + packedBytes - 1 };
}
