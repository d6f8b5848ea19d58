import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';
import { XetXorb } from './xet-xorb.entity.ts';

const XetPossessionSchema = defineEntity({
  name: 'XetPossession',
  tableName: 'xet_possession',
  properties: {
    xorb: () =>
      p
        .manyToOne(XetXorb)
        .ref()
        .primary()
        .joinColumn('xorb_id')
        .referencedColumnNames('id')
        .deleteRule('cascade'),
    user: () => p.manyToOne(Account).ref().primary().deleteRule('cascade').index(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

/** Somebody once sent all bytes of the xorb, to whatever repository: he may name it for as long as it is here. */
export class XetPossession extends XetPossessionSchema.class {}
XetPossessionSchema.setClass(XetPossession);
