import { setTimeout } from 'node:timers/promises';
import { parseSha256, type Sha256 } from '../../lib/sha256.ts';
import { ObjectMismatch, ObjectNotFound } from '../../storage/errors.ts';
import type { ObjectKey, StoredPart, UploadedPart } from '../../storage/object-store.ts';
import { type Actor, requireWriter } from '../actor.ts';
import { uploadChanged } from '../activity/subjects.ts';
import { BadRequest, Forbidden } from '../errors.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import type { Deps } from '../deps.ts';
import { findOpenUploads, findUploadById, findUploadByKey, type OpenUpload } from './lfs-upload.queries.ts';
import type { LfsVerifierService } from './lfs-verifier.service.ts';
import { mayUseUpload } from './lfs.policy.ts';
import { findLfsObjects, lfsObjectMissing } from './lfs.queries.ts';
import type { UploadClaim } from './upload-tokens.ts';

export interface LfsUploadsParts {
  readonly access: RepoAccessService;
  readonly verifier: LfsVerifierService;
}

/** How long a completion waits for another one of the same parts. */
const JOINING_MS = 5000;
const LOOK_AGAIN_MS = 100;

/** What happens to a granted upload until its object exists. */
export class LfsUploadsService extends Service {
  readonly #access: RepoAccessService;
  readonly #verifier: LfsVerifierService;

  constructor(deps: Deps, parts: LfsUploadsParts) {
    super(deps);
    this.#access = parts.access;
    this.#verifier = parts.verifier;
  }

  /**
   * Joins the parts of an upload. The token is the permission. Repeating it is harmless.
   * @throws {Forbidden} the token is wrong or expired. @throws {BadRequest} parts are missing or differ.
   */
  async completeMultipart(
    token: string,
    request: { readonly oid: string; readonly parts: readonly UploadedPart[] },
  ): Promise<void> {
    const claim = this.deps.lfs.tokens.read(token);
    if (request.oid !== claim.sha256) throw new BadRequest('This upload was granted for another object.');
    const upload = await findUploadById(this.deps.sql, claim.uploadId);
    if (!upload) return this.requireHere(claim.repoId, claim.sha256, null);
    if (await this.hasArrived(upload)) return;
    if (upload.multipartId === null)
      throw new BadRequest('This upload has no parts: send the file to its URL.');
    await this.joinParts(upload, upload.multipartId, request.parts);
    this.deps.activity.announce(uploadChanged(upload.repoId, upload.uploaderId));
  }

  /**
   * Says that an object is here and has that size, after hashing what was uploaded.
   * @param token of the grant. Without a login it is the permission, as in `completeMultipart`: git-lfs sends no credentials
   * to this address when they stand in the one of the repository, and repeats itself for ever when it is asked to. With a login
   * it shows that the caller is the uploader, where he may not write.
   * @throws {LfsObjectMissing} nothing was uploaded. @throws {BadRequest} the bytes or the size are wrong.
   */
  async verify(
    actor: Actor,
    ref: RepoRef,
    { oid, sizeBytes, token }: { oid: string; sizeBytes: number; token: string | null },
  ): Promise<void> {
    const claim = token === null ? null : this.deps.lfs.tokens.read(token);
    if (actor.kind === 'anonymous' && claim) return this.verifyGranted(claim, { oid, sizeBytes });
    const user = requireWriter(actor);
    const access = await this.#access.requireFiles(actor, ref);
    const sha256 = parseSha256(oid);
    if (allows(access.role, access.isPrivate, 'write')) {
      const uploadId = claim?.uploadId ?? null;
      return this.verifyForWriter({ repoId: access.id, userId: user.id }, { sha256, sizeBytes, uploadId });
    }
    if (claim?.uploaderId !== user.id || claim.repoId !== access.id || claim.sha256 !== sha256)
      throw new Forbidden(`You have no write access on ${access.fullName}.`);
    await this.verifyGranted(claim, { oid, sizeBytes });
  }

  /** The open upload whose bytes belong under a key, or null when it is finished or over. */
  find(key: ObjectKey): Promise<OpenUpload | null> {
    return findUploadByKey(this.deps.sql, key);
  }

  /**
   * After the object store took bytes and checked their hash. A writer's object is in the repository from now on; what
   * somebody else brings for a pull request waits, seen by nobody, for the commit that names it.
   */
  async received(upload: OpenUpload): Promise<void> {
    if (allows(upload.uploaderRole, false, 'write')) await this.#verifier.publishChecked(upload);
    else this.deps.activity.announce(uploadChanged(upload.repoId, upload.uploaderId));
  }

  /** What the uploader may now do to the repository decides, not what he might when the upload was granted. */
  private async verifyGranted(
    claim: UploadClaim,
    { oid, sizeBytes }: { readonly oid: string; readonly sizeBytes: number },
  ): Promise<void> {
    const { repoId, sha256, uploadId, uploaderId: userId } = claim;
    if (oid !== sha256) throw new BadRequest('This upload was granted for another object.');
    const upload = await findUploadById(this.deps.sql, uploadId);
    if (!upload) return this.requireHere(repoId, sha256, sizeBytes);
    if (allows(upload.uploaderRole, false, 'write'))
      return this.verifyForWriter({ repoId, userId }, { sha256, sizeBytes, uploadId });
    if (upload.sizeBytes !== sizeBytes) throw wrongSize(upload.sizeBytes);
    if (!(await this.hasArrived(upload))) throw lfsObjectMissing(upload.sha256);
  }

  private async verifyForWriter(
    { repoId, userId }: { readonly repoId: number; readonly userId: number },
    asked: { sha256: Sha256; sizeBytes: number; uploadId: string | null },
  ): Promise<void> {
    const { sha256, sizeBytes, uploadId } = asked;
    const seen = { repoId, userId, sha256s: [sha256] };
    const open = await findOpenUploads(this.deps.sql, seen);
    const uploads = open.filter((upload) => mayUseUpload(upload, { id: userId, isWriter: true }));
    const own = uploads.filter((upload) => upload.id === uploadId);
    const before = (await findLfsObjects(this.deps.sql, seen)).get(sha256);
    if (before?.isPresent && before.link !== 'none') {
      for (const upload of own) await this.#verifier.discard(upload);
    } else if (uploads.length > 0) {
      await this.#verifier.verifyFirst([...own, ...uploads.filter((upload) => upload.id !== uploadId)]);
    } else {
      throw lfsObjectMissing(sha256);
    }
    const status = (await findLfsObjects(this.deps.sql, seen)).get(sha256);
    if (!status) throw lfsObjectMissing(sha256);
    if (status.sizeBytes !== sizeBytes) throw wrongSize(status.sizeBytes);
  }

  private async joinParts(
    upload: OpenUpload,
    multipartId: string,
    parts: readonly UploadedPart[],
  ): Promise<void> {
    const { store } = this.deps;
    try {
      const named = await this.storedOf(upload, multipartId, parts);
      const sizeBytes = named.reduce((sum, part) => sum + part.sizeBytes, 0);
      if (sizeBytes !== upload.sizeBytes) {
        throw new BadRequest(
          `The named parts hold ${sizeBytes} of ${upload.sizeBytes} bytes. Send the missing parts, then complete again.`,
        );
      }
      await store.completeMultipart(upload.storageKey, multipartId, parts);
    } catch (error) {
      await this.requireJoined(upload, { multipartId, parts, error });
    }
  }

  /**
   * Another request with the same token may be joining the parts, or have done it. Some stores know neither the upload nor
   * the object meanwhile, or lose one part after the other: only a while of looking tells this from parts that never came.
   * @throws the error where nobody joins them, which all parts that are still there show at once.
   */
  private async requireJoined(
    upload: OpenUpload,
    refused: {
      readonly multipartId: string;
      readonly parts: readonly UploadedPart[];
      readonly error: unknown;
    },
  ): Promise<void> {
    const { multipartId, parts, error } = refused;
    const isGone = error instanceof ObjectNotFound;
    if (!isGone && !(error instanceof BadRequest) && !(error instanceof ObjectMismatch)) throw error;
    if (!isGone && (await this.hasAll(upload, multipartId, parts))) throw error;
    const untilMs = Date.now() + JOINING_MS;
    while (!(await this.hasArrived(upload))) {
      if (Date.now() >= untilMs) throw isGone ? lfsObjectMissing(upload.sha256) : error;
      await setTimeout(LOOK_AGAIN_MS);
    }
  }

  private async hasAll(
    upload: OpenUpload,
    multipartId: string,
    parts: readonly UploadedPart[],
  ): Promise<boolean> {
    try {
      return (await this.storedOf(upload, multipartId, parts)).length === parts.length;
    } catch (error) {
      if (error instanceof ObjectNotFound) return false;
      throw error;
    }
  }

  private async storedOf(
    upload: OpenUpload,
    multipartId: string,
    parts: readonly UploadedPart[],
  ): Promise<readonly StoredPart[]> {
    const numbers = new Set(parts.map((part) => part.partNumber));
    const stored = await this.deps.store.listParts(upload.storageKey, multipartId);
    return stored.filter((part) => numbers.has(part.partNumber));
  }

  private async hasArrived(upload: OpenUpload): Promise<boolean> {
    const stored = await this.deps.store.stat(upload.storageKey);
    return stored?.sizeBytes === upload.sizeBytes;
  }

  /** The upload is gone: fine when it became an object of this repository. */
  private async requireHere(repoId: number, sha256: Sha256, sizeBytes: number | null): Promise<void> {
    const status = await findLfsObjects(this.deps.sql, { repoId, userId: null, sha256s: [sha256] });
    const found = status.get(sha256);
    if (!found?.isPresent || found.link === 'none') throw lfsObjectMissing(sha256);
    if (sizeBytes !== null && found.sizeBytes !== sizeBytes) throw wrongSize(found.sizeBytes);
  }
}

function wrongSize(sizeBytes: number): BadRequest {
  return new BadRequest(`The size is wrong: the object has ${sizeBytes} bytes.`);
}
