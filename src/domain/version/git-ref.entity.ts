import { defineEntity, p } from '@mikro-orm/core';

const GitRefSchema = defineEntity({
  name: 'GitRef',
  tableName: 'git_ref',
  checks: [
    { name: 'git_ref_oid_check', expression: `length(oid) = 20 and oid <> decode(repeat('00', 20), 'hex')` },
  ],
  properties: {
    storeId: p.bigint('number').primary(),
    /** Full name, such as `refs/heads/main`; compared byte by byte. */
    name: p.text().collation('C').primary(),
    oid: p.blob(),
    version: p.bigint('number').default(1),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** A ref. It changes only by compare-and-swap on `oid`. */
export class GitRef extends GitRefSchema.class {}
GitRefSchema.setClass(GitRef);
