import type { Sha256 } from '../../lib/sha256.ts';
import type { ByteRange, ObjectRead } from '../../storage/object-store.ts';
import { type Actor, requireWriter } from '../actor.ts';
import { BadRequest, ObjectPruned } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';
import type { LfsTarget } from '../version/values.ts';
import type { Deps } from '../deps.ts';
import { findOpenUploads } from './lfs-upload.queries.ts';
import type { LfsVerifierService } from './lfs-verifier.service.ts';
import type { XetReadService } from '../xet/xet-read.service.ts';
import { mayUse, mayUseUpload } from './lfs.policy.ts';
import {
  findLfsObjects,
  lfsObjectMissing,
  linkUsableObjects,
  lockPresentObjects,
  type ObjectPlace,
  type ObjectUser,
  type PresentObject,
} from './lfs.queries.ts';

/** How long a download URL may be started. */
export const DOWNLOAD_TTL_MS = 3_600_000;

/** How a download is announced to a browser. */
export interface DownloadName {
  readonly filename?: string;
  readonly contentType?: string;
}

/** An object that a commit names. */
export interface WantedObject {
  readonly sha256: Sha256;
  /** Null when the commit does not say it: a copy inside the repository. */
  readonly sizeBytes: number | null;
}

/**
 * LFS objects of repositories. What may be committed follows from proof of possession: an object may be committed where
 * it was brought, or by those who can read it anyway.
 */
export class LfsService extends Service {
  readonly #verifier: LfsVerifierService;
  readonly #xetReads: XetReadService;

  constructor(
    deps: Deps,
    parts: { readonly verifier: LfsVerifierService; readonly xetReads: XetReadService },
  ) {
    super(deps);
    this.#verifier = parts.verifier;
    this.#xetReads = parts.xetReads;
  }

  /**
   * Before a commit: every object is present, linked to this repository, and safe from the collector for two days.
   * Uploads that were not verified yet are verified now.
   * @throws {LfsObjectMissing} naming an object that the caller has not brought.
   * @throws {BadRequest} wrong bytes were uploaded, or the commit names another size.
   */
  async ensureUploaded(
    access: RepoAccess,
    actor: Actor,
    wanted: readonly WantedObject[],
  ): Promise<Map<Sha256, { readonly sizeBytes: number }>> {
    const user = requireWriter(actor);
    const isWriter = allows(access.role, access.isPrivate, 'write');
    const sha256s = [...new Set(wanted.map((object) => object.sha256))];
    const usable = await this.usable(access, { userId: user.id, isWriter, sha256s });
    const absent = sha256s.filter((sha256) => !usable.has(sha256));
    await this.finishUploads(access, { id: user.id, isWriter }, absent);
    const present = await this.link({ repoId: access.id, userId: user.id, sourceRepoId: null }, sha256s);
    const missing = sha256s.find((sha256) => !present.has(sha256));
    if (missing) throw lfsObjectMissing(missing);
    for (const { sha256, sizeBytes } of wanted) checkSize(sha256, sizeBytes, present.get(sha256)?.sizeBytes);
    return new Map([...present].map(([sha256, { sizeBytes }]) => [sha256, { sizeBytes }]));
  }

  /**
   * Keeps objects that the caller may use for a coming commit: renews their leases and, for a writer, links them.
   * @returns those that are still there.
   */
  async keep(
    user: ObjectUser & { readonly isWriter: boolean },
    sha256s: readonly Sha256[],
  ): Promise<ReadonlySet<Sha256>> {
    if (sha256s.length === 0) return new Set();
    const present = user.isWriter
      ? await this.link(user, sha256s)
      : await this.deps.sql.transaction((tx) => lockPresentObjects(tx, sha256s));
    return new Set(present.keys());
  }

  /**
   * Where a file of the repository lies; null when no commit brought its content here.
   * @param access must come from `RepoAccessService.requireFiles`.
   */
  locate(access: RepoAccess, { sha256 }: LfsTarget): Promise<ObjectPlace | null> {
    return this.deps.lfsLoader.load({ repoId: access.id, sha256 });
  }

  /**
   * The bytes of a file of a repository, streamed by the hub. The caller drains or destroys `body`.
   * @param place from `locate`.
   * @throws {ObjectPruned} the bytes were removed. @throws {RangeNotSatisfiable}
   */
  async open(place: ObjectPlace | null, range?: ByteRange): Promise<ObjectRead> {
    const { storageKey, xetFileId } = requirePresent(place);
    if (storageKey === null) return this.#xetReads.open(xetFileId!, range);
    return this.deps.store.get(storageKey, range && { range });
  }

  /** A URL that serves the file without the hub, or null when the hub must stream it with `open`. Throws as `open`. */
  async downloadUrl(place: ObjectPlace | null, as: DownloadName): Promise<string | null> {
    if (!this.deps.store.servesDownloads) return null;
    const { storageKey } = requirePresent(place);
    return storageKey && this.deps.store.presignGet(storageKey, { expiresInMs: DOWNLOAD_TTL_MS, ...as });
  }

  private async usable(
    access: RepoAccess,
    seen: { userId: number; isWriter: boolean; sha256s: readonly Sha256[] },
  ): Promise<ReadonlySet<Sha256>> {
    const status = await findLfsObjects(this.deps.sql, { repoId: access.id, ...seen });
    return new Set(
      [...status].filter(([, s]) => s.isPresent && mayUse(s, seen.isWriter)).map(([sha256]) => sha256),
    );
  }

  /** @throws {LfsObjectMissing} when an object has no upload. */
  private async finishUploads(
    access: RepoAccess,
    user: { readonly id: number; readonly isWriter: boolean },
    sha256s: readonly Sha256[],
  ): Promise<void> {
    const open = await findOpenUploads(this.deps.sql, { repoId: access.id, sha256s });
    const uploads = open.filter((upload) => mayUseUpload(upload, user));
    const byObject = Map.groupBy(uploads, (upload) => upload.sha256);
    const missing = sha256s.find((sha256) => !byObject.has(sha256));
    if (missing) throw lfsObjectMissing(missing);
    const outcomes = await Promise.allSettled(
      [...byObject.values()].map((candidates) => this.#verifier.verifyFirst(candidates)),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** @returns what is present and linked. */
  private link(user: ObjectUser, sha256s: readonly Sha256[]): Promise<ReadonlyMap<Sha256, PresentObject>> {
    return this.deps.sql.transaction(async (tx) => {
      const present = await lockPresentObjects(tx, sha256s);
      const linked = await linkUsableObjects(tx, user, [...present.keys()]);
      return new Map([...present].filter(([sha256]) => linked.has(sha256)));
    });
  }
}

/** @throws {ObjectPruned} */
function requirePresent(place: ObjectPlace | null): ObjectPlace {
  if (place?.isPresent) return place;
  throw new ObjectPruned('The bytes of this file were removed from the hub; its history still names them.');
}

function checkSize(sha256: Sha256, named: number | null, stored: number | undefined): void {
  if (named === null || named === stored) return;
  throw new BadRequest(`The LFS object ${sha256} has ${stored} bytes; the commit says ${named}.`);
}
