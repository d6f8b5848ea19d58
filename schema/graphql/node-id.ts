import { BadRequest } from '../../src/domain/errors.ts';

/** The row id in a global id. @throws {BadRequest} for what no node of the hub has. */
export function parseNodeId(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new BadRequest('id: this is no id of this hub.');
  return Number(id);
}

/** The row id in the global id of a node of this type. @throws {BadRequest} for any other text. */
export function parseIdOf(typeName: string, id: string): number {
  const [, type, row] = /^(\w+):(\d{1,15})$/.exec(Buffer.from(id, 'base64').toString('latin1')) ?? [];
  if (type !== typeName) throw new BadRequest(`id: this is no id of the type ${typeName}.`);
  return Number(row);
}

/** What a list of the caller's has under these ids, in their order; null for what it does not have. */
export function pickById<Item extends { readonly id: number }>(
  ids: readonly number[],
  items: readonly Item[],
): readonly (Item | null)[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  return ids.map((id) => byId.get(id) ?? null);
}
