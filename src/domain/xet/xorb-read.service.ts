import { Readable } from 'node:stream';
import { CHUNK_HEADER_BYTES, serializedRange, type XorbIndex } from '../../xet/xorb-index.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { chunkHeader } from '../../xet/xorb.ts';
import { BadRequest, Forbidden, ObjectPruned } from '../errors.ts';
import { Service } from '../service.ts';
import { freeNow, streamOf } from './xet-read-output.ts';
import { openSpan } from './xet-read-stream.ts';
import type { XorbSpan } from './xet-urls.ts';
import { findXorbs, readXorbIndexes, type Xorb, type XorbPlace } from './xorb.queries.ts';

/** A request for parts of a xorb. */
export interface XorbRequest {
  readonly hash: XetHash;
  /** From the URL. */
  readonly token: string;
  /** Null for all that the URL allows, which must be one span then. */
  readonly wanted: readonly XorbSpan[] | null;
}

/** What a signed URL gives of a xorb. */
export interface AllowedXorb {
  readonly xorb: Xorb;
  /** At least one. */
  readonly spans: readonly XorbSpan[];
}

type VirtualPlace = Extract<XorbPlace, { kind: 'virtual' }>;

/** Reads parts of xorbs for those who have a signed URL. The URL is the permission. */
export class XorbReadService extends Service {
  /**
   * @throws {Forbidden} a wrong or expired URL, or one that does not allow all of these bytes. @throws {ObjectPruned}
   * @throws {BadRequest} no range was asked for, and the URL has several.
   */
  async find({ hash, token, wanted }: XorbRequest): Promise<AllowedXorb> {
    const claim = this.deps.xet.urls.readXorb(token);
    if (claim.hash !== hash)
      throw new Forbidden('This URL was made for another xorb. Ask for the file again.');
    const claimed = claim.spans.map(([start, end]) => ({ start, end }));
    const spans = wanted ?? claimed;
    if (!wanted && claimed.length > 1)
      throw new BadRequest('This URL has several ranges. Say in the Range header which ones to send.');
    if (!spans.every((span) => isInside(span, claimed)))
      throw new Forbidden('This URL does not allow these bytes. Ask for the ranges that came with it.');
    const xorb = (await findXorbs(this.deps.sql, [claim.xorb])).get(claim.xorb);
    if (!xorb) throw chunksAreGone();
    return { xorb, spans };
  }

  /** The bytes of one of the spans that `find` gave, as they stand in the serialized xorb. The caller drains or destroys the stream. */
  async open({ id, place }: Xorb, span: XorbSpan): Promise<Readable> {
    if (place.kind === 'virtual') return this.openVirtual(id, place, span);
    return openSpan(this.deps.store, place.storageKey, {
      offsetBytes: span.start,
      lengthBytes: span.end - span.start + 1,
    });
  }

  private async openVirtual(id: XorbId, place: VirtualPlace, span: XorbSpan): Promise<Readable> {
    const index = (await readXorbIndexes(this.deps.sql, [id])).get(id);
    if (!index) throw chunksAreGone();
    const parts = virtualParts(index, span);
    const lengthBytes = parts.reduce((sum, part) => sum + (part.kind === 'raw' ? part.lengthBytes : 0), 0);
    const offsetBytes = parts.find((part) => part.kind === 'raw')?.offsetBytes ?? 0;
    const abort = new AbortController();
    const blob: AsyncIterable<Buffer> =
      lengthBytes === 0
        ? Readable.from([])
        : await openSpan(this.deps.store, place.blobKey, {
            offsetBytes: place.blobOffsetBytes + offsetBytes,
            lengthBytes,
            signal: abort.signal,
          });
    return streamOf(interleaved(parts, blob), abort);
  }
}

function isInside({ start, end }: XorbSpan, claimed: readonly XorbSpan[]): boolean {
  return claimed.some((span) => span.start <= start && start <= end && end <= span.end);
}

function chunksAreGone(): ObjectPruned {
  return new ObjectPruned('These chunks were removed from the hub. Ask for the file again.');
}

/** A piece of a virtual xorb's serialized form. */
export type VirtualPart =
  | { readonly kind: 'header'; readonly bytes: Buffer }
  /** The next bytes of the blob; `offsetBytes` is where they are in the xorb's raw bytes. */
  | { readonly kind: 'raw'; readonly offsetBytes: number; readonly lengthBytes: number };

/** Of what a span of a virtual xorb consists: the raw parts lie side by side in the blob. */
export function virtualParts(index: XorbIndex, { start, end }: XorbSpan): VirtualPart[] {
  const parts: VirtualPart[] = [];
  let rawStart = 0;
  for (let i = 0; i < index.lengths.length; i++) {
    const chunk = serializedRange(index, i, i + 1);
    if (chunk.start > end) break;
    const lengthBytes = index.lengths[i]!;
    const from = Math.max(0, start - chunk.start);
    const to = Math.min(chunk.end, end + 1) - chunk.start;
    if (from < Math.min(to, CHUNK_HEADER_BYTES))
      parts.push({ kind: 'header', bytes: chunkHeader(lengthBytes).subarray(from, to) });
    const [first, past] = [Math.max(from, CHUNK_HEADER_BYTES), Math.max(to, CHUNK_HEADER_BYTES)];
    if (first < past)
      parts.push({
        kind: 'raw',
        offsetBytes: rawStart + first - CHUNK_HEADER_BYTES,
        lengthBytes: past - first,
      });
    rawStart += lengthBytes;
  }
  return parts;
}

/** The parts in order, the raw ones taken from the blob as it arrives. */
async function* interleaved(
  parts: readonly VirtualPart[],
  blob: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let next = 0;
  /** Of the raw part at `next`. */
  let given = 0;
  for await (const slice of blob) {
    for (let at = 0; at < slice.length;) {
      const part = parts[next]!;
      if (part.kind === 'header') {
        yield part.bytes;
        next++;
        continue;
      }
      const bytes = slice.subarray(at, at + part.lengthBytes - given);
      yield bytes;
      at += bytes.length;
      given += bytes.length;
      if (given < part.lengthBytes) continue;
      given = 0;
      next++;
    }
    freeNow(slice);
  }
  for (const part of parts.slice(next)) {
    if (part.kind === 'raw') throw new Error('The blob of a virtual xorb ends too early.');
    yield part.bytes;
  }
}
