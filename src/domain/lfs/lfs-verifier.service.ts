import { lfsKey, type ObjectKey } from '../../storage/keys.ts';
import { ObjectNotFound } from '../../storage/errors.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { BadRequest, Unavailable } from '../errors.ts';
import { Service } from '../service.ts';
import { announceBytes, forgetBytes, settleBytes } from '../storage/intent.queries.ts';
import { deleteUpload, extendUpload, type OpenUpload } from './lfs-upload.queries.ts';
import {
  dropIntentOfPresent,
  insertLfsObject,
  lfsObjectMissing,
  linkUploadedObjects,
  lockPresentObjects,
  newestStorageKey,
} from './lfs.queries.ts';

/** Parallel uploads of one object and the collector can each cost one more round; more means that something is wrong. */
const MAX_ROUNDS = 8;

/** Turns uploaded bytes into an object: hashes them, moves them to their place and links them to the repository. */
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
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const done = (await this.linkPresent(upload)) || (await this.promoteAndLink(upload, version));
      if (!done) continue;
      // The intent of the key stays: whoever holds the URL may still send bytes there, which the sweeper then finds.
      await this.deps.store.delete(upload.storageKey);
      return;
    }
    throw new Unavailable('The object is busy. Try again.');
  }

  /** The object exists already: the upload was proof of possession, and its bytes are not needed. */
  private linkPresent(upload: OpenUpload): Promise<boolean> {
    return this.deps.sql.transaction(async (tx) => {
      const present = await lockPresentObjects(tx, [upload.sha256]);
      if (present.size === 0) return false;
      await dropIntentOfPresent(tx, upload.sha256);
      await linkUploadedObjects(tx, upload.repoId, [upload.sha256]);
      await deleteUpload(tx, upload.id);
      return true;
    });
  }

  /** False when somebody else was faster. */
  private async promoteAndLink(upload: OpenUpload, version: string): Promise<boolean> {
    const { sha256, sizeBytes } = upload;
    const storageKey = await this.announceKey(sha256);
    const moved = await this.promote(upload, storageKey, version);
    if (!moved) return false;
    return this.deps.sql.transaction(async (tx) => {
      if (!(await insertLfsObject(tx, { sha256, sizeBytes, storageKey }))) return false;
      if (!(await settleBytes(tx, storageKey))) throw new Unavailable('The upload took too long. Try again.');
      await linkUploadedObjects(tx, upload.repoId, [sha256]);
      await deleteUpload(tx, upload.id);
      return true;
    });
  }

  /** False when another run of the same upload has moved the bytes and made the object. */
  private async promote(upload: OpenUpload, target: ObjectKey, version: string): Promise<boolean> {
    try {
      await this.deps.store.promote(upload.storageKey, target, version);
      return true;
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      if (await this.linkPresent(upload)) return false;
      throw lfsObjectMissing(upload.sha256);
    }
  }

  /** A key whose bytes nobody is deleting, with an intent. */
  private async announceKey(sha256: Sha256): Promise<ObjectKey> {
    const newest = await newestStorageKey(this.deps.sql, sha256);
    for (let generation = newest === null ? 0 : generationOf(newest) + 1; ; generation++) {
      const key = lfsKey(sha256, generation);
      if (await announceBytes(this.deps.sql, key)) return key;
      await forgetBytes(this.deps.sql, key);
    }
  }

  /** Ends an upload whose bytes are wrong or not needed. */
  async discard(upload: OpenUpload): Promise<void> {
    await deleteUpload(this.deps.sql, upload.id);
    await this.deps.store.delete(upload.storageKey);
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
