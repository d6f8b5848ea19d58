import { parseRepoId, type RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { REPO_TYPES } from '../../src/domain/repo/repo.entity.ts';
import { builder } from './builder.ts';
import { enumOf } from './enum.ts';

export const RepoTypeEnum = enumOf('RepoType', REPO_TYPES);

/** How arguments and inputs name a repository. */
export const RepoRefInput = builder.inputType('RepoRefInput', {
  fields: (t) => ({
    type: t.field({ type: RepoTypeEnum, required: true, defaultValue: 'model' }),
    name: t.string({ required: true, description: '`namespace/name`' }),
  }),
});

/** @throws {BadRequest} for a name without a slash, or with several. */
export function parseRepoRef({ type, name }: typeof RepoRefInput.$inferInput): RepoRef {
  return { type, ...parseRepoId(name, 'name') };
}
