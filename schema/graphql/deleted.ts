import { encodeGlobalID } from '@pothos/plugin-relay';
import { builder } from './builder.ts';

/** What a mutation that removes a node answers with: its global id, for the caches of clients. */
export const DeletedObject = builder.objectRef<{ readonly id: string }>('Deleted').implement({
  fields: (t) => ({ id: t.exposeID('id') }),
});

/** @param typeName of the node's type. */
export function deleted(typeName: string, id: number): { readonly id: string } {
  return { id: encodeGlobalID(typeName, id) };
}
