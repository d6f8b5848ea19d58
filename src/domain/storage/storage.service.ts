import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { checkedBody } from '../../storage/checked-body.ts';
import type { SignedDownload, SignedTransfers } from '../../storage/signed-transfers.ts';
import type { PartGrant, UploadGrant } from '../../storage/url-signer.ts';
import { uploadChanged } from '../activity/subjects.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, NotFound } from '../errors.ts';
import type { LfsUploadsService } from '../lfs/lfs-uploads.service.ts';
import { Service } from '../service.ts';

export interface SignedUpload {
  readonly token: string;
  /** Destroyed with an error when it takes too long. */
  readonly body: Readable;
  /** The request's `Content-Length` header. */
  readonly contentLength: string | undefined;
}

/** A body may take ten minutes, and one second more for each so many bytes. */
const MIN_BYTES_PER_SECOND = 16 * 1024;
const BASE_DEADLINE_MS = 600_000;

/** Serves the URLs that the object store signed, where the store has no server of its own. The URL is the permission. */
export class StorageService extends Service {
  readonly #uploads: LfsUploadsService;

  constructor(deps: Deps, uploads: LfsUploadsService) {
    super(deps);
    this.#uploads = uploads;
  }

  /** @throws {Forbidden} for a wrong or expired URL. @throws {NotFound} @throws {RangeNotSatisfiable} */
  async openDownload(request: {
    readonly token: string;
    readonly range: string | undefined;
    readonly ifRange: string | undefined;
  }): Promise<SignedDownload> {
    return this.transfers.openDownload(request);
  }

  /**
   * Takes a whole object or one part. What comes is bounded by the signed size and in time, and a whole object also by
   * the signed hash; a writer's becomes an LFS object before this resolves. After a refusal nothing is left behind.
   * @returns the ETag to answer with.
   * @throws {Forbidden} for a wrong or expired URL. @throws {BadRequest} other bytes came. @throws {NotFound} the upload is over.
   */
  async acceptUpload({ token, body, contentLength }: SignedUpload): Promise<{ readonly etag: string }> {
    const grant = this.transfers.verify('PUT', token);
    if (grant.action === 'get') throw new NotFound('There is nothing at this address.');
    const upload = await this.#uploads.find(grant.key);
    const deadline = setTimeout(
      () => body.destroy(new BadRequest('The upload is too slow. Send it again, or in smaller parts.')),
      BASE_DEADLINE_MS + (grant.sizeBytes / MIN_BYTES_PER_SECOND) * 1000,
    );
    try {
      if (!upload) return await receiveAgain(grant, body);
      const accepted = await this.transfers.acceptUpload({ token, body, contentLength });
      if (grant.action === 'put') await this.#uploads.received(upload);
      else this.deps.activity.announce(uploadChanged(upload.repoId, upload.uploaderId));
      return accepted;
    } finally {
      clearTimeout(deadline);
    }
  }

  private get transfers(): SignedTransfers {
    const { transfers } = this.deps;
    if (!transfers) throw new NotFound('There is nothing at this address.');
    return transfers;
  }
}

/** A client that did not get the answer sends a finished upload again: the same bytes are fine, and are not kept. */
async function receiveAgain(
  grant: UploadGrant | PartGrant,
  body: Readable,
): Promise<{ readonly etag: string }> {
  if (grant.action !== 'put' || grant.sha256 === undefined)
    throw new NotFound('This upload is finished or over. Ask the hub what is missing.');
  await finished(Readable.from(checkedBody(body, grant)).resume());
  return { etag: `"${grant.sha256}"` };
}
