import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';

const LfsUploadSchema = defineEntity({
  name: 'LfsUpload',
  tableName: 'lfs_upload',
  properties: {
    id: p.uuid().primary(),
    repo: () => p.manyToOne(Repo).ref().deleteRule('cascade').index(),
    uploader: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    sha256: p.blob(),
    sizeBytes: p.bigint('number'),
    /** Where the bytes arrive; nobody can read them from there. */
    storageKey: p.text().unique(),
    /** The object store's own id of a multipart upload. */
    multipartId: p.text().nullable(),
    expiresAt: p.datetime().index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** An upload that was granted and is not verified yet. */
export class LfsUpload extends LfsUploadSchema.class {}
LfsUploadSchema.setClass(LfsUpload);
