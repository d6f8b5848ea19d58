import { defineEntity, p } from '@mikro-orm/core';
import { Account } from './account.entity.ts';

const AvatarSchema = defineEntity({
  name: 'Avatar',
  tableName: 'avatar',
  properties: {
    account: () => p.oneToOne(Account).ref().primary().owner().deleteRule('cascade'),
    image: p.blob().lazy(),
    sha256: p.blob(),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
});

/** The picture of an account, apart from the account so that no account query loads it. */
export class Avatar extends AvatarSchema.class {}
AvatarSchema.setClass(Avatar);
