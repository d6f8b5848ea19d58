import { randomUUID } from 'node:crypto';
import type { Sha256 } from '../../lib/sha256.ts';
import { uploadKey } from '../../storage/keys.ts';
import type { UserActor } from '../actor.ts';
import { type DomainError, PayloadTooLarge, QuotaExceeded, TooManyRequests } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { repoApiUrl, repoUrl } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import type { Deps } from '../deps.ts';
import { NO_REVISION, type XetAccessService } from '../xet/xet-access.service.ts';
import type { LfsAction, LfsObjectAnswer, LfsTransfer } from './lfs-batch.ts';
import { countOpenUploads, insertUploads, type NewUpload, setMultipartId } from './lfs-upload.queries.ts';
import { readFreeBytes } from './lfs.queries.ts';
import { MAX_OBJECT_BYTES, MAX_PUT_BYTES, partSize, type PartPlan, planParts } from './part-plan.ts';

const HOUR_MS = 3_600_000;
const BASIC_TTL_MS = 24 * HOUR_MS;
/** The longest life of an S3 signature. A multipart upload of a very large file takes days on a slow line. */
const MULTIPART_TTL_MS = 7 * 24 * HOUR_MS;
/** Uploads one user may have open. A writer's upload ends when it is verified, a reader's when it is committed. */
const MAX_OPEN_UPLOADS = 20_000;
/** Multipart uploads that are opened in the store at once. */
const PARALLEL_GRANTS = 8;
/** What somebody who may only propose changes can make the hub keep. */
export const MAX_READER_BYTES = 200 * 2 ** 30;

type Actions = NonNullable<LfsObjectAnswer['actions']>;

/** An object that the caller has to bring. */
export interface WantedUpload {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

export interface GrantRequest {
  readonly access: RepoAccess;
  readonly user: UserActor;
  readonly isWriter: boolean;
  /** What the client can do besides `basic`. */
  readonly transfers: readonly string[];
  /** The hub itself takes the bytes. */
  readonly isStreamed: boolean;
  readonly wanted: readonly WantedUpload[];
}

export interface Grants {
  readonly transfer: LfsTransfer;
  readonly answers: readonly LfsObjectAnswer[];
}

/** Grants uploads: bounded in number and bytes, each to a fresh key that nobody can read. */
export class LfsGrantsService extends Service {
  readonly #xetAccess: XetAccessService;

  constructor(deps: Deps, xetAccess: XetAccessService) {
    super(deps);
    this.#xetAccess = xetAccess;
  }

  /**
   * One answer has one transfer, because git-lfs hands all its objects to one: a client that can do Xet sends everything
   * so; otherwise, as soon as an object needs several parts, all come as multipart uploads.
   * @throws {TooManyRequests} the user has too many uploads open.
   */
  async grant(request: GrantRequest): Promise<Grants> {
    const { wanted, transfers } = request;
    if (transfers.includes('xet')) return this.grantXet(request);
    if (wanted.length === 0) return { transfer: 'basic', answers: [] };
    const threshold = this.deps.config.lfs.multipartThresholdBytes;
    const isMultipart =
      transfers.includes('multipart') && wanted.some((object) => object.sizeBytes > threshold);
    const plans = new Map(wanted.map((object) => [object.sha256, this.plan(object, wanted.length)]));
    const open = await countOpenUploads(this.deps.sql, request.user.id);
    if (open.count + wanted.length > MAX_OPEN_UPLOADS) {
      throw new TooManyRequests('You have too many unfinished uploads. Commit them, or wait for two days.');
    }
    const refuse = await this.limits(request, open.bytes);
    const refusals = new Map<Sha256, DomainError>();
    for (const object of wanted) {
      const tooLarge = isMultipart ? tooManyParts(plans.get(object.sha256)) : tooLargeAtOnce(request, object);
      const refusal = tooLarge ?? refuse(object);
      if (refusal) refusals.set(object.sha256, refusal);
    }
    const granted = wanted.filter((object) => !refusals.has(object.sha256));
    const ready = await this.open(request, granted, isMultipart ? plans : null);
    const answers = wanted.map(({ sha256, sizeBytes }): LfsObjectAnswer => {
      const error = refusals.get(sha256);
      if (error) return { oid: sha256, sizeBytes, error };
      return { oid: sha256, sizeBytes, actions: ready.get(sha256) ?? {} };
    });
    return { transfer: isMultipart ? 'multipart' : 'basic', answers };
  }

  /** Nothing is opened for these: the store for chunks keeps account itself. All objects of an answer share one token. */
  private async grantXet(request: GrantRequest): Promise<Grants> {
    const { access, user, isWriter, wanted } = request;
    if (wanted.length === 0) return { transfer: 'xet', answers: [] };
    const refuse = await this.limits(request, 0);
    const xet = {
      ...this.#xetAccess.grantFor(access, { userId: user.id, revision: NO_REVISION, scope: 'write' }),
      sessionId: randomUUID(),
    };
    // A branch that the upload is going to make has no token yet, so none is named.
    const href = `${repoApiUrl(this.deps.config.baseUrl, access)}/xet-write-token/${NO_REVISION}${isWriter ? '' : '?create_pr=1'}`;
    const answers = wanted.map((object): LfsObjectAnswer => {
      const { sha256: oid, sizeBytes } = object;
      const error = refuse(object);
      if (error) return { oid, sizeBytes, error };
      return { oid, sizeBytes, actions: { upload: { href, xet, expiresAt: xet.expiresAt } } };
    });
    return { transfer: 'xet', answers };
  }

  private plan({ sizeBytes }: WantedUpload, uploads: number): PartPlan | null {
    if (sizeBytes > MAX_OBJECT_BYTES) return null;
    return planParts(sizeBytes, this.deps.config.lfs.multipartPartBytes, uploads);
  }

  /** A function that says why an object does not fit any more; it counts what it lets through. */
  private async limits({ access, isWriter }: GrantRequest, openBytes: number) {
    const free = await readFreeBytes(this.deps.sql, access.id);
    const readerRoom = isWriter ? Infinity : MAX_READER_BYTES - openBytes;
    let room = Math.min(free ?? Infinity, readerRoom);
    return ({ sizeBytes }: WantedUpload): DomainError | null => {
      if (sizeBytes > room)
        return new QuotaExceeded(`There is no room for these ${sizeBytes} bytes in ${access.fullName}.`);
      room -= sizeBytes;
      return null;
    };
  }

  private async open(
    { access, user }: GrantRequest,
    granted: readonly WantedUpload[],
    plans: ReadonlyMap<Sha256, PartPlan | null> | null,
  ): Promise<ReadonlyMap<Sha256, Actions>> {
    const expiresAt = new Date(Date.now() + (plans ? MULTIPART_TTL_MS : BASIC_TTL_MS));
    const uploads = granted.map((object) => newUpload(object));
    if (uploads.length > 0) {
      await insertUploads(this.deps.sql, { repoId: access.id, uploaderId: user.id, expiresAt }, uploads);
    }
    const actions = new Map<Sha256, Actions>();
    for (let start = 0; start < uploads.length; start += PARALLEL_GRANTS) {
      const some = uploads.slice(start, start + PARALLEL_GRANTS);
      const ready = some.map((upload) =>
        this.actions(upload, { access, user, expiresAt, plan: plans?.get(upload.sha256) ?? null }),
      );
      for (const [index, done] of (await Promise.all(ready)).entries())
        actions.set((some[index] as NewUpload).sha256, done);
    }
    return actions;
  }

  private async actions(
    upload: NewUpload,
    to: { access: RepoAccess; user: UserActor; expiresAt: Date; plan: PartPlan | null },
  ): Promise<Actions> {
    const { access, user, expiresAt, plan } = to;
    const token = this.deps.lfs.tokens.sign({
      uploadId: upload.id,
      repoId: access.id,
      uploaderId: user.id,
      sha256: upload.sha256,
      expiresAt: expiresAt.getTime(),
    });
    return {
      upload: plan
        ? await this.multipartAction(upload, { plan, token, expiresAt })
        : await this.basicAction(upload, expiresAt),
      verify: {
        href: `${repoUrl(this.deps.config.baseUrl, access)}.git/info/lfs/verify?token=${token}`,
        token,
        expiresAt,
      },
    };
  }

  private async basicAction(upload: NewUpload, expiresAt: Date): Promise<LfsAction> {
    const { storageKey, sizeBytes, sha256 } = upload;
    const href = await this.deps.store.presignPut(storageKey, {
      expiresInMs: BASIC_TTL_MS,
      sizeBytes,
      sha256,
    });
    return { href, expiresAt };
  }

  /** The part numbers have leading zeros because git-lfs sends them through a map that sorts keys as text. */
  private async multipartAction(
    upload: NewUpload,
    { plan, token, expiresAt }: { plan: PartPlan; token: string; expiresAt: Date },
  ): Promise<LfsAction> {
    const { store, sql, config } = this.deps;
    const uploadId = await store.createMultipart(upload.storageKey);
    await setMultipartId(sql, upload.id, uploadId);
    const header: Record<string, string> = { chunk_size: String(plan.partBytes) };
    for (let partNumber = 1; partNumber <= plan.partCount; partNumber++) {
      header[String(partNumber).padStart(5, '0')] = await store.presignPart(upload.storageKey, {
        uploadId,
        partNumber,
        sizeBytes: partSize(upload.sizeBytes, plan, partNumber),
        expiresInMs: MULTIPART_TTL_MS,
      });
    }
    return { href: `${config.baseUrl}/api/lfs/complete?token=${token}`, header, expiresAt };
  }
}

function newUpload({ sha256, sizeBytes }: WantedUpload): NewUpload {
  const id = randomUUID();
  return { id, sha256, sizeBytes, storageKey: uploadKey(id) };
}

function tooManyParts(plan: PartPlan | null | undefined): DomainError | null {
  if (plan) return null;
  return new PayloadTooLarge(
    'This file is too large to be uploaded together with so many others. Ask for fewer objects at once.',
  );
}

function tooLargeAtOnce({ isStreamed }: GrantRequest, { sizeBytes }: WantedUpload): DomainError | null {
  if (sizeBytes <= (isStreamed ? MAX_OBJECT_BYTES : MAX_PUT_BYTES)) return null;
  if (isStreamed) return new PayloadTooLarge('A file can have at most 5 TiB.');
  return new PayloadTooLarge(
    'A file of more than 5 GiB needs the "multipart" transfer. huggingface_hub offers it by itself; for git-lfs run `hf lfs-enable-largefiles .` in the clone.',
  );
}
