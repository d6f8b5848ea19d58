import type { SqlTransaction } from '../../db/sql.ts';
import { uploadChanged } from '../activity/subjects.ts';
import { lfsKey, type ObjectKey } from '../../storage/keys.ts';
import { ObjectMismatch, ObjectNotFound } from '../../storage/errors.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { BadRequest, Unavailable } from '../errors.ts';
import { Service } from '../service.ts';
import { announceBytes, forgetBytes, settleBytes } from '../storage/intent.queries.ts';
import { deleteUpload, extendUpload, type OpenUpload } from './lfs-upload.queries.ts';
import {
  holdsObject,
  insertLfsObject,
  lfsObjectMissing,
  linkBroughtObjects,
  lockPresentObjects,
  newestStorageKey,
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
    if (!(await this.linkPresent(upload))) await this.promoteAndLink(upload, version);
    // The intent of the key stays: whoever holds the URL may still send bytes there, which the sweeper then finds.
    await this.deps.store.delete(upload.storageKey);
  }

  /**
   * False when there is no such blob yet, even if others hold the content in xorbs: what a repository holds and is charged for must not
   * tell who else has the content. Otherwise the upload was proof of possession, and its bytes are not needed.
   */
  private linkPresent(upload: OpenUpload): Promise<boolean> {
    const { sha256, repoId } = upload;
    return this.deps.sql.transaction(async (tx) => {
      const object = (await lockPresentObjects(tx, [sha256])).get(sha256);
      if (!object || !(object.hasBlob || (await holdsObject(tx, repoId, sha256)))) return false;
      await this.link(tx, upload);
      return true;
    });
  }

  private async promoteAndLink(upload: OpenUpload, version: string): Promise<void> {
    const { sha256, sizeBytes } = upload;
    const storageKey = await this.announceKey(sha256);
    if (!(await this.promote(upload, storageKey, version))) return;
    const isOurs = await this.deps.sql.transaction(async (tx) => {
      const inserted = await insertLfsObject(tx, { sha256, sizeBytes, storageKey });
      if (inserted) {
        if (!(await settleBytes(tx, storageKey)))
          throw new Unavailable('The upload took too long. Try again.');
      } else {
        await lockPresentObjects(tx, [sha256]);
      }
      await this.link(tx, upload);
      return inserted;
    });
    if (!isOurs) await this.removeBytes(storageKey);
  }

  private async link(tx: SqlTransaction, upload: OpenUpload): Promise<void> {
    await linkBroughtObjects(tx, upload.repoId, [{ sha256: upload.sha256, xetFileId: null }]);
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
      if (await this.linkPresent(upload)) return false;
      throw lfsObjectMissing(upload.sha256);
    }
  }

  /**
   * A key that is this upload's alone: no other writer names it, and nobody is deleting it. Parallel uploads of one
   * object get one generation each, and the collector that takes one of them cannot touch the bytes of another.
   */
  private async announceKey(sha256: Sha256): Promise<ObjectKey> {
    const newest = await newestStorageKey(this.deps.sql, sha256);
    for (let generation = newest === null ? 0 : generationOf(newest) + 1; ; generation++) {
      const key = lfsKey(sha256, generation);
      if (await announceBytes(this.deps.sql, key)) return key;
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

/** `lfs/ab/cd/<sha256>` is generation 0, `….<n>` generation n. */
function generationOf(storageKey: string): number {
  return Number(/\.(\d+)$/.exec(storageKey)?.[1] ?? 0);
}

async function orMissing<T>(work: Promise<T>, sha256: Sha256): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ObjectNotFound) throw lfsObjectMissing(sha256);
    throw error;
  }
}
