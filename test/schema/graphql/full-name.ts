import type { RepoRef } from '../../../src/domain/repo/repo-ref.ts';

/** `namespace/name` */
export function fullName({ namespace, name }: RepoRef): string {
  return `${namespace}/${name}`;
}
