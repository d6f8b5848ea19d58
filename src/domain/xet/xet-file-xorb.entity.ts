import { defineEntity, p } from '@mikro-orm/core';
import { XetFile } from './xet-file.entity.ts';
import { XetXorb } from './xet-xorb.entity.ts';

const XetFileXorbSchema = defineEntity({
  name: 'XetFileXorb',
  tableName: 'xet_file_xorb',
  properties: {
    file: () => p.manyToOne(XetFile).ref().primary().deleteRule('cascade'),
    xorb: () =>
      p
        .manyToOne(XetXorb)
        .ref()
        .primary()
        .joinColumn('xorb_id')
        .referencedColumnNames('id')
        .deleteRule('restrict')
        .index(),
    /** Bytes of the serialized xorb that the file needs. */
    used: p.string().columnType('int4multirange'),
  },
});

/** The file needs the xorb: while this row is there, the xorb stays. */
export class XetFileXorb extends XetFileXorbSchema.class {}
XetFileXorbSchema.setClass(XetFileXorb);
