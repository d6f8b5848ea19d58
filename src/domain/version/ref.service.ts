import { hashObject } from '../../git/object.ts';
import type { Oid } from '../../git/oid.ts';
import { oidFromBytes } from '../../git/oid.ts';
import { parseBranchName, parseTagName } from '../../git/ref-name.ts';
import { encodeTag } from '../../git/tag.ts';
import { formatMessage } from '../../git/commit.ts';
import { type Actor, requireWriter, type UserActor } from '../actor.ts';
import type { Deps } from '../deps.ts';
import { BadRequest, RefExists, RevisionNotFound } from '../errors.ts';
import type { RepoAccess } from '../repo/repo-access.ts';
import type { RepoAccessService } from '../repo/repo-access.service.ts';
import type { RepoRef } from '../repo/repo-ref.ts';
import { Service } from '../service.ts';
import { keptWhole, segmentOf } from './commit-plan.ts';
import { MAIN_REF } from './ref-names.ts';
import { insertSegment } from './object.queries.ts';
import { peelTag } from './peel-tag.ts';
import { decodeRefCursor, encodeRefCursor, invalidCursor } from './read-cursor.ts';
import {
  findRefPages,
  listRefs,
  lockRef,
  readRef,
  refusePrefixConflict,
  type RefRow,
  swapRef,
} from './ref.queries.ts';
import { findMissingObjects } from './store-hold.queries.ts';
import type { RevisionService } from './revision.service.ts';
import type { Page, RefInfo } from './values.ts';

export interface RefList {
  readonly branches: readonly RefInfo[];
  readonly tags: readonly RefInfo[];
  /** `refs/convert/*`: branches that a conversion wrote. */
  readonly converts: readonly RefInfo[];
  readonly pullRequests: readonly RefInfo[];
}

/** What is to be tagged, and the message that makes the tag an annotated one. */
export interface NewTag {
  readonly name: string;
  readonly revision: string;
  readonly message: string | null;
}

export const REF_KINDS = [
  'branches',
  'tags',
  'converts',
  'pullRequests',
] as const satisfies (keyof RefList)[];
export type RefKind = (typeof REF_KINDS)[number];

export interface RefsQuery {
  readonly kind: RefKind;
  /** 1 to 1000. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

/** A ref with the repository in which it was made. */
export interface RefOfRepo extends RefInfo {
  readonly repo: RepoAccess;
}

const MAX_PAGE = 1000;
const MAX_MESSAGE_CHARS = 100_000;

interface NewRef {
  readonly refName: string;
  /** What the ref holds: the commit, or the object of an annotated tag. */
  readonly oid: Oid;
  readonly commitOid: Oid;
  readonly tagObject?: Buffer;
}

/** Branches and tags. */
export class RefService extends Service {
  readonly #access: RepoAccessService;
  readonly #revisions: RevisionService;

  constructor(deps: Deps, services: { access: RepoAccessService; revisions: RevisionService }) {
    super(deps);
    this.#access = services.access;
    this.#revisions = services.revisions;
  }

  /** All refs by kind, sorted by name; annotated tags name the commit they tag. */
  async list(actor: Actor, ref: RepoRef): Promise<RefList> {
    const access = await this.#access.require(actor, ref, 'read');
    const rows = await listRefs(this.deps.sql, access.storeId);
    const list = {
      branches: [] as RefInfo[],
      tags: [] as RefInfo[],
      converts: [] as RefInfo[],
      pullRequests: [] as RefInfo[],
    };
    for (const row of rows) {
      const kind = kindOf(row.name);
      if (kind) list[kind].push(await this.refInfo(access, row));
    }
    return list;
  }

  /** A page of the refs of one kind, in byte order of their names. @throws {BadRequest} for a cursor of another list. */
  async page(actor: Actor, ref: RepoRef, query: RefsQuery): Promise<Page<RefInfo>> {
    const access = await this.#access.require(actor, ref, 'read');
    const [page] = await this.pageOfEach([access], query);
    return page!;
  }

  /**
   * The same of many, in their order. One statement, and one for each tag of a tag.
   * @param repos come from a service that checked the caller's rights. @throws {BadRequest} as `page`.
   */
  async pageOfEach(
    repos: readonly RepoAccess[],
    { kind, limit, cursor }: RefsQuery,
  ): Promise<readonly Page<RefInfo>[]> {
    const prefix = prefixOf(kind);
    const after = cursor ? decodeRefCursor(cursor) : prefix;
    if (!after.startsWith(prefix)) throw invalidCursor();
    const pageSize = Math.min(Math.max(limit, 1), MAX_PAGE);
    const storeIds = repos.map(({ storeId }) => storeId);
    const found = await findRefPages(this.deps.sql, storeIds, { prefix, after, limit: pageSize + 1 });
    return Promise.all(
      found.map(async (rows, index) => {
        const page = rows.slice(0, pageSize);
        return {
          items: await Promise.all(page.map((row) => this.refInfo(repos[index]!, row))),
          nextCursor: rows.length > pageSize ? encodeRefCursor(page.at(-1)!.name) : null,
        };
      }),
    );
  }

  /**
   * @param startingPoint a revision; null is the head of `main`.
   * @throws {RefExists} @throws {RevisionNotFound} for the starting point. @throws {BadRequest} for the name.
   */
  async createBranch(
    actor: Actor,
    ref: RepoRef,
    branch: string,
    startingPoint: string | null,
  ): Promise<RefOfRepo> {
    const { access, user } = await this.permit(actor, ref);
    const refName = parseBranchName(branch);
    const { commitOid } = await this.#revisions.resolve(access, startingPoint ?? 'main');
    return this.create(access, user, { refName, oid: commitOid, commitOid });
  }

  /** @throws {BadRequest} for the default branch. @throws {RevisionNotFound} when there is no such branch. */
  async deleteBranch(actor: Actor, ref: RepoRef, branch: string): Promise<void> {
    const { access, user } = await this.permit(actor, ref);
    const refName = deletableName(branch, parseBranchName);
    if (refName === MAIN_REF) throw new BadRequest(`Cannot delete ${MAIN_REF}: it is the default branch.`);
    await this.remove(access, user, refName);
  }

  /** @throws {RefExists} @throws {RevisionNotFound} @throws {BadRequest} for the name. */
  async createTag(actor: Actor, ref: RepoRef, tag: NewTag): Promise<RefOfRepo> {
    const { access, user } = await this.permit(actor, ref);
    const refName = parseTagName(tag.name);
    const { commitOid } = await this.#revisions.resolve(access, tag.revision);
    const message = tag.message?.trim() ?? '';
    if (message.length > MAX_MESSAGE_CHARS) {
      throw new BadRequest(`The message is longer than ${MAX_MESSAGE_CHARS} characters.`);
    }
    if (message === '') return this.create(access, user, { refName, oid: commitOid, commitOid });
    const host = new URL(this.deps.config.baseUrl).hostname;
    const bytes = encodeTag({
      object: commitOid,
      type: 'commit',
      name: tag.name,
      tagger: { name: user.name, email: `${user.name}@users.noreply.${host}`, at: new Date(), tzMinutes: 0 },
      message: formatMessage(message),
    });
    return this.create(access, user, {
      refName,
      oid: hashObject('tag', bytes),
      commitOid,
      tagObject: bytes,
    });
  }

  /** @throws {RevisionNotFound} when there is no such tag. */
  async deleteTag(actor: Actor, ref: RepoRef, tag: string): Promise<void> {
    const { access, user } = await this.permit(actor, ref);
    await this.remove(access, user, deletableName(tag, parseTagName));
  }

  private async permit(actor: Actor, ref: RepoRef): Promise<{ access: RepoAccess; user: UserActor }> {
    const access = await this.#access.require(actor, ref, 'write');
    return { access, user: requireWriter(actor) };
  }

  private async create(
    access: RepoAccess,
    user: UserActor,
    { refName, oid, commitOid, tagObject }: NewRef,
  ): Promise<RefOfRepo> {
    const { storeId } = access;
    await this.deps.sql.transaction(async (tx) => {
      // One creation at a time in a store: only so can the check for prefixes be right.
      await lockRef(tx, storeId, 'refs');
      // It was found before the lock, or remembered; a commit that no ref reaches may be collected at any time.
      if ((await findMissingObjects(tx, storeId, [commitOid])).length > 0)
        throw new RevisionNotFound(commitOid);
      await refusePrefixConflict(tx, storeId, refName);
      if (tagObject) await insertSegment(tx, storeId, segmentOf([keptWhole(oid, 'tag', tagObject)]));
      const update = { storeId, refName, oldOid: null, newOid: oid, userId: user.id, via: 'api' as const };
      if (!(await swapRef(tx, update))) throw new RefExists(refName);
    });
    return { repo: access, name: shortName(refName), refName, commitOid };
  }

  private async refInfo({ storeId }: RepoAccess, { name: refName, oid, tag }: RefRow): Promise<RefInfo> {
    const commitOid = tag ? await peelTag(this.deps.sql, storeId, tag) : oidFromBytes(oid);
    return { name: shortName(refName), refName, commitOid };
  }

  private async remove(access: RepoAccess, user: UserActor, refName: string): Promise<void> {
    const { storeId } = access;
    await this.deps.sql.transaction(async (tx) => {
      await lockRef(tx, storeId, refName);
      const oldOid = await readRef(tx, storeId, refName);
      if (oldOid === null) throw new RevisionNotFound(shortName(refName));
      const update = { storeId, refName, oldOid, newOid: null, userId: user.id, via: 'api' as const };
      if (!(await swapRef(tx, update))) throw new RevisionNotFound(shortName(refName));
    });
  }
}

const KINDS = [
  ['refs/heads/', 'branches'],
  ['refs/tags/', 'tags'],
  ['refs/convert/', 'converts'],
  ['refs/pr/', 'pullRequests'],
] as const;

function kindOf(refName: string): keyof RefList | null {
  return KINDS.find(([prefix]) => refName.startsWith(prefix))?.[1] ?? null;
}

function prefixOf(kind: RefKind): string {
  return KINDS.find(([, name]) => name === kind)![0];
}

function shortName(refName: string): string {
  const prefix = KINDS.find(([start]) => refName.startsWith(start))?.[0] ?? '';
  return refName.slice(prefix.length);
}

/** A name that breaks the rules cannot exist, so deleting it is the same as deleting a missing one. */
function deletableName(name: string, parse: (name: string) => string): string {
  try {
    return parse(name);
  } catch (error) {
    if (error instanceof BadRequest) throw new RevisionNotFound(name);
    throw error;
  }
}
