import type { SqlExecutor } from '../../db/sql.ts';
import { normalizeName } from '../names.ts';
import type { RepoAccess } from './repo-access.ts';
import { REPO_COLUMNS, type RepoRow, toRepoAccess } from './repo.queries.ts';
import { REPO_TYPES, type RepoType } from './repo.entity.ts';

/** Always newest, or most, first. */
export const REPO_SORTS = ['lastModified', 'createdAt', 'trendingScore', 'downloads', 'likes'] as const;
export type RepoSort = (typeof REPO_SORTS)[number];

/** Column of a sort, its value as text that loses nothing, and that text as a value of the column. */
const SORT_COLUMNS: Readonly<Record<RepoSort, { column: string; toText: string; fromText: string }>> = {
  lastModified: timestamp('r.last_modified_at'),
  createdAt: timestamp('r.created_at'),
  trendingScore: { column: 'r.trending_score', toText: 'r.trending_score', fromText: 'float8' },
  downloads: { column: 'r.downloads', toText: 'r.downloads', fromText: 'bigint' },
  likes: { column: 'r.likes_count', toText: 'r.likes_count', fromText: 'bigint' },
};

/** Microseconds since 1970: a Date would lose the last three digits. */
function timestamp(column: string) {
  return { column, toText: `(extract(epoch from ${column}) * 1000000)::bigint`, fromText: 'microseconds' };
}

/** A place in a sorted list: after this repository. */
export interface RepoPosition {
  /** The sort value as text: a number. */
  readonly value: string;
  readonly id: number;
}

/** All conditions hold together. */
export interface RepoFilter {
  readonly type: RepoType;
  /** Who is looking; null is anonymous. Private repositories are listed only for their own people. */
  readonly userId: number | null;
  readonly author?: string | undefined;
  /** Parts of `namespace/name`, in any case of letters. */
  readonly search: readonly string[];
  readonly tags: readonly string[];
  readonly pipelineTag?: string | undefined;
  readonly isGated?: boolean | undefined;
  /** How many parameters the weights have; models that the hub has not counted are in no range. */
  readonly parameters?: ParameterRange | undefined;
  /** Models that the card of a space names; all of them. */
  readonly linkedModels?: readonly string[] | undefined;
  readonly linkedDatasets?: readonly string[] | undefined;
  /** Only spaces whose card names a model or a dataset. */
  readonly isLinked?: boolean | undefined;
}

/** Both ends included; null is open. */
export interface ParameterRange {
  readonly min: number | null;
  readonly max: number | null;
}

export interface ListedRepo {
  readonly repo: RepoAccess;
  readonly position: RepoPosition;
}

/** Repositories after a position, at most `limit`, by sort value and id, in one statement. */
export async function listRepos(
  sql: SqlExecutor,
  filter: RepoFilter,
  page: { readonly sort: RepoSort; readonly after: RepoPosition | null; readonly limit: number },
): Promise<readonly ListedRepo[]> {
  const { column, toText } = SORT_COLUMNS[page.sort];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const user = `${bind(filter.userId)}::bigint`;
  const conditions = [...filterConditions(filter, bind), ...positionConditions(page, bind)];
  const rows = await sql.query<RepoRow & { sort_value: string }>({
    text: `
      select ${REPO_COLUMNS}, ${toText}::text as sort_value,
        case when r.owner_id = ${user} then 'owner' else coalesce(m.role, 'none') end as role
      from repo r
      join account a on a.id = r.owner_id
      join git_store s on s.repo_id = r.id
      left join membership m on m.org_id = r.owner_id and m.user_id = ${user}
      where (not r.is_private or r.owner_id = ${user} or m.id is not null) and ${conditions.join(' and ')}
      order by ${column} desc, r.id desc
      limit ${bind(page.limit)}`,
    values,
  });
  return rows.map((row) => ({ repo: toRepoAccess(row), position: { value: row.sort_value, id: row.id } }));
}

/** What the lists of several namespaces are asked for: the same of each. */
export interface ReposOfEach {
  readonly ownerIds: readonly number[];
  readonly type: RepoType;
  readonly userId: number | null;
}

/** Likewise of each of these namespaces, in order within each, in one statement. */
export async function listReposOfEach(
  sql: SqlExecutor,
  { ownerIds, type, userId }: ReposOfEach,
  page: { readonly sort: RepoSort; readonly after: RepoPosition | null; readonly limit: number },
): Promise<readonly (ListedRepo & { readonly listId: number })[]> {
  const { column, toText } = SORT_COLUMNS[page.sort];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const user = `${bind(userId)}::bigint`;
  const conditions = [`r.type = ${bind(type)}`, ...positionConditions(page, bind)];
  const rows = await sql.query<RepoRow & { sort_value: string }>({
    text: `
      select p.*
      from unnest(${bind(ownerIds)}::bigint[]) as o (id), lateral (
        select ${REPO_COLUMNS}, ${toText}::text as sort_value, ${column} as sort_key,
          case when r.owner_id = ${user} then 'owner' else coalesce(m.role, 'none') end as role
        from repo r
        join account a on a.id = r.owner_id
        join git_store s on s.repo_id = r.id
        left join membership m on m.org_id = r.owner_id and m.user_id = ${user}
        where r.owner_id = o.id and (not r.is_private or r.owner_id = ${user} or m.id is not null)
          and ${conditions.join(' and ')}
        order by ${column} desc, r.id desc
        limit ${bind(page.limit)}
      ) p
      order by o.id, p.sort_key desc, p.id desc`,
    values,
  });
  return rows.map((row) => ({
    listId: row.owner_id,
    repo: toRepoAccess(row),
    position: { value: row.sort_value, id: row.id },
  }));
}

/** How many repositories of each type a namespace has. */
export type RepoCounts = Readonly<Record<RepoType, number>>;

/** What somebody (null: anonymous) sees in each of these namespaces, in their order. One statement. */
export async function countReposOf(
  sql: SqlExecutor,
  ownerIds: readonly number[],
  userId: number | null,
): Promise<readonly RepoCounts[]> {
  const rows = await sql.query<{ owner_id: number; type: RepoType; count: number }>({
    name: 'count-repos-of',
    text: `
      select r.owner_id, r.type, count(*) as count
      from repo r left join membership m on m.org_id = r.owner_id and m.user_id = $2
      where r.owner_id = any($1) and (not r.is_private or r.owner_id = $2 or m.id is not null)
      group by r.owner_id, r.type`,
    values: [ownerIds, userId],
  });
  const countOf = (owner: number, type: RepoType): number =>
    rows.find((row) => row.owner_id === owner && row.type === type)?.count ?? 0;
  return ownerIds.map(
    (owner) => Object.fromEntries(REPO_TYPES.map((type) => [type, countOf(owner, type)])) as RepoCounts,
  );
}

type Bind = (value: unknown) => string;

function filterConditions(filter: RepoFilter, bind: Bind): string[] {
  const conditions = [`r.type = ${bind(filter.type)}`];
  if (filter.author !== undefined)
    conditions.push(`a.normalized_name = ${bind(normalizeName(filter.author))}`);
  for (const text of filter.search)
    conditions.push(`position(${bind(text.toLowerCase())} in lower(a.name || '/' || r.name)) > 0`);
  if (filter.tags.length > 0) conditions.push(`r.tags @> ${bind(filter.tags)}::text[]`);
  if (filter.pipelineTag !== undefined) conditions.push(`r.pipeline_tag = ${bind(filter.pipelineTag)}`);
  if (filter.isGated !== undefined) conditions.push(`r.gated is ${filter.isGated ? 'not null' : 'null'}`);
  return [...conditions, ...parameterConditions(filter, bind), ...linkConditions(filter, bind)];
}

function parameterConditions({ parameters }: RepoFilter, bind: Bind): string[] {
  if (!parameters) return [];
  const { min, max } = parameters;
  const total = `(r.safetensors ->> 'total')::numeric`;
  return [
    `${total} is not null`,
    ...(min === null ? [] : [`${total} >= ${bind(min)}`]),
    ...(max === null ? [] : [`${total} <= ${bind(max)}`]),
  ];
}

/** Cards write one name as a text and several as a list; `?|` and `?&` look into both. */
function linkConditions({ linkedModels, linkedDatasets, isLinked }: RepoFilter, bind: Bind): string[] {
  const conditions: string[] = [];
  if (linkedModels?.length) conditions.push(`(r.card -> 'models')::jsonb ?& ${bind(linkedModels)}::text[]`);
  if (linkedDatasets?.length)
    conditions.push(`(r.card -> 'datasets')::jsonb ?& ${bind(linkedDatasets)}::text[]`);
  if (isLinked) conditions.push(`coalesce(r.card -> 'models', r.card -> 'datasets') is not null`);
  return conditions;
}

function positionConditions(
  { sort, after }: { readonly sort: RepoSort; readonly after: RepoPosition | null },
  bind: Bind,
): string[] {
  if (!after) return [];
  const { column, fromText } = SORT_COLUMNS[sort];
  const value =
    fromText === 'microseconds'
      ? `timestamptz 'epoch' + ${bind(after.value)}::bigint * interval '1 microsecond'`
      : `${bind(after.value)}::${fromText}`;
  return [`(${column}, r.id) < (${value}, ${bind(after.id)}::bigint)`];
}

/** Tags of public repositories, most used first. */
export async function countTags(
  sql: SqlExecutor,
  type: RepoType,
  limit: number,
): Promise<readonly { readonly tag: string; readonly repos: number }[]> {
  return sql.query({
    name: 'count-tags',
    text: `
      select tag, count(*) as repos from repo, unnest(tags) as tag
      where type = $1 and not is_private
      group by tag order by repos desc, tag limit $2`,
    values: [type, limit],
  });
}
