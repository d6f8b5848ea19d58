import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { Repo } from '../repo/repo.entity.ts';
import { XetFile } from '../xet/xet-file.entity.ts';
import { LfsObject } from './lfs-object.entity.ts';

const LfsOfferSchema = defineEntity({
  name: 'LfsOffer',
  tableName: 'lfs_offer',
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
    user: () => p.manyToOne(Account).ref().primary().deleteRule('cascade').index(),
    /** As which Xet file it was brought. */
    xetFile: () => p.manyToOne(XetFile).ref().deleteRule('restrict').index(),
    createdAt: p.datetime().defaultRaw('now()').index(),
  },
});

/** Somebody who may only read the repository brought this object, verified, for a pull request: he alone may commit it. */
export class LfsOffer extends LfsOfferSchema.class {}
LfsOfferSchema.setClass(LfsOffer);
