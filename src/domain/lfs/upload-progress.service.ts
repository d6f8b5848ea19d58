import type { Sha256 } from '../../lib/sha256.ts';
import { ObjectNotFound } from '../../storage/errors.ts';
import { type Actor, requireUser, type UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import { findOpenUploads, type OpenUpload } from './lfs-upload.queries.ts';
import { mayUse } from './lfs.policy.ts';
import { findLfsObjects } from './lfs.queries.ts';

/**
 * `missing`: no upload of it is open; it was not granted, is over, or was refused because other bytes came. `waiting`: not all bytes
 * are here. `received`: all are here and not checked yet. `verified`: a commit may name it.
 */
export type UploadState = 'missing' | 'waiting' | 'received' | 'verified';

/** How far the upload of an object is. */
export interface UploadProgress {
  readonly oid: Sha256;
  readonly state: UploadState;
  /** Null for an object that is missing. */
  readonly sizeBytes: number | null;
  /** Of an upload in parts it grows with each of them. */
  readonly receivedBytes: number;
}

/** Each may cost a look into the object store. */
export const MAX_PROGRESS_OBJECTS = 100;
const PARALLEL_LOOKS = 8;

/** Tells uploaders what has arrived. */
export class UploadProgressService extends Service {
  readonly #access: RepoAccessService;

  constructor(deps: Deps, access: RepoAccessService) {
    super(deps);
    this.#access = access;
  }

  /**
   * What became of the caller's uploads of these objects to a repository, in their order.
   * @throws {BadRequest} more than 100 objects. @throws as `RepoAccessService.requireFiles`, and {Unauthenticated}.
   */
  async progress(actor: Actor, ref: RepoRef, oids: readonly Sha256[]): Promise<readonly UploadProgress[]> {
    const user = requireUser(actor);
    const access = await this.#access.requireFiles(actor, ref);
    if (oids.length === 0 || oids.length > MAX_PROGRESS_OBJECTS)
      throw new BadRequest(`Ask for 1 to ${MAX_PROGRESS_OBJECTS} objects at once.`);
    return this.progressIn(access, user, oids);
  }

  private async progressIn(
    { id: repoId, role, isPrivate }: RepoAccess,
    user: UserActor,
    oids: readonly Sha256[],
  ): Promise<readonly UploadProgress[]> {
    const sha256s = [...new Set(oids)];
    const isWriter = allows(role, isPrivate, 'write');
    const { sql } = this.deps;
    // In this order: what is verified between the two is then in the second.
    const open = await findOpenUploads(sql, { repoId, sha256s });
    const objects = await findLfsObjects(sql, { repoId, userId: user.id, sha256s });
    const progress = new Map<Sha256, UploadProgress>();
    for (let start = 0; start < sha256s.length; start += PARALLEL_LOOKS) {
      const looks = sha256s.slice(start, start + PARALLEL_LOOKS).map(async (oid) => {
        const object = objects.get(oid);
        if (object?.isPresent && mayUse(object, isWriter)) return verified(oid, object.sizeBytes);
        return this.furthest(
          oid,
          open.filter((upload) => upload.sha256 === oid && upload.uploaderId === user.id),
        );
      });
      for (const each of await Promise.all(looks)) progress.set(each.oid, each);
    }
    return sha256s.map((oid) => progress.get(oid)!);
  }

  /** A client may have asked several times for one object; the upload that has most of it counts. */
  private async furthest(oid: Sha256, uploads: readonly OpenUpload[]): Promise<UploadProgress> {
    let furthest: UploadProgress = { oid, state: 'missing', sizeBytes: null, receivedBytes: 0 };
    // The newest are first; who asked more often than that is told of the newest ones.
    for (const upload of uploads.slice(0, MAX_GRANTS_SEEN)) {
      const receivedBytes = await this.receivedBytes(upload);
      if (furthest.state !== 'missing' && receivedBytes <= furthest.receivedBytes) continue;
      const isHere = receivedBytes >= upload.sizeBytes && (await this.isWhole(upload));
      furthest = { oid, state: isHere ? 'received' : 'waiting', sizeBytes: upload.sizeBytes, receivedBytes };
    }
    return furthest;
  }

  private async receivedBytes({ storageKey, multipartId }: OpenUpload): Promise<number> {
    const { store } = this.deps;
    if (multipartId === null) return (await store.stat(storageKey))?.sizeBytes ?? 0;
    try {
      const parts = await store.listParts(storageKey, multipartId);
      return parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    } catch (error) {
      if (!(error instanceof ObjectNotFound)) throw error;
      // The parts have been joined.
      return (await store.stat(storageKey))?.sizeBytes ?? 0;
    }
  }

  /** All parts may be here and not joined yet. */
  private async isWhole({ storageKey, sizeBytes }: OpenUpload): Promise<boolean> {
    return (await this.deps.store.stat(storageKey))?.sizeBytes === sizeBytes;
  }
}

const MAX_GRANTS_SEEN = 3;

function verified(oid: Sha256, sizeBytes: number): UploadProgress {
  return { oid, state: 'verified', sizeBytes, receivedBytes: sizeBytes };
}
