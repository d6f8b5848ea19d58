import { type ByteRange, spanOf } from '../../storage/byte-range.ts';
import { EMPTY_FILE_HASH, type XetHash } from '../../xet/xet-hash.ts';
import { ANONYMOUS } from '../actor.ts';
import { Forbidden, NotFound, ObjectPruned } from '../errors.ts';
import { Service } from '../service.ts';
import { downloadClient } from '../stats/download-client.ts';
import { isFileStart } from '../stats/download-recorder.ts';
import type { FileTerm } from '../../xet/file-terms.ts';
import type { XorbId } from '../../xet/xorb-id.ts';
import { planReconstruction, type XorbPart } from './plan-reconstruction.ts';
import type { XetSession } from './xet-access.service.ts';
import { findReadableXetFile, type ReadableXetFile } from './xet-read.queries.ts';
import { MAX_SPANS } from './xet-urls.ts';
import { findXorbs, readXorbIndexes, type Xorb } from './xorb.queries.ts';

/** How long a URL for the bytes of a xorb may be used. Clients ask for the file again after that. */
export const FETCH_TTL_MS = 3_600_000;

/** A URL and the parts of a xorb to be fetched from it. */
export interface XorbFetch {
  readonly url: string;
  readonly parts: readonly XorbPart[];
}

/** A term as clients know it. */
export type NamedTerm = Pick<FileTerm, 'chunkStart' | 'chunkEnd' | 'rawBytes'> & { readonly hash: XetHash };

/** How a client gets a file or a part of it. */
export interface Reconstruction {
  /** Bytes of the first term that lie before the part. */
  readonly skipBytes: number;
  readonly terms: readonly NamedTerm[];
  /** Several of one xorb when the file has it in several forms. Each term lies inside a part of one of them. */
  readonly fetches: ReadonlyMap<XetHash, readonly XorbFetch[]>;
}

/** Tells Xet clients which chunks make a file and where to fetch them. */
export class ReconstructionService extends Service {
  /**
   * @throws {NotFound} the repository does not hold the file, whether another one does or not.
   * @throws {RangeNotSatisfiable} @throws {ObjectPruned}
   */
  async describe(session: XetSession, hash: XetHash, range?: ByteRange): Promise<Reconstruction> {
    const file = await this.find(session, hash);
    const span = spanOf(range, file.sizeBytes);
    const { sql } = this.deps;
    const { terms, skipBytes, parts } = await planReconstruction({
      terms: file.terms,
      span,
      loadIndexes: (ids) => readXorbIndexes(sql, ids),
    });
    const xorbs = await findXorbs(sql, [...parts.keys()]);
    const xorbOf = (id: XorbId): Xorb => {
      const xorb = xorbs.get(id);
      if (!xorb) throw new Error(`The xorb ${id} is missing although a file needs it.`);
      return xorb;
    };
    const fetches = new Map<XetHash, readonly XorbFetch[]>();
    for (const [id, xorbParts] of parts) {
      const xorb = xorbOf(id);
      const others = fetches.get(xorb.hash) ?? [];
      fetches.set(xorb.hash, [...others, ...(await this.fetchesOf(xorb, xorbParts))]);
    }
    const named = terms.map(({ xorb, chunkStart, chunkEnd, rawBytes }): NamedTerm => {
      return { hash: xorbOf(xorb).hash, chunkStart, chunkEnd, rawBytes };
    });
    return { skipBytes, terms: named, fetches };
  }

  /** Counts a download whose `describe` is answered now. @param from where an anonymous caller is, and what he asked for. */
  noteDownload(
    { access, userId, clientKey }: XetSession,
    from: { readonly address: string | undefined; readonly range?: ByteRange | undefined },
  ): void {
    if (!isFileStart(from.range)) return;
    const client =
      userId === null
        ? downloadClient(ANONYMOUS, from.address)
        : { key: clientKey ?? `user ${userId}`, userId };
    this.deps.downloads.note({ repoId: access.id, client, path: null });
  }

  private async find(
    session: XetSession,
    hash: XetHash,
  ): Promise<Pick<ReadableXetFile, 'sizeBytes' | 'terms'>> {
    const { access, userId, isWriter } = session;
    if (access.isDisabled) throw new Forbidden('Access to this resource is disabled.');
    if (hash === EMPTY_FILE_HASH) return { sizeBytes: 0, terms: [] };
    const file = await findReadableXetFile(this.deps.sql, hash, { repoId: access.id, userId, isWriter });
    if (!file) throw new NotFound('The repository of this Xet token has no such file.');
    if (!file.isPresent)
      throw new ObjectPruned(
        'The bytes of this file were removed from the hub; its history still names them.',
      );
    return file;
  }

  private async fetchesOf(
    { id, hash, place }: Xorb,
    parts: readonly XorbPart[],
  ): Promise<readonly XorbFetch[]> {
    const { store, xet } = this.deps;
    if (place.kind === 'stored' && store.servesDownloads) {
      // Object stores answer one range at a time. The rest of the xorb may be chunks of files that the caller must not read.
      const fetches = parts.map(async (part): Promise<XorbFetch> => {
        const range = { start: part.byteStart, end: part.byteEnd - 1 };
        const url = await store.presignGet(place.storageKey, { expiresInMs: FETCH_TTL_MS, range });
        return { url, parts: [part] };
      });
      return Promise.all(fetches);
    }
    const expiresAt = new Date(Date.now() + FETCH_TTL_MS);
    return inGroups(parts, MAX_SPANS).map((group) => {
      const spans = group.map(({ byteStart, byteEnd }) => ({ start: byteStart, end: byteEnd - 1 }));
      return { url: xet.urls.xorb({ id, hash }, spans, expiresAt), parts: group };
    });
  }
}

function inGroups<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
