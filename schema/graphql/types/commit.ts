import type { CommitInfo } from '../../../src/domain/version/values.ts';
import { builder } from '../builder.ts';

/** A commit as histories show it. */
export const CommitObject = builder.objectRef<CommitInfo>('Commit').implement({
  fields: (t) => ({
    oid: t.exposeString('oid', { description: 'Git commit id' }),
    parents: t.exposeStringList('parents'),
    title: t.exposeString('title'),
    body: t.exposeString('body'),
    authorName: t.exposeString('authorName'),
    authorEmail: t.exposeString('authorEmail'),
    userName: t.exposeString('userName', {
      nullable: true,
      description: 'The account that wrote it through the hub',
    }),
    committedAt: t.expose('committedAt', { type: 'DateTime' }),
  }),
});
