import { defineEntity, p } from '@mikro-orm/core';

/** `deleting` lasts from the collector's decision until the bytes are gone. */
export const LFS_STATES = ['present', 'deleting', 'gone'] as const;
export type LfsState = (typeof LFS_STATES)[number];

const LfsObjectSchema = defineEntity({
  name: 'LfsObject',
  tableName: 'lfs_object',
  checks: [
    { name: 'lfs_object_sha256_check', expression: 'length(sha256) = 32' },
    {
      name: 'lfs_object_xet_file_check',
      expression: `xet_file_id is null or (state = 'present' and storage_key is not null)`,
    },
  ],
  indexes: [
    {
      // What `findPlainBlob` looks for: almost nothing, most of the time.
      name: 'lfs_object_plain_index',
      properties: ['createdAt'],
      where: `state = 'present' and storage_key is not null and xet_file_id is null and size_bytes > 0`,
    },
  ],
  properties: {
    sha256: p.blob().primary(),
    sizeBytes: p.bigint('number'),
    /** Where the bytes lie as one blob; null when they are kept only as chunks in xorbs, as Xet files of this content say. */
    storageKey: p.text().nullable().unique(),
    /** The `XetFile` that presents the blob to Xet clients. Null until the hub has cut it into chunks. */
    xetFileId: p.bigint('number').nullable().unique(),
    state: p.enum(LFS_STATES).default('present'),
    /** The collector leaves the object alone until then. */
    leaseUntil: p.datetime(),
    /** Raised by every commit that links the object, so that commit and collector meet on this row. */
    touch: p.bigint('number').default(0),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Verified content: the hub itself hashed these bytes before the row was written. One blob for all repositories, but see `LfsCopy`. */
export class LfsObject extends LfsObjectSchema.class {}
LfsObjectSchema.setClass(LfsObject);
