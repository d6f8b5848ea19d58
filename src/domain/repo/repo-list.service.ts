import type { Actor } from '../actor.ts';
import { findNameHolder } from '../account/account.queries.ts';
import { NotFound } from '../errors.ts';
import { pagesOf } from '../nested-page.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import type { RepoAccess } from './repo-access.ts';
import { decodeRepoCursor, encodeRepoCursor } from './repo-cursor.ts';
import {
  countReposOf,
  countTags,
  listRepos,
  listReposOfEach,
  type RepoCounts,
  type RepoFilter,
  type RepoSort,
} from './repo-list.queries.ts';
import { isPossibleName } from './repo-ref.ts';
import type { RepoType } from './repo.entity.ts';

/** What a list holds, its order and the page of it. */
export interface RepoListQuery extends Omit<RepoFilter, 'userId'> {
  readonly sort: RepoSort;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export const MAX_REPO_PAGE = 1000;
const MAX_TAGS_BY_TYPE = 10_000;

/** Tags that stand for something else begin with what it is, as in `license:mit`. */
export interface TagGroup {
  readonly type: string;
  readonly tags: readonly { readonly id: string; readonly label: string }[];
}

/** Lists repositories: what is public, and what belongs to the caller. */
export class RepoListService extends Service {
  /** @throws {BadRequest} for a cursor of another list. */
  async list(actor: Actor, query: RepoListQuery): Promise<Page<RepoAccess>> {
    const { sort, cursor } = query;
    const limit = Math.min(Math.max(query.limit, 1), MAX_REPO_PAGE);
    const after = cursor === undefined ? null : decodeRepoCursor(sort, cursor);
    const userId = actor.kind === 'user' ? actor.id : null;
    if (!isAnswerable(query)) return { items: [], nextCursor: null };
    const found = await listRepos(this.deps.sql, { ...query, userId }, { sort, after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const hasMore = found.length > limit;
    return {
      items: page.map(({ repo }) => repo),
      nextCursor: hasMore ? encodeRepoCursor(sort, page.at(-1)!.position) : null,
    };
  }

  /**
   * A page of somebody's repositories of one type; a former name leads to who had it.
   * @throws {NotFound} for a namespace that does not exist.
   */
  async listOf(
    actor: Actor,
    namespace: string,
    query: Pick<RepoListQuery, 'type' | 'sort' | 'limit' | 'cursor'>,
  ): Promise<Page<RepoAccess>> {
    const author = isPossibleName(namespace) ? await findNameHolder(this.deps.sql, namespace) : null;
    if (author === null) throw new NotFound(`There is no user or organization "${namespace.slice(0, 100)}".`);
    return this.list(actor, { ...query, author, search: [], tags: [] });
  }

  /**
   * The same of many namespaces by id, in their order, each page from the same place on. One statement.
   * @throws {BadRequest} for a cursor of another list.
   */
  async listOfEach(
    actor: Actor,
    ownerIds: readonly number[],
    query: Pick<RepoListQuery, 'type' | 'sort' | 'limit' | 'cursor'>,
  ): Promise<readonly Page<RepoAccess>[]> {
    const { type, sort, cursor } = query;
    const limit = Math.min(Math.max(query.limit, 1), MAX_REPO_PAGE);
    const after = cursor === undefined ? null : decodeRepoCursor(sort, cursor);
    const userId = actor.kind === 'user' ? actor.id : null;
    const page = { sort, after, limit: limit + 1 };
    const found = await listReposOfEach(this.deps.sql, { ownerIds, type, userId }, page);
    const pages = pagesOf(ownerIds, found, {
      limit,
      cursorOf: ({ position }) => encodeRepoCursor(sort, position),
    });
    return pages.map(({ items, nextCursor }) => ({ items: items.map(({ repo }) => repo), nextCursor }));
  }

  /** How many repositories the caller sees in each of these namespaces, by id, in their order. One statement. */
  async countsOf(actor: Actor, ownerIds: readonly number[]): Promise<readonly RepoCounts[]> {
    return countReposOf(this.deps.sql, ownerIds, actor.kind === 'user' ? actor.id : null);
  }

  /** The tags of public repositories by what they stand for; `other` holds the rest. Only the most used ones. */
  async tagsByType(type: RepoType): Promise<readonly TagGroup[]> {
    const groups = new Map<string, { id: string; label: string }[]>();
    for (const { tag } of await countTags(this.deps.sql, type, MAX_TAGS_BY_TYPE)) {
      const [, kind = 'other', label = tag] = /^([a-z_]{1,40}):(.+)$/.exec(tag) ?? [];
      const group = groups.get(kind) ?? [];
      group.push({ id: tag, label });
      groups.set(kind, group);
    }
    return [...groups].map(([kind, tags]) => ({ type: kind, tags }));
  }
}

/** No repository has a NUL in its name or tags, and the database takes none in a text. */
function isAnswerable({ author = '', search, tags, pipelineTag = '', ...query }: RepoListQuery): boolean {
  const { linkedModels = [], linkedDatasets = [] } = query;
  const texts = [author, pipelineTag, ...search, ...tags, ...linkedModels, ...linkedDatasets];
  return !texts.some((text) => text.includes('\0'));
}
