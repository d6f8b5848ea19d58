import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import type { SqlExecutor } from '../../db/sql.ts';
import { GitRunner } from '../../git-runner/git-runner.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { Batcher } from '../../lib/batcher.ts';
import { VERSION } from '../../version.ts';
import { readRefLines } from './git-refs.queries.ts';
import { findGitRepos, type GitLookup, type GitRepo } from './git-repo.queries.ts';
import { createImportPool, type ImportPool } from './push-importer.ts';
import type { RefLines } from './ref-lines.ts';
import { SegmentCache } from './segment-cache.ts';

/** What the Git services of all requests share. Nothing of it runs or is on disk before the first Git client comes. */
export interface GitShared {
  readonly runner: GitRunner;
  readonly cache: SegmentCache;
  readonly imports: ImportPool;
  readonly repos: Batcher<GitLookup, GitRepo | null>;
  /** All refs of a store, by its id. */
  readonly refs: Batcher<number, RefLines>;
  /** How the hub names itself to Git clients. */
  readonly agent: string;
  /** Ends git, its runner and threads. */
  close(): Promise<void>;
}

const WAITING_PER_PROCESS = 16;
const INTAKES_PER_PROCESS = 4;
const WAIT_MS = 60_000;
const MAX_STALL_MS = 60_000;
/** Repositories that are read by one statement: each may have many thousand refs. */
const MAX_REPOS = 50;

export function createGitShared(config: Config, sql: SqlExecutor, store: ObjectStore): GitShared {
  const directory = join(config.dataDir, 'cache', 'git');
  const maxProcesses = 2 * availableParallelism();
  const runner = new GitRunner({
    // Nobody makes it: a home that does not exist holds no configuration.
    homeDir: join(directory, 'home'),
    maxProcesses,
    maxIntakes: maxProcesses * INTAKES_PER_PROCESS,
    maxWaiting: maxProcesses * WAITING_PER_PROCESS,
    waitMs: WAIT_MS,
    timeLimitMs: config.git.timeoutMs,
    maxStallMs: MAX_STALL_MS,
  });
  const cache = new SegmentCache({ directory, maxBytes: config.git.cacheBytes, sql, store });
  const repos = new Batcher({
    loadMany: (lookups: readonly GitLookup[]) => findGitRepos(sql, lookups),
    idOf: ({ ref, userId, wantsRefs }) => `${ref.type} ${ref.namespace}/${ref.name} ${userId} ${wantsRefs}`,
    maxBatch: MAX_REPOS,
  });
  // One statement each, for which the database then opens only those objects that a store can have.
  const refs = new Batcher({
    loadMany: (storeIds: readonly number[]) => Promise.all(storeIds.map((id) => readRefLines(sql, id))),
    idOf: (storeId) => storeId,
    maxBatch: 1,
  });
  const imports = createImportPool();
  const close = async (): Promise<void> => {
    await Promise.all([imports.close(), runner.close()]);
  };
  return { runner, cache, imports, repos, refs, agent: `kohaku-hub/${VERSION}`, close };
}
