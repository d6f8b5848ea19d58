import type { RepoAccess } from '../../../src/domain/repo/repo-access.ts';
import type { RepoSort } from '../../../src/domain/repo/repo-list.queries.ts';
import type { RepoType } from '../../../src/domain/repo/repo.entity.ts';
import { builder, pageArgs } from '../builder.ts';
import { connectionComplexity, connectionOf, type PageQuery } from '../connection.ts';
import { nestedList } from '../nested.ts';
import { RepoTypeEnum } from '../repo-ref.ts';
import { NamespaceInterface } from './account.ts';
import { RepoConnection, RepoSortEnum } from './repo.ts';

interface ReposQuery extends PageQuery {
  readonly type: RepoType;
  readonly sort: RepoSort;
}

const reposOf = nestedList<{ readonly id: number }, ReposQuery, RepoAccess>(
  (owners, query, { services, actor }) =>
    services.repoLists.listOfEach(
      actor,
      owners.map(({ id }) => id),
      query,
    ),
);

builder.interfaceField(NamespaceInterface, 'repos', (t) =>
  t.field({
    type: RepoConnection,
    description: 'Those of one type that the caller may see',
    args: {
      ...pageArgs,
      type: t.arg({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
      sort: t.arg({ type: RepoSortEnum, required: true, defaultValue: 'lastModified' }),
    },
    complexity: connectionComplexity,
    resolve: (namespace, { type, sort, ...args }, context) =>
      connectionOf(args, (page) => reposOf(namespace, { type, sort, ...page }, context)),
  }),
);
