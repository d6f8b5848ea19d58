import { isSha256, type Sha256 } from '../../lib/sha256.ts';
import { type Actor, requireUser, requireWriter } from '../actor.ts';
import {
  BadRequest,
  Conflict,
  type DomainError,
  Forbidden,
  NotFound,
  ObjectPruned,
  PayloadTooLarge,
} from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import { gitDownloadClient } from '../stats/download-client.ts';
import type { Deps } from '../deps.ts';
import {
  type LfsBatchAnswer,
  type LfsBatchRequest,
  type LfsObjectAnswer,
  type LfsTransfer,
  MAX_BATCH_OBJECTS,
} from './lfs-batch.ts';
import type { LfsGrantsService, WantedUpload } from './lfs-grants.service.ts';
import { mayUse } from './lfs.policy.ts';
import { DOWNLOAD_TTL_MS, type LfsService } from './lfs.service.ts';
import { findLfsObjects, type LfsStatus } from './lfs.queries.ts';

export interface LfsBatchParts {
  readonly access: RepoAccessService;
  readonly grants: LfsGrantsService;
  readonly lfs: LfsService;
}

/** The LFS batch API: what is here, what has to be brought, and where to. */
export class LfsBatchService extends Service {
  readonly #access: RepoAccessService;
  readonly #grants: LfsGrantsService;
  readonly #lfs: LfsService;

  constructor(deps: Deps, parts: LfsBatchParts) {
    super(deps);
    this.#access = parts.access;
    this.#grants = parts.grants;
    this.#lfs = parts.lfs;
  }

  /**
   * Answers for each object by itself; an answer with an `error` says why.
   * Uploading needs the right to write, or for a pull request the right to read: such a request names no ref, or one
   * of a pull request. Downloading gives the objects that this repository's history names, and no others.
   * @throws the errors of `RepoAccessService`, {Forbidden} for downloads from a disabled repository, {PayloadTooLarge} for too many
   * objects, {Conflict} for another hash.
   */
  async batch(actor: Actor, ref: RepoRef, request: LfsBatchRequest): Promise<LfsBatchAnswer> {
    const access = await this.permit(actor, ref, request);
    if (request.objects.length > MAX_BATCH_OBJECTS)
      throw new PayloadTooLarge(`Ask for at most ${MAX_BATCH_OBJECTS} objects at once.`);
    if (request.hashAlgo !== 'sha256') throw new Conflict('The only hash algorithm here is "sha256".');
    const asked = parseObjects(request);
    const status = await findLfsObjects(this.deps.sql, {
      repoId: access.id,
      userId: actor.kind === 'user' ? actor.id : null,
      sha256s: [...asked.wanted.keys()],
    });
    const { transfer, answers } =
      request.operation === 'download'
        ? await this.downloads(asked.wanted, status)
        : await this.uploads(actor, access, { request, wanted: asked.wanted, status });
    if (request.operation === 'download') this.note(actor, access, { request, answers });
    const byOid = new Map([...answers, ...asked.refused].map((answer) => [answer.oid, answer]));
    return { transfer, objects: asked.oids.flatMap((oid) => byOid.get(oid) ?? []) };
  }

  private async permit(actor: Actor, ref: RepoRef, request: LfsBatchRequest): Promise<RepoAccess> {
    if (request.operation === 'download') return this.permitDownload(actor, ref);
    requireUser(actor);
    const isProposal = request.refName === null || request.refName.startsWith('refs/pr/');
    if (!isProposal) return this.#access.require(actor, ref, 'write');
    const access = await this.#access.requireFiles(actor, ref);
    requireWriter(actor);
    return access;
  }

  private async permitDownload(actor: Actor, ref: RepoRef): Promise<RepoAccess> {
    const access = await this.#access.requireFiles(actor, ref);
    if (access.isDisabled) throw new Forbidden('Access to this resource is disabled.');
    return access;
  }

  /** Counts the objects that the client may fetch now. The URLs that it got for them count nothing. */
  private note(
    actor: Actor,
    access: RepoAccess,
    { request, answers }: { readonly request: LfsBatchRequest; readonly answers: readonly LfsObjectAnswer[] },
  ): void {
    const files = answers.filter((answer) => answer.actions).length;
    const client = gitDownloadClient(actor, access, request.address);
    if (files > 0) this.deps.downloads.note({ repoId: access.id, client, path: null, files });
  }

  private async downloads(
    wanted: ReadonlyMap<Sha256, number>,
    status: ReadonlyMap<Sha256, LfsStatus>,
  ): Promise<Answers> {
    const answers = [...wanted].map(([sha256, sizeBytes]) =>
      this.download(sha256, sizeBytes, status.get(sha256)),
    );
    return { transfer: 'basic', answers: await Promise.all(answers) };
  }

  private async download(
    oid: Sha256,
    sizeBytes: number,
    status: LfsStatus | undefined,
  ): Promise<LfsObjectAnswer> {
    const error = refuseDownload(sizeBytes, status);
    if (error || !status) return { oid, sizeBytes, ...(error && { error }) };
    const expiresAt = new Date(Date.now() + DOWNLOAD_TTL_MS);
    const href =
      status.storageKey === null
        ? this.deps.xet.urls.file({ sha256: oid, fileId: status.xetFileId! }, expiresAt)
        : await this.deps.store.presignGet(status.storageKey, { expiresInMs: DOWNLOAD_TTL_MS });
    return { oid, sizeBytes, actions: { download: { href, expiresAt } } };
  }

  private async uploads(
    actor: Actor,
    access: RepoAccess,
    asked: {
      readonly request: LfsBatchRequest;
      readonly wanted: ReadonlyMap<Sha256, number>;
      readonly status: ReadonlyMap<Sha256, LfsStatus>;
    },
  ): Promise<Answers> {
    const user = requireWriter(actor);
    const isWriter = allows(access.role, access.isPrivate, 'write');
    const here: WantedUpload[] = [];
    const missing: WantedUpload[] = [];
    const answers: LfsObjectAnswer[] = [];
    for (const [sha256, sizeBytes] of asked.wanted) {
      const status = asked.status.get(sha256);
      const isHere = status !== undefined && status.isPresent && mayUse(status, isWriter);
      if (isHere && status.sizeBytes !== sizeBytes)
        answers.push({ oid: sha256, sizeBytes, error: wrongSize(status.sizeBytes) });
      else (isHere ? here : missing).push({ sha256, sizeBytes });
    }
    const kept = await this.#lfs.keep(
      { repoId: access.id, userId: user.id, isWriter, sourceRepoId: null },
      here.map((object) => object.sha256),
    );
    answers.push(
      ...here
        .filter((object) => kept.has(object.sha256))
        .map(({ sha256, sizeBytes }) => ({ oid: sha256, sizeBytes })),
    );
    const granted = await this.#grants.grant({
      access,
      user,
      isWriter,
      transfers: asked.request.transfers,
      isStreamed: asked.request.isStreamed ?? false,
      wanted: [...missing, ...here.filter((object) => !kept.has(object.sha256))],
    });
    return { transfer: granted.transfer, answers: [...answers, ...granted.answers] };
  }
}

interface Answers {
  readonly transfer: LfsTransfer;
  readonly answers: readonly LfsObjectAnswer[];
}

interface AskedObjects {
  /** Distinct, in the order of the request. */
  readonly oids: readonly string[];
  /** Size by hash. */
  readonly wanted: ReadonlyMap<Sha256, number>;
  readonly refused: readonly LfsObjectAnswer[];
}

/** The same object may be asked for under several paths; it gets one answer. */
function parseObjects({ objects }: LfsBatchRequest): AskedObjects {
  const oids = new Set<string>();
  const wanted = new Map<Sha256, number>();
  const refused = new Map<string, LfsObjectAnswer>();
  for (const { oid, sizeBytes } of objects) {
    oids.add(oid);
    const error = objectError(oid, sizeBytes, wanted);
    if (error) refused.set(oid, { oid, sizeBytes, error });
    else wanted.set(oid as Sha256, sizeBytes);
  }
  for (const oid of refused.keys()) wanted.delete(oid as Sha256);
  return { oids: [...oids], wanted, refused: [...refused.values()] };
}

function objectError(
  oid: string,
  sizeBytes: number,
  wanted: ReadonlyMap<Sha256, number>,
): DomainError | null {
  if (!isSha256(oid))
    return new BadRequest('The id of an LFS object is a SHA-256: 64 lower-case hexadecimal digits.');
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    return new BadRequest('The size of an LFS object is a whole number of bytes, 0 or more.');
  const known = wanted.get(oid);
  return known === undefined || known === sizeBytes ? null : wrongSize(known);
}

/** Why an object may not be downloaded from a repository, or null. @param sizeBytes what the client takes for its size. */
export function refuseDownload(sizeBytes: number, status: LfsStatus | undefined): DomainError | null {
  const isHeld = status?.link === 'committed';
  if (!isHeld && !status?.isPruned) return new NotFound('This repository has no such object.');
  if (!isHeld || !status.isPresent)
    return new ObjectPruned('The bytes of this object were removed from the hub.');
  return status.sizeBytes === sizeBytes ? null : wrongSize(status.sizeBytes);
}

function wrongSize(sizeBytes: number): DomainError {
  return new BadRequest(`The object with this oid has ${sizeBytes} bytes.`);
}
