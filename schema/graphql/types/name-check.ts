import type { NameCheck } from '../../../src/domain/account/name-check.service.ts';
import { builder } from '../builder.ts';
import { parseRepoRef, RepoTypeEnum } from '../repo-ref.ts';

export const NameCheckObject = builder.objectRef<NameCheck>('NameCheck').implement({
  description: 'Whether a name is free, for forms. Creating decides.',
  fields: (t) => ({
    isAvailable: t.exposeBoolean('isAvailable'),
    normalizedName: t.exposeString('normalizedName'),
    conflictWith: t.exposeString('conflictWith', {
      nullable: true,
      description: 'The name that is in the way',
    }),
    message: t.exposeString('message'),
  }),
});

builder.queryField('checkRepoName', (t) =>
  t.field({
    type: NameCheckObject,
    nullable: true,
    args: {
      type: t.arg({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
      name: t.arg.string({ required: true, description: '`namespace/name`' }),
    },
    resolve: (_root, args, { services, actor }) => services.names.checkRepoName(actor, parseRepoRef(args)),
  }),
);
