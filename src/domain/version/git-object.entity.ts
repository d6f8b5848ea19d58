import { defineEntity, p } from '@mikro-orm/core';
import { GitSegment } from './git-segment.entity.ts';

const GitObjectSchema = defineEntity({
  name: 'GitObject',
  tableName: 'git_object',
  checks: [{ name: 'git_object_oid_check', expression: 'length(oid) = 20' }],
  indexes: [
    {
      // Whether another pointer names the same object.
      name: 'git_object_pointer_index',
      properties: ['storeId', 'lfsSha256'],
      where: 'lfs_sha256 is not null',
    },
  ],
  properties: {
    storeId: p.bigint('number').primary(),
    oid: p.blob().primary(),
    /** 1 commit, 2 tree, 3 blob, 4 tag, as in a pack. */
    type: p.smallint(),
    sizeBytes: p.bigint('number'),
    /**
     * No foreign key: it looked at the segment once for each row, a third of the time that the rows of a push take. Who writes rows
     * writes their segment in the same transaction, segments in which objects lie are never removed, and `hub fsck` looks at both.
     */
    segment: () => p.manyToOne(GitSegment).ref().createForeignKeyConstraint(false).index(),
    /** Where the entry lies in the segment's pack. */
    packOffset: p.bigint('number'),
    packedBytes: p.bigint('number'),
    /** Raw content of commits, trees and tags, and of blobs up to 1 KiB (so of every LFS pointer). */
    data: p.blob().nullable().lazy(),
    /**
     * SHA-256 of a blob's content: tells a SHA-1 collision from the same content. Null for blobs above 1 KiB that came by Git, which refuses
     * such collisions itself.
     */
    sha256: p.blob().nullable(),
    /** What an LFS pointer points to. */
    lfsSha256: p.blob().nullable(),
    lfsSizeBytes: p.bigint('number').nullable(),
  },
});

/** One Git object of one store. Partitioned by store in the migration. */
export class GitObject extends GitObjectSchema.class {}
GitObjectSchema.setClass(GitObject);
