import { randomUUID } from 'node:crypto';
import type { SqlTransaction } from '../../db/sql.ts';
import { uploadChanged } from '../activity/subjects.ts';
import { lfsKey, type ObjectKey } from '../../storage/keys.ts';
import { ObjectMismatch, ObjectNotFound } from '../../storage/errors.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { BadRequest, Unavailable } from '../errors.ts';
import { Service } from '../service.ts';
import { abandonBytes, announceBytes, forgetBytes, settleBytes } from '../storage/intent.queries.ts';
import { deleteUpload, extendUpload, type OpenUpload } from './lfs-upload.queries.ts';
import {
  holdsObject,
  insertLfsCopy,
  insertLfsObject,
  lfsObjectMissing,
  linkBroughtObjects,
  lockPresentObjects,
} from './lfs.queries.ts';

/** Turns uploaded bytes into an object: hashes them, gives them their place and links them to the repository. */
export class LfsVerifierService extends Service {
  /**
   * Verifies an upload from what the store really holds. Callers of the same upload share one run.
   * @throws {LfsObjectMissing} nothing has arrived. @throws {BadRequest} wrong bytes arrived; they are deleted.
   */
  verify(upload: OpenUpload): Promise<void> {
    return this.deps.lfs.verifications.run(upload.id, () => this.hashAndPublish(upload));
  }

  /** A client may have asked several times and used one of the grants: the first that holds the bytes counts. */
  async verifyFirst(candidates: readonly OpenUpload[]): Promise<void> {
    let refusal: unknown;
    for (const upload of candidates) {
      try {
        await this.verify(upload);
        return;
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  /** Publishes an upload that the store itself refused to take with another hash. */
  async publishChecked(upload: OpenUpload): Promise<void> {
    await this.deps.lfs.verifications.run(upload.id, async () => {
      const stored = await this.deps.store.stat(upload.storageKey);
      if (!stored) throw lfsObjectMissing(upload.sha256);
      await this.publish(upload, stored.version);
    });
  }

  private async hashAndPublish(upload: OpenUpload): Promise<void> {
    await extendUpload(this.deps.sql, upload);
    const { sha256, sizeBytes, version } = await orMissing(
      this.deps.store.hash(upload.storageKey),
      upload.sha256,
    );
    if (sha256 !== upload.sha256 || sizeBytes !== upload.sizeBytes) {
      await this.discard(upload);
      throw new BadRequest(
        `The uploaded bytes are not ${upload.sha256} (${upload.sizeBytes} bytes), but ${sha256} (${sizeBytes} bytes). They were deleted; upload the file again.`,
      );
    }
    await this.publish(upload, version);
  }

  /** @param version of the bytes that were verified. */
  private async publish(upload: OpenUpload, version: string): Promise<void> {
    if (!(await this.linkHeld(upload))) await this.promoteAndLink(upload, version);
    // The intent of the key stays: whoever holds the URL may still send bytes there, which the sweeper then finds.
    await this.deps.store.delete(upload.storageKey);
  }

  /** False when the repository does not hold the object yet. Otherwise the bytes are not needed. */
  private linkHeld(upload: OpenUpload): Promise<boolean> {
    const { sha256, repoId } = upload;
    return this.deps.sql.transaction(async (tx) => {
      const isPresent = (await lockPresentObjects(tx, [sha256])).has(sha256);
      if (!isPresent || !(await holdsObject(tx, repoId, sha256))) return false;
      await this.link(tx, upload, null);
      return true;
    });
  }

  /** What other repositories hold changes neither the way nor the time that this takes: nobody learns that they have the same bytes. */
  private async promoteAndLink(upload: OpenUpload, version: string): Promise<void> {
    const { sha256, sizeBytes } = upload;
    const storageKey = lfsKey(sha256, randomUUID());
    await announceBytes(this.deps.sql, storageKey);
    if (!(await this.promote(upload, storageKey, version))) return;
    const isKept = await this.deps.sql.transaction(async (tx) => {
      const isFirst = await insertLfsObject(tx, { sha256, sizeBytes, storageKey });
      if (!isFirst) await lockPresentObjects(tx, [sha256]);
      const isCopy = !isFirst && (await this.needsCopy(tx, upload));
      const isKept = isFirst || isCopy;
      if (!(await (isKept ? settleBytes(tx, storageKey) : abandonBytes(tx, storageKey))))
        throw new Unavailable('The upload took too long. Try again.');
      if (isCopy) await insertLfsCopy(tx, { sha256, storageKey });
      await this.link(tx, upload, isCopy ? storageKey : null);
      return isKept;
    });
    // The answer does not wait: that would tell the sender that somebody was first.
    if (!isKept) void this.removeUnneeded(storageKey);
  }

  /** An object store that clients fetch from tells them since when it has its bytes. There, every repository has those that were brought to it. */
  private async needsCopy(tx: SqlTransaction, { repoId, sha256 }: OpenUpload): Promise<boolean> {
    return this.deps.store.servesDownloads && !(await holdsObject(tx, repoId, sha256));
  }

  /** @param copyKey of bytes that are to be this repository's, where others have the object too. */
  private async link(tx: SqlTransaction, upload: OpenUpload, copyKey: ObjectKey | null): Promise<void> {
    await linkBroughtObjects(tx, upload.repoId, [{ sha256: upload.sha256, xetFileId: null, copyKey }]);
    await deleteUpload(tx, upload.id);
    tx.announce(uploadChanged(upload.repoId, upload.uploaderId));
  }

  /** False when another node has made the object of the same upload, and has deleted the upload's bytes. */
  private async promote(upload: OpenUpload, target: ObjectKey, version: string): Promise<boolean> {
    try {
      await this.deps.store.promote(upload.storageKey, target, version);
      return true;
    } catch (error) {
      if (error instanceof ObjectMismatch) await this.removeBytes(target);
      if (!(error instanceof ObjectNotFound)) throw error;
      await this.removeBytes(target);
      if (await this.linkHeld(upload)) return false;
      throw lfsObjectMissing(upload.sha256);
    }
  }

  private async removeUnneeded(key: ObjectKey): Promise<void> {
    try {
      await this.removeBytes(key);
    } catch (error) {
      this.deps.log.warn(
        { err: error, key },
        'bytes of an object that was here already are left to the sweep',
      );
    }
  }

  /** Bytes first: if this dies in between, the sweeper finds the intent. */
  private async removeBytes(key: ObjectKey): Promise<void> {
    await this.deps.store.delete(key);
    await forgetBytes(this.deps.sql, key);
  }

  /** Ends an upload whose bytes are wrong or not needed. */
  async discard(upload: OpenUpload): Promise<void> {
    await deleteUpload(this.deps.sql, upload.id);
    await this.deps.store.delete(upload.storageKey);
    this.deps.activity.announce(uploadChanged(upload.repoId, upload.uploaderId));
  }
}

async function orMissing<T>(work: Promise<T>, sha256: Sha256): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ObjectNotFound) throw lfsObjectMissing(sha256);
    throw error;
  }
}
