import { defineEntity, p } from '@mikro-orm/core';
import { Account } from '../account/account.entity.ts';

const SshKeySchema = defineEntity({
  name: 'SshKey',
  tableName: 'ssh_key',
  properties: {
    id: p.bigint('number').primary(),
    user: () => p.manyToOne(Account).ref().deleteRule('cascade').index(),
    title: p.string().length(200),
    keyType: p.string().length(40),
    publicKey: p.text(),
    /** `SHA256:<unpadded base64>`, as OpenSSH prints it. */
    fingerprint: p.string().length(64).unique(),
    lastUsedAt: p.datetime().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});

export class SshKey extends SshKeySchema.class {}
SshKeySchema.setClass(SshKey);
