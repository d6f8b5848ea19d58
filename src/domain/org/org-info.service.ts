import type { Actor } from '../actor.ts';
import { BadRequest, NotFound } from '../errors.ts';
import { isPossibleName } from '../repo/repo-ref.ts';
import { REPO_TYPES, type RepoType } from '../repo/repo.entity.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import { nameKey, orgNotFound } from './org-lock.ts';
import {
  countOrgRepos,
  findOrg,
  findUserId,
  listMembers,
  listOrgsOf,
  type NamePage,
  type OrgMember,
  type OrgOfUser,
  type OrgProfile,
} from './org.queries.ts';

/** An organisation as somebody sees it. */
export interface OrgInfo extends OrgProfile {
  /** Repositories that the caller may see. */
  readonly repoCounts: Readonly<Record<RepoType, number>>;
}

export interface NamePageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export const MAX_NAME_PAGE = 1000;

/** What everybody may know of organisations. A former name leads to the organisation that had it. */
export class OrgInfoService extends Service {
  /** @throws {NotFound} */
  async profile(orgName: string): Promise<OrgProfile> {
    const org = await findOrg(this.deps.sql, nameKey(orgName));
    if (!org) throw orgNotFound(orgName);
    return org;
  }

  /** With the number of repositories that the caller may see. @throws {NotFound} */
  async info(actor: Actor, orgName: string): Promise<OrgInfo> {
    const profile = await this.profile(orgName);
    const userId = actor.kind === 'user' ? actor.id : null;
    const counts = await countOrgRepos(this.deps.sql, profile.id, userId);
    const countOf = (type: RepoType): number => counts.find((row) => row.type === type)?.count ?? 0;
    const repoCounts = Object.fromEntries(REPO_TYPES.map((type) => [type, countOf(type)]));
    return { ...profile, repoCounts: repoCounts as Record<RepoType, number> };
  }

  /** Members and their roles, by name. @throws {NotFound} @throws {BadRequest} a cursor of another list. */
  async members(orgName: string, query: NamePageQuery): Promise<Page<OrgMember>> {
    const { id } = await this.profile(orgName);
    return paged(query, (page) => listMembers(this.deps.sql, id, page));
  }

  /** Organisations of a user and what he is in them, by name. @throws {NotFound} @throws {BadRequest} */
  async orgsOf(username: string, query: NamePageQuery): Promise<Page<OrgOfUser>> {
    const id = await findUserId(this.deps.sql, nameKey(username));
    if (id === null) throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    return paged(query, (page) => listOrgsOf(this.deps.sql, id, page));
  }
}

/** One row more than the page shows tells whether there is another page. */
async function paged<Row extends { readonly normalizedName: string }>(
  { limit, cursor = '' }: NamePageQuery,
  read: (page: NamePage) => Promise<readonly Row[]>,
): Promise<Page<Row>> {
  if (cursor && !isPossibleName(cursor)) throw new BadRequest('cursor: this is not a cursor of this list.');
  const size = Math.min(limit, MAX_NAME_PAGE);
  const rows = await read({ after: cursor, limit: size + 1 });
  const items = rows.slice(0, size);
  return { items, nextCursor: rows.length > size ? items.at(-1)!.normalizedName : null };
}
