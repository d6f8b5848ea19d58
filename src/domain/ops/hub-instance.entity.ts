import { defineEntity, p } from '@mikro-orm/core';

const HubInstanceSchema = defineEntity({
  name: 'HubInstance',
  tableName: 'hub_instance',
  checks: [{ name: 'hub_instance_one_row_check', expression: 'is_only' }],
  properties: {
    isOnly: p.boolean().primary().default(true),
    /** Part of the Xet address: clients keep what they know of chunks by address, and a hub made anew holds none of them. */
    id: p.uuid().defaultRaw('gen_random_uuid()'),
  },
});

/** The one row that tells this hub's data from any other's. */
export class HubInstance extends HubInstanceSchema.class {}
HubInstanceSchema.setClass(HubInstance);
