import { BadRequest } from '../../src/domain/errors.ts';

/** The row id in a global id. @throws {BadRequest} for what no node of the hub has. */
export function parseNodeId(id: string): number {
  if (!/^\d{1,15}$/.test(id)) throw new BadRequest('id: this is no id of this hub.');
  return Number(id);
}
