import { defineEntity, p } from '@mikro-orm/core';
import { LfsObject } from './lfs-object.entity.ts';

const LfsCopySchema = defineEntity({
  name: 'LfsCopy',
  tableName: 'lfs_copy',
  properties: {
    storageKey: p.text().primary(),
    object: () =>
      p
        .manyToOne(LfsObject)
        .ref()
        .joinColumn('sha256')
        .referencedColumnNames('sha256')
        .deleteRule('restrict')
        .index(),
  },
});

/** The bytes of an object once more, as somebody brought them who could not see that they were here. Stays while a link holds it. */
export class LfsCopy extends LfsCopySchema.class {}
LfsCopySchema.setClass(LfsCopy);
