import type { Actor } from '../actor.ts';
import { NotFound } from '../errors.ts';
import { notACursor } from '../id-page.ts';
import { isPossibleName } from '../repo/repo-ref.ts';
import type { RepoType } from '../repo/repo.entity.ts';
import { countReposOf } from '../repo/repo-list.queries.ts';
import { pagesOf, type RowOfList } from '../nested-page.ts';
import { Service } from '../service.ts';
import type { Page } from '../version/values.ts';
import { nameKey, orgNotFound } from './org-lock.ts';
import {
  findOrg,
  findOrgFacts,
  findUserId,
  listMembers,
  listOrgsOf,
  type NamePage,
  type OrgFacts,
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
    const [repoCounts] = await countReposOf(this.deps.sql, [profile.id], userId);
    return { ...profile, repoCounts: repoCounts! };
  }

  /** What only organisations tell of themselves, in the order of the ids; null for those that are gone. One statement. */
  async factsOf(orgIds: readonly number[]): Promise<readonly (OrgFacts | null)[]> {
    const facts = await findOrgFacts(this.deps.sql, [...new Set(orgIds)]);
    const byId = new Map(facts.map((each) => [each.id, each]));
    return orgIds.map((id) => byId.get(id) ?? null);
  }

  /** Members and their roles, by name. @throws {NotFound} @throws {BadRequest} a cursor of another list. */
  async members(orgName: string, query: NamePageQuery): Promise<Page<OrgMember>> {
    const { id } = await this.profile(orgName);
    const [page] = await this.membersOf([id], query);
    return page!;
  }

  /** The same of many organisations by id, in their order. One statement. @throws {BadRequest} */
  async membersOf(orgIds: readonly number[], query: NamePageQuery): Promise<readonly Page<OrgMember>[]> {
    return paged(orgIds, query, (page) => listMembers(this.deps.sql, orgIds, page));
  }

  /** Organisations of a user and what he is in them, by name. @throws {NotFound} @throws {BadRequest} */
  async orgsOf(username: string, query: NamePageQuery): Promise<Page<OrgOfUser>> {
    const id = await findUserId(this.deps.sql, nameKey(username));
    if (id === null) throw new NotFound(`There is no user "${username.slice(0, 100)}".`);
    const [page] = await this.orgsOfEach([id], query);
    return page!;
  }

  /** The same of many users by id, in their order. One statement. @throws {BadRequest} */
  async orgsOfEach(userIds: readonly number[], query: NamePageQuery): Promise<readonly Page<OrgOfUser>[]> {
    return paged(userIds, query, (page) => listOrgsOf(this.deps.sql, userIds, page));
  }
}

/** One row more than the page shows tells whether there is another page. */
async function paged<Row extends RowOfList & { readonly normalizedName: string }>(
  listIds: readonly number[],
  { limit, cursor = '' }: NamePageQuery,
  read: (page: NamePage) => Promise<readonly Row[]>,
): Promise<readonly Page<Row>[]> {
  if (cursor && !isPossibleName(cursor)) throw notACursor();
  const size = Math.min(limit, MAX_NAME_PAGE);
  const rows = await read({ after: cursor, limit: size + 1 });
  return pagesOf(listIds, rows, { limit: size, cursorOf: ({ normalizedName }) => normalizedName });
}
