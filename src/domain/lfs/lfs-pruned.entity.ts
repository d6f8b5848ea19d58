import { defineEntity, p } from '@mikro-orm/core';
import { Repo } from '../repo/repo.entity.ts';

const LfsPrunedSchema = defineEntity({
  name: 'LfsPruned',
  tableName: 'lfs_pruned',
  checks: [{ name: 'lfs_pruned_sha256_check', expression: 'length(sha256) = 32' }],
  properties: {
    repo: () => p.manyToOne(Repo).ref().primary().deleteRule('cascade'),
    sha256: p.blob().primary(),
    prunedAt: p.datetime().defaultRaw('now()'),
  },
});

/** The repository's history names this object and was not to keep it: older than the versions that its settings keep. */
export class LfsPruned extends LfsPrunedSchema.class {}
LfsPrunedSchema.setClass(LfsPruned);
