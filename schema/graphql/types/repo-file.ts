import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import type { RepoFile } from '../../../src/domain/repo/repo-info.service.ts';
import { builder } from '../builder.ts';
import { COST } from '../../costs.ts';
import { RepoNode } from './repo.ts';
import { LfsTargetObject } from './tree.ts';

const RepoFileObject = builder.objectRef<RepoFile>('RepoFile').implement({
  description: 'A file of `main`, for those who want all of them at once.',
  fields: (t) => ({
    path: t.exposeString('path'),
    oid: t.exposeString('oid', { nullable: true }),
    sizeBytes: t.expose('sizeBytes', { type: 'SafeInt', nullable: true }),
    lfs: t.expose('lfs', { type: LfsTargetObject, nullable: true }),
  }),
});

/** Lists of files are not counted by `first`. */
const USUAL_FILES = 50;

builder.objectField(RepoNode, 'files', (t) =>
  t.loadableList({
    type: RepoFileObject,
    nullable: true,
    description: 'All files of `main`; null for more than 1000, which `revision { tree }` lists page by page',
    complexity: { field: COST.text, multiplier: USUAL_FILES },
    load: async (repos: RepoAccess[], { services }) => {
      const infos = await services.repoInfo.infos(repos, 'details');
      return infos.map(({ files }) => files);
    },
    resolve: (repo) => repo,
  }),
);
