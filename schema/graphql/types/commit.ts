import { isOid, type Oid } from '../../../src/git/oid.ts';
import { BadRequest } from '../../../src/domain/errors.ts';
import type { CommitDetail } from '../../../src/domain/history/values.ts';
import type { CommitOfRepo } from '../../../src/domain/version/history.service.ts';
import { builder } from '../builder.ts';
import { COST } from '../../costs.ts';
import { parseNodeId } from '../node-id.ts';

const CommitDetailObject = builder.objectRef<CommitDetail>('CommitDetail').implement({
  description: 'What only the page of a commit shows.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'The whole message as it was written' }),
    authoredAt: t.expose('authoredAt', { type: 'DateTime' }),
    committerName: t.exposeString('committerName'),
    committerEmail: t.exposeString('committerEmail'),
  }),
});

export const CommitNode = builder.objectRef<CommitOfRepo>('Commit');

builder.node(CommitNode, {
  description: 'A commit of a repository.',
  id: { resolve: ({ repo, oid }) => `${repo.id}:${oid}`, parse: checkCommitId },
  loadMany: (ids, { services, actor }) => services.browse.commitsByRepoId(actor, ids.map(parseCommitId)),
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
    detail: t.field({
      type: CommitDetailObject,
      nullable: true,
      complexity: COST.changes,
      resolve: async ({ repo, oid: revision }, _args, { services, actor }) =>
        (await services.diffs.findCommit(actor, { repo, revision }, 'names')).commit,
    }),
  }),
});

export const CommitConnection = builder.connectionObject({ type: CommitNode, name: 'CommitConnection' });

/** Ids stay texts, because texts are what the cache of nodes compares. @throws {BadRequest} */
function checkCommitId(id: string): string {
  parseCommitId(id);
  return id;
}

/** `<id of the repository>:<commit id>` */
function parseCommitId(id: string): { readonly repoId: number; readonly oid: Oid } {
  const [repoId = '', oid = '', ...rest] = id.split(':');
  if (!isOid(oid) || rest.length > 0) throw new BadRequest('id: this is no id of this hub.');
  return { repoId: parseNodeId(repoId), oid };
}
