import type { Deps } from '../domain/deps.ts';
import type { RepoIndexService } from '../domain/repo/repo-index.service.ts';
import type { Job } from './job.ts';

/** Indexes repositories whose commit was made but not indexed. @param serviceOf builds the service of one run. */
export function indexRepoJob(serviceOf: (deps: Deps) => RepoIndexService): Job {
  return { name: 'index-repo', intervalMs: 30_000, run: (deps) => serviceOf(deps).keepPromises() };
}
