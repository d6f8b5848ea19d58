import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import type { Page } from '../../src/domain/version/values.ts';
import type { SchemaContext } from '../context.ts';
import type { PageQuery } from './connection.ts';

/** What a list belongs to. */
interface Parent {
  readonly id: number;
}

interface Wanted<Owner extends Parent, Query> {
  readonly owner: Owner;
  readonly query: Query;
}

/** A list that is nested in other lists. */
export type NestedList<Owner extends Parent, Query extends PageQuery, Item> = (
  owner: Owner,
  query: Query,
  context: SchemaContext,
) => Promise<Page<Item>>;

/**
 * Reads pages of a list that is nested in other lists: those that are asked for the same way are read together.
 * @param read answers in the order of the owners, each of which comes once; an error is that of one owner.
 */
export function nestedList<Owner extends Parent, Query extends PageQuery, Item>(
  read: (
    owners: readonly Owner[],
    query: Query,
    context: SchemaContext,
  ) => Promise<readonly (Page<Item> | Error)[]>,
): NestedList<Owner, Query, Item> {
  // Nothing is remembered: a mutation later in the operation must see what it changed.
  const loaders = createContextCache(
    (context: SchemaContext) =>
      new DataLoader<Wanted<Owner, Query>, Page<Item>>((wanted) => readAll(wanted, read, context), {
        cache: false,
      }),
  );
  return (owner, query, context) => loaders(context).load({ owner, query });
}

async function readAll<Owner extends Parent, Query, Item>(
  wanted: readonly Wanted<Owner, Query>[],
  read: (
    owners: readonly Owner[],
    query: Query,
    context: SchemaContext,
  ) => Promise<readonly (Page<Item> | Error)[]>,
  context: SchemaContext,
): Promise<readonly (Page<Item> | Error)[]> {
  const groups = Map.groupBy(wanted, ({ query }) => JSON.stringify(query));
  const pages = new Map<string, Map<number, Page<Item> | Error>>();
  await Promise.all(
    [...groups].map(async ([key, group]) => {
      const owners = [...new Map(group.map(({ owner }) => [owner.id, owner])).values()];
      const found = await read(owners, group[0]!.query, context);
      pages.set(key, new Map(owners.map(({ id }, index) => [id, found[index]!])));
    }),
  );
  return wanted.map(({ owner, query }) => pages.get(JSON.stringify(query))!.get(owner.id)!);
}
