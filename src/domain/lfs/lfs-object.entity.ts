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
      name: 'lfs_object_place_check',
      expression: `state <> 'present' or storage_key is not null or xet_hash is not null`,
    },
  ],
  indexes: [
    {
      // What `findPlainBlob` looks for: almost nothing, most of the time.
      name: 'lfs_object_plain_index',
      properties: ['createdAt'],
      where: `state = 'present' and storage_key is not null and xet_hash is null and size_bytes > 0`,
    },
  ],
  properties: {
    sha256: p.blob().primary(),
    sizeBytes: p.bigint('number'),
    /** Where the bytes lie as one blob; null when they are kept as chunks in xorbs. */
    storageKey: p.text().nullable().unique(),
    /** The Xet file that clients are told of: how the bytes are kept when there is no blob, else a second way to read it. */
    xetHash: p.blob().nullable(),
    state: p.enum(LFS_STATES).default('present'),
    /** The collector leaves the object alone until then. */
    leaseUntil: p.datetime(),
    /** Raised by every commit that links the object, so that commit and collector meet on this row. */
    touch: p.bigint('number').default(0),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Verified content: the hub itself hashed these bytes before the row was written. One copy for all repositories. */
export class LfsObject extends LfsObjectSchema.class {}
LfsObjectSchema.setClass(LfsObject);
