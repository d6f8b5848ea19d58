import type { RepoType } from './repo.entity.ts';

/** The name of a repository as a caller gave it; not necessarily in its canonical spelling. */
export interface RepoRef {
  readonly type: RepoType;
  readonly namespace: string;
  readonly name: string;
}

/** What stands before `namespace/name` in a web URL: nothing for models. */
export function webPrefix(type: RepoType): string {
  return type === 'model' ? '' : `${type}s/`;
}

/** The page of a repository, as clients parse it. @param baseUrl public URL of the hub, without a slash at its end. */
export function repoUrl(baseUrl: string, repo: RepoRef): string {
  return `${baseUrl}/${webPrefix(repo.type)}${repo.namespace}/${repo.name}`;
}
