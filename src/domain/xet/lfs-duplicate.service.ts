import type { Sha256 } from '../../lib/sha256.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import { type Actor, requireWriter } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { Forbidden, RepoMoved } from '../errors.ts';
import { findLfsObjects } from '../lfs/lfs.queries.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { allows } from '../repo/repo.policy.ts';
import { Service } from '../service.ts';

/** A content as listings of the source name it. */
export interface FileToDuplicate {
  readonly sha256: Sha256;
  readonly xetHash: XetHash;
}

/** Lets files of one repository be committed to another without moving their bytes. */
export class LfsDuplicateService extends Service {
  readonly #access: RepoAccessService;
  readonly #lfs: LfsService;

  constructor(deps: Deps, parts: { readonly access: RepoAccessService; readonly lfs: LfsService }) {
    super(deps);
    this.#access = parts.access;
    this.#lfs = parts.lfs;
  }

  /**
   * Who writes to the target may commit the files there from now on, as if they had been uploaded. Who may only propose
   * changes needs nothing but the right to read the source, so for him they are only kept for two days.
   * @returns the files that the source does not have: never committed, removed, or of another Xet hash.
   * @throws the errors of `RepoAccessService` for the source, and for the target, whose former name will do too.
   */
  async duplicate(
    actor: Actor,
    { source, target }: { readonly source: RepoRef; readonly target: RepoRef },
    files: readonly FileToDuplicate[],
  ): Promise<readonly FileToDuplicate[]> {
    const user = requireWriter(actor);
    const from = await this.#access.requireFiles(actor, source);
    if (from.isDisabled) throw new Forbidden('Access to this resource is disabled.');
    const to = await this.target(actor, target);
    const isWriter = allows(to.role, to.isPrivate, 'write');
    const sha256s = [...new Set(files.map((file) => file.sha256))];
    const status = await findLfsObjects(this.deps.sql, { repoId: from.id, userId: user.id, sha256s });
    const found = files.filter(({ sha256, xetHash }) => {
      const object = status.get(sha256);
      return object?.link === 'committed' && object.isPresent && object.xetHash === xetHash;
    });
    const kept = await this.#lfs.keep({ repoId: to.id, userId: user.id, isWriter, sourceRepoId: from.id }, [
      ...new Set(found.map((file) => file.sha256)),
    ]);
    const duplicated = new Set(found.filter((file) => kept.has(file.sha256)));
    return files.filter((file) => !duplicated.has(file));
  }

  /** The request's URL names the source, so a redirect cannot tell the target's new name. */
  private async target(actor: Actor, target: RepoRef): Promise<RepoAccess> {
    try {
      return await this.#access.requireFiles(actor, target);
    } catch (error) {
      if (!(error instanceof RepoMoved)) throw error;
      const { namespace, name } = error.target;
      return this.#access.requireFiles(actor, { type: target.type, namespace, name });
    }
  }
}
