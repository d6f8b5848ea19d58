import { defineEntity, p } from '@mikro-orm/core';
import { LfsObject } from '../lfs/lfs-object.entity.ts';

const XetFileSchema = defineEntity({
  name: 'XetFile',
  tableName: 'xet_file',
  checks: [{ name: 'xet_file_hash_check', expression: 'length(hash) = 32' }],
  uniques: [{ properties: ['hash', 'termsSha256'] }],
  properties: {
    id: p.bigint('number').primary(),
    /** Raw bytes of Xet's hash of the file. Who packed the same chunks into other xorbs, or compressed them otherwise, has a file of his own. */
    hash: p.blob(),
    /** The content that the hub itself hashed. Clients that cut chunks differently give one content several Xet hashes. */
    object: () =>
      p
        .manyToOne(LfsObject)
        .ref()
        .joinColumn('sha256')
        .referencedColumnNames('sha256')
        .deleteRule('restrict')
        .index(),
    sizeBytes: p.bigint('number'),
    /** Which chunks of which xorbs make the file: `file-terms.ts`. */
    terms: p.blob(),
    termsSha256: p.blob(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** How a file is put together from xorbs. Lives as long as its content. */
export class XetFile extends XetFileSchema.class {}
XetFileSchema.setClass(XetFile);
