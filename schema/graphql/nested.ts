import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import type { Page } from '../../src/domain/version/values.ts';
import type { SchemaContext } from '../context.ts';
import type { PageQuery } from './connection.ts';

/** Reads many values together, in the order of their keys; an error is that of one key. */
type LoadMany<Key, Value> = (
  keys: readonly Key[],
  context: SchemaContext,
) => Promise<readonly (Value | Error)[]>;

/**
 * Joins what the entries of a list ask for at the same time into one call of a service. Nothing is remembered: a mutation later in
 * the operation sees what it changed.
 */
export function batched<Key, Value>(
  load: LoadMany<Key, Value>,
): (key: Key, context: SchemaContext) => Promise<Value> {
  const loaders = createContextCache(
    (context: SchemaContext) => new DataLoader<Key, Value>((keys) => load(keys, context), { cache: false }),
  );
  return (key, context) => loaders(context).load(key);
}

/** What a list belongs to. */
interface Parent {
  readonly id: number;
}

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
): (owner: Owner, query: Query, context: SchemaContext) => Promise<Page<Item>> {
  const load = batched<{ readonly owner: Owner; readonly query: Query }, Page<Item>>(
    async (wanted, context) => {
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
    },
  );
  return (owner, query, context) => load({ owner, query }, context);
}
