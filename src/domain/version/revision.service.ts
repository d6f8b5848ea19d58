import { isOid, type Oid } from '../../git/oid.ts';
import { isValidRefName } from '../../git/ref-name.ts';
import { parseTag } from '../../git/tag.ts';
import { RevisionNotFound } from '../errors.ts';
import type { RepoAccess, Revision } from '../repo/repo-access.ts';
import { Service } from '../service.ts';
import { rootOfCommit } from './commit-root.ts';
import { MAIN_REF } from './ref-names.ts';
import { type FoundRef, findCommitsByPrefix, readTagObject } from './revision.queries.ts';

/** As short as Git allows (`core.abbrev`). */
const SHORT_ID = /^[0-9a-f]{4,39}$/;
/** A tag may point to a tag; nobody nests them deeper than this. */
const MAX_TAG_DEPTH = 8;

/** Finds the commit that a revision names. Everything is looked up inside the one store of the repository. */
export class RevisionService extends Service {
  /**
   * A full commit id, else a branch, else a tag, else a full ref name (`refs/…`) or `HEAD`, else a short commit id of 4 digits
   * or more. A commit that no ref reaches is found by its id as long as it is stored.
   *
   * @throws {RevisionNotFound} also for a short id that several commits share.
   */
  async resolve(access: RepoAccess, revision: string): Promise<Revision> {
    const lowerCase = revision.toLowerCase();
    const found = isOid(lowerCase)
      ? await this.byCommitId(access, lowerCase)
      : ((await this.byRefName(access, revision)) ?? (await this.byShortId(access, lowerCase)));
    if (!found) throw new RevisionNotFound(revision);
    return found;
  }

  private async byCommitId({ storeId }: RepoAccess, commitOid: Oid): Promise<Revision | null> {
    return (await rootOfCommit(this.deps, storeId, commitOid)) && { commitOid, refName: null };
  }

  private async byRefName({ storeId, headOid }: RepoAccess, revision: string): Promise<Revision | null> {
    const refNames = candidateRefs(revision).filter(isValidRefName);
    // The head of `main` came with the repository: every commit writes both in one transaction.
    if (refNames[0] === MAIN_REF && headOid !== null) return { commitOid: headOid, refName: MAIN_REF };
    // Asked for in one turn, so they cost one statement, shared with all other requests of that turn.
    const found = await Promise.all(
      refNames.map((refName) => this.deps.refLoader.load({ storeId, refName })),
    );
    for (const [index, ref] of found.entries()) {
      const commitOid = ref && (await this.commitOf(storeId, ref));
      if (commitOid) return { commitOid, refName: refNames[index]! };
    }
    return null;
  }

  private async byShortId({ storeId }: RepoAccess, prefix: string): Promise<Revision | null> {
    if (!SHORT_ID.test(prefix)) return null;
    const [commitOid, another] = await findCommitsByPrefix(this.deps.sql, storeId, { prefix, limit: 2 });
    return commitOid && !another ? { commitOid, refName: null } : null;
  }

  private async commitOf(storeId: number, { oid, treeOid }: FoundRef): Promise<Oid | null> {
    if (treeOid === null) return this.peel(storeId, oid);
    this.deps.versionCaches.roots.set(`${storeId}:${oid}`, treeOid);
    return oid;
  }

  /** The commit behind an annotated tag, or null when the tag names a tree or a blob. */
  private async peel(storeId: number, tagOid: Oid): Promise<Oid | null> {
    const { peeledTags } = this.deps.versionCaches;
    const key = `${storeId}:${tagOid}`;
    const known = peeledTags.get(key);
    if (known !== undefined) return known;
    const commitOid = await this.followTag(storeId, tagOid);
    if (commitOid !== null) peeledTags.set(key, commitOid);
    return commitOid;
  }

  private async followTag(storeId: number, tagOid: Oid): Promise<Oid | null> {
    let oid = tagOid;
    for (let depth = 0; depth < MAX_TAG_DEPTH; depth++) {
      const bytes = await readTagObject(this.deps.sql, storeId, oid);
      if (bytes === null) return null;
      const tag = parseTag(bytes);
      if (tag.type === 'commit') return tag.object;
      if (tag.type !== 'tag') return null;
      oid = tag.object;
    }
    return null;
  }
}

/** Full names of the refs that a revision may mean, best first. */
function candidateRefs(revision: string): readonly string[] {
  if (revision === 'HEAD') return [MAIN_REF];
  return revision.startsWith('refs/') ? [revision] : [`refs/heads/${revision}`, `refs/tags/${revision}`];
}
