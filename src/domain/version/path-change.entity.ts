import { defineEntity, p } from '@mikro-orm/core';

const PathChangeSchema = defineEntity({
  name: 'PathChange',
  tableName: 'path_change',
  // For the end of a commit. Rows of one commit have one key, which PostgreSQL stores once.
  indexes: [{ properties: ['commitOid'] }],
  properties: {
    storeId: p.bigint('number').primary(),
    /** Directory without a trailing slash; empty for the root. */
    dir: p.text().collation('C').primary(),
    name: p.text().collation('C').primary(),
    generation: p.integer().primary(),
    commitOid: p.blob().primary(),
  },
});

/** One row per path that a commit changed and per directory above it: answers "last commit of this entry". */
export class PathChange extends PathChangeSchema.class {}
PathChangeSchema.setClass(PathChange);
