import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';
import { XetXorb } from './xet-xorb.entity.ts';

const XetRepoXorbSchema = defineEntity({
  name: 'XetRepoXorb',
  tableName: 'xet_repo_xorb',
  // What somebody brought and no commit has named: few rows, also of those who brought much.
  indexes: [{ name: 'xet_repo_xorb_pending_index', properties: ['uploader'], where: 'used is null' }],
  properties: {
    repo: () => p.manyToOne(Repo).ref().primary().deleteRule('cascade'),
    xorb: () =>
      p
        .manyToOne(XetXorb)
        .ref()
        .primary()
        .joinColumn('xorb_id')
        .referencedColumnNames('id')
        .deleteRule('cascade')
        .index(),
    /** Who brought it here; null when a commit was the first to name it. */
    uploader: () => p.manyToOne(Account).ref().nullable().deleteRule('set null').index(),
    /** Bytes of the serialized xorb that committed files of the repository need: what it is charged for. Null before a commit. */
    used: p.string().columnType('int4multirange').nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** This repository holds chunks of this xorb: somebody brought it here, or a commit named a file of it. */
export class XetRepoXorb extends XetRepoXorbSchema.class {}
XetRepoXorbSchema.setClass(XetRepoXorb);
