import type { RepoType } from './repo.entity.ts';

/** The name of a repository as a caller gave it; not necessarily in its canonical spelling. */
export interface RepoRef {
  readonly type: RepoType;
  readonly namespace: string;
  readonly name: string;
}
