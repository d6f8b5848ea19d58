import { parseSha256, type Sha256 } from '../../lib/sha256.ts';
import type { ObjectRead } from '../../storage/object-store.ts';
import { type Actor, requireUser, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { NotFound } from '../errors.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { refuseDownload, type LfsBatchService } from './lfs-batch.service.ts';
import type { LfsBatchRequest, LfsObjectAnswer } from './lfs-batch.ts';
import type { LfsOperation } from './lfs-credentials.ts';
import type { LfsSshService } from './lfs-ssh.service.ts';
import { extendUpload, findOpenUploads, type OpenUpload } from './lfs-upload.queries.ts';
import type { LfsUploadsService } from './lfs-uploads.service.ts';
import { findLfsObjects } from './lfs.queries.ts';
import type { LfsService } from './lfs.service.ts';

export interface LfsTransferParts {
  readonly ssh: LfsSshService;
  readonly batches: LfsBatchService;
  readonly uploads: LfsUploadsService;
  readonly lfs: LfsService;
}

/** A claim is read at once, by the same request. */
const CLAIM_MS = 60_000;

/** An object whose bytes the client sends. */
export interface SentObject {
  readonly oid: string;
  readonly sizeBytes: number;
  readonly body: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * LFS objects that travel on the connection which asks for them, instead of by signed URLs. Rights, grants and the ways into and
 * out of the store are those of HTTP.
 */
export class LfsTransferService extends Service {
  readonly #parts: LfsTransferParts;

  constructor(deps: Deps, parts: LfsTransferParts) {
    super(deps);
    this.#parts = parts;
  }

  /** Whether the caller may transfer so. @throws the errors of `RepoAccessService`. */
  async begin(actor: Actor, ref: RepoRef, operation: LfsOperation): Promise<void> {
    await this.#parts.ssh.permit(actor, ref, operation);
  }

  /** As `LfsBatchService.batch`. The URLs are for nobody. Throws as that. */
  async batch(
    actor: Actor,
    ref: RepoRef,
    asked: Pick<LfsBatchRequest, 'operation' | 'objects' | 'hashAlgo' | 'refName'>,
  ): Promise<readonly LfsObjectAnswer[]> {
    await this.#parts.ssh.permit(actor, ref, asked.operation);
    const request = { ...asked, transfers: [], isStreamed: true };
    return (await this.#parts.batches.batch(actor, ref, request)).objects;
  }

  /**
   * The bytes of an object that the history of the repository names. The caller drains or destroys `body`.
   * @param sizeBytes what the client takes for its size; null when it does not say.
   * @throws the errors of `RepoAccessService`. @throws {NotFound} @throws {ObjectPruned} @throws {BadRequest} it has another size.
   */
  async open(
    actor: Actor,
    ref: RepoRef,
    { oid, sizeBytes }: { readonly oid: string; readonly sizeBytes: number | null },
  ): Promise<ObjectRead> {
    const user = requireUser(actor);
    const access = await this.#parts.ssh.permit(user, ref, 'download');
    const sha256 = parseSha256(oid);
    const seen = { repoId: access.id, userId: user.id, sha256s: [sha256] };
    const status = (await findLfsObjects(this.deps.sql, seen)).get(sha256);
    const refusal = refuseDownload(sizeBytes ?? status?.sizeBytes ?? 0, status);
    if (refusal) throw refusal;
    return this.#parts.lfs.open(status ?? null);
  }

  /**
   * Takes the bytes of an upload that was granted to the caller. They are durable, have the promised size and hash, and a writer's are an object of the
   * repository when this resolves. After a refusal nothing is left behind. What is not read of `body` is the caller's.
   * @throws the errors of `RepoAccessService`. @throws {NotFound} none of this size was granted, or it is finished or over.
   * @throws {BadRequest} other bytes came.
   */
  async put(actor: Actor, ref: RepoRef, sent: SentObject): Promise<void> {
    const user = requireWriter(actor);
    const access = await this.#parts.ssh.permit(user, ref, 'upload');
    const sha256 = parseSha256(sent.oid);
    const granted = await this.granted({ repoId: access.id, userId: user.id, sha256 });
    const upload = granted.find((upload) => upload.sizeBytes === sent.sizeBytes);
    if (!upload) throw new NotFound('This upload was not granted, or it is over. Ask for it in a batch.');
    await extendUpload(this.deps.sql, upload);
    const { sizeBytes, body, signal } = sent;
    await this.deps.store.put(upload.storageKey, body, { sizeBytes, sha256, signal });
    await this.#parts.uploads.received(upload);
  }

  /** As `LfsUploadsService.verify`; who the uploader is needs no token here. */
  async verify(
    actor: Actor,
    ref: RepoRef,
    { oid, sizeBytes }: { readonly oid: string; readonly sizeBytes: number },
  ): Promise<void> {
    const user = requireWriter(actor);
    const { id: repoId } = await this.#parts.ssh.permit(user, ref, 'upload');
    const claim = { repoId, uploaderId: user.id, sha256: parseSha256(oid), expiresAt: Date.now() + CLAIM_MS };
    const [upload] = await this.granted({ ...claim, userId: user.id });
    const token = upload ? this.deps.lfs.tokens.sign({ ...claim, uploadId: upload.id }) : null;
    await this.#parts.uploads.verify(user, ref, { oid, sizeBytes, token });
  }

  /**
   * The caller's own uploads of an object that are open, newest first. The client does not name them: git-lfs before 3.5 forgets
   * between the batch and the upload what would.
   */
  private async granted(to: { repoId: number; userId: number; sha256: Sha256 }): Promise<OpenUpload[]> {
    const open = await findOpenUploads(this.deps.sql, { repoId: to.repoId, sha256s: [to.sha256] });
    return open.filter((upload) => upload.uploaderId === to.userId);
  }
}
