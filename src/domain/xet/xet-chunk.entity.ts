import { defineEntity, p } from '@mikro-orm/core';
import { XetXorb } from './xet-xorb.entity.ts';

const XetChunkSchema = defineEntity({
  name: 'XetChunk',
  tableName: 'xet_chunk',
  properties: {
    /** Raw bytes of a chunk's hash. */
    hash: p.blob().primary(),
    xorb: () =>
      p
        .manyToOne(XetXorb)
        .ref()
        .primary()
        .joinColumn('xorb_id')
        .referencedColumnNames('id')
        .deleteRule('cascade')
        .index(),
  },
});

/** Chunks that clients ask for before they upload: the first of each file, and those whose hash is a multiple of 1024. */
export class XetChunk extends XetChunkSchema.class {}
XetChunkSchema.setClass(XetChunk);
