import { defineEntity, p } from '@mikro-orm/core';
import { Repo } from '../repo/repo.entity.ts';
import { XetFile } from '../xet/xet-file.entity.ts';
import { LfsCopy } from './lfs-copy.entity.ts';
import { LfsObject } from './lfs-object.entity.ts';

const LfsLinkSchema = defineEntity({
  name: 'LfsLink',
  tableName: 'lfs_link',
  checks: [{ name: 'lfs_link_copy_check', expression: 'copy_key is null or xet_file_id is null' }],
  indexes: [
    {
      // What `findUnpresentedBlob` looks for: almost nothing, most of the time.
      name: 'lfs_link_unpresented_index',
      properties: ['createdAt'],
      where: 'xet_file_id is null and not is_presented',
    },
  ],
  properties: {
    repo: () => p.manyToOne(Repo).ref().primary().deleteRule('cascade'),
    object: () =>
      p
        .manyToOne(LfsObject)
        .ref()
        .primary()
        .joinColumn('sha256')
        .referencedColumnNames('sha256')
        .deleteRule('restrict')
        .index(),
    /** As which Xet file the repository holds the content; null when it holds the blob. Other repositories may hold it otherwise. */
    xetFile: () => p.manyToOne(XetFile).ref().nullable().deleteRule('restrict').index(),
    /** Where the repository holds the blob, if it has other bytes than the rest: see `docs/decisions/0012-copies-of-blobs.md`. */
    copy: () =>
      p
        .manyToOne(LfsCopy)
        .ref()
        .nullable()
        .joinColumn('copy_key')
        .referencedColumnNames('storage_key')
        .deleteRule('restrict')
        .index(),
    /**
     * The blob was cut into chunks since it was brought here, or to where it was copied from: Xet clients are told of its Xet file. Had that
     * been done for others before, they are not told sooner.
     */
    isPresented: p.boolean().default(false),
    /** Null until a commit names the object: the bytes were uploaded here, and may be committed here. */
    committedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** This repository holds this object: somebody with the right to do so brought the bytes. */
export class LfsLink extends LfsLinkSchema.class {}
LfsLinkSchema.setClass(LfsLink);
