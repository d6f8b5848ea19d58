import { defineEntity, p } from '@mikro-orm/core';
import { LfsObject } from '../lfs/lfs-object.entity.ts';

const XetXorbSchema = defineEntity({
  name: 'XetXorb',
  tableName: 'xet_xorb',
  checks: [
    { name: 'xet_xorb_id_check', expression: 'length(id) = 32' },
    { name: 'xet_xorb_hash_check', expression: 'length(hash) = 32' },
    { name: 'xet_xorb_place_check', expression: '(storage_key is null) <> (blob_sha256 is null)' },
  ],
  properties: {
    /** Follows from the hash and the serialized form: `xorb-id.ts`. */
    id: p.blob().primary(),
    /** Raw bytes of the Merkle root of its chunks. A xorb can be here in several forms. */
    hash: p.blob().index(),
    /** Where the xorb lies as it was uploaded; null for a virtual xorb. */
    storageKey: p.text().nullable().unique(),
    /** A virtual xorb is a part of an LFS object, given out as if it had been uploaded in uncompressed chunks. */
    blob: () =>
      p
        .manyToOne(LfsObject)
        .ref()
        .nullable()
        .joinColumn('blob_sha256')
        .referencedColumnNames('sha256')
        .deleteRule('restrict')
        .index(),
    /** Where a virtual xorb starts in its LFS object. */
    blobOffsetBytes: p.bigint('number').nullable(),
    /** Hash, length and end of every chunk: `src/xet/xorb-index.ts`. */
    chunkIndex: p.blob(),
    chunkCount: p.integer(),
    /** Without headers and compression. */
    rawBytes: p.integer(),
    /** As clients fetch it. */
    serializedBytes: p.integer(),
    /** Clients may name the xorb without asking again until then, so it stays even when no file needs it. */
    leaseUntil: p.datetime().index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Verified chunks under the hash of their hashes, as one sender compressed them, or as a part of one blob. One copy for all who sent the same bytes. */
export class XetXorb extends XetXorbSchema.class {}
XetXorbSchema.setClass(XetXorb);
