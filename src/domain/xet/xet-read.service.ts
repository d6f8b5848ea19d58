import type { Sha256 } from '../../lib/sha256.ts';
import { spanOf } from '../../storage/byte-range.ts';
import type { ByteRange, ObjectRead } from '../../storage/object-store.ts';
import { MAX_CHUNK_BYTES } from '../../xet/chunker.ts';
import { Forbidden, ObjectPruned } from '../errors.ts';
import { Service } from '../service.ts';
import { cutTerms } from './plan-reconstruction.ts';
import { readXetFile } from './xet-file.queries.ts';
import { findXetFileBytes } from './xet-read.queries.ts';
import { XetFileFiller } from './xet-read-filler.ts';
import { FilledStream } from './xet-read-output.ts';
import { readPieces } from './xet-read-pieces.ts';
import { findXorbs, readXorbIndexes } from './xorb.queries.ts';

/** What a signed URL gives. */
export interface SignedContent {
  readonly fileId: number;
  readonly sizeBytes: number;
}

/** Reads files that are kept in xorbs, for clients that know nothing of them. */
export class XetReadService extends Service {
  /**
   * The bytes of a file or a range of them, put together while they are read. The caller drains or destroys `body`; an error on the
   * way destroys it. Permissions are not checked here.
   * @param fileId the id of a Xet file.
   * @throws {ObjectPruned} @throws {RangeNotSatisfiable}
   */
  async open(fileId: number, range?: ByteRange): Promise<ObjectRead> {
    const { sql, store } = this.deps;
    const file = await readXetFile(sql, fileId);
    if (!file) throw contentIsGone();
    const span = spanOf(range, file.sizeBytes);
    const cut = await cutTerms({
      terms: file.terms,
      span,
      loadIndexes: (ids) => readXorbIndexes(sql, ids),
    });
    const xorbs = await findXorbs(sql, [...new Set(cut.terms.map((term) => term.xorb))]);
    const filler = new XetFileFiller(store, readPieces(cut.terms, xorbs), {
      offsetBytes: cut.skipBytes,
      lengthBytes: span.lengthBytes,
    });
    // What cannot be read at all is an error of the request, not one in the middle of an answer.
    await filler.ready();
    const body = new FilledStream(filler, span.lengthBytes + 2 * MAX_CHUNK_BYTES);
    return { body, sizeBytes: file.sizeBytes, ...span };
  }

  /** The content of a signed URL, which `open` reads. @throws {Forbidden} a wrong or expired URL. @throws {ObjectPruned} */
  async findContent(sha256: Sha256, token: string): Promise<SignedContent> {
    const claim = this.deps.xet.urls.readFile(token);
    if (claim.sha256 !== sha256)
      throw new Forbidden('This URL was made for another file. Ask for the file again.');
    const sizeBytes = await findXetFileBytes(this.deps.sql, { id: claim.fileId, sha256 });
    if (sizeBytes === null) throw contentIsGone();
    return { fileId: claim.fileId, sizeBytes };
  }
}

function contentIsGone(): ObjectPruned {
  return new ObjectPruned('The bytes of this file were removed from the hub; its history still names them.');
}
