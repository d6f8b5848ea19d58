import type { Sha256 } from '../../lib/sha256.ts';
import { type Actor, requireUser } from '../actor.ts';
import type { Deps } from '../deps.ts';
import type { UploadProgress, UploadProgressService } from '../lfs/upload-progress.service.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import type { RepoActivity } from './activity.ts';

/** Who listens. */
export interface Listener {
  /** Where he is: anonymous streams are counted by it. */
  readonly address: string | undefined;
  /** Aborted when he has gone; then the stream ends. */
  readonly signal: AbortSignal;
  /** Called once when the stream has ended, though he may not have read so far. */
  readonly onEnd?: () => void;
}

/** Streams of what happens, on any node of the hub. Each ends with an error when the caller's login or right to read ends. */
export class ActivityService extends Service {
  readonly #access: RepoAccessService;
  readonly #uploads: UploadProgressService;

  constructor(deps: Deps, services: { access: RepoAccessService; uploads: UploadProgressService }) {
    super(deps);
    this.#access = services.access;
    this.#uploads = services.uploads;
  }

  /**
   * What happens to a repository: first `started`, then whatever is committed since.
   * @param afterReflogId of the last movement of a ref that the listener knows; what he missed since, in the last day, comes first.
   * @throws {RepoNotFound} @throws {TooManyRequests} too many streams of the same user or address. @throws {Unavailable}
   * @throws {Forbidden} for who came with a password.
   */
  async ofRepo(
    actor: Actor,
    ref: RepoRef,
    { address, signal, onEnd, afterReflogId = null }: Listener & { readonly afterReflogId?: number | null },
  ): Promise<AsyncIterableIterator<RepoActivity, undefined>> {
    const repo = await this.#access.require(actor, ref, 'read');
    const watching = { actor, address, signal, onEnd, repo, topic: 'repo', afterReflogId } as const;
    return (await this.deps.activity.open(watching)) as AsyncIterableIterator<RepoActivity, undefined>;
  }

  /**
   * What becomes of the caller's uploads of these objects: first all of them, then those that changed. It ends when all are verified.
   * @throws as `UploadProgressService.progress` and `ofRepo`.
   */
  async ofUploads(
    actor: Actor,
    ref: RepoRef,
    { oids, address, signal, onEnd }: Listener & { readonly oids: readonly Sha256[] },
  ): Promise<AsyncGenerator<readonly UploadProgress[], undefined>> {
    requireUser(actor);
    const repo = await this.#access.requireFiles(actor, ref);
    const changes = await this.deps.activity.open({ actor, address, signal, onEnd, repo, topic: 'uploads' });
    return follow(changes, () => this.#uploads.progress(actor, ref, oids));
  }
}

async function* follow(
  changes: AsyncIterableIterator<unknown, undefined>,
  read: () => Promise<readonly UploadProgress[]>,
): AsyncGenerator<readonly UploadProgress[], undefined> {
  try {
    let now = await read();
    yield now;
    while (!now.every(({ state }) => state === 'verified')) {
      if ((await changes.next()).done) return;
      const before = new Map(now.map((each) => [each.oid, each]));
      now = await read();
      const changed = now.filter((each) => !isSame(each, before.get(each.oid)));
      if (changed.length > 0) yield changed;
    }
  } finally {
    await changes.return?.();
  }
}

function isSame(a: UploadProgress, b: UploadProgress | undefined): boolean {
  return a.state === b?.state && a.receivedBytes === b.receivedBytes;
}
