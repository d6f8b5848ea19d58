import { vi } from 'vitest';
import type { RepoRef } from '../../src/domain/repo/repo-ref.ts';
import { BUCKET_MS } from '../../src/domain/stats/download-recorder.ts';
import type { Hub } from '../../src/server/hub.ts';
import { ANONYMOUS } from '../../src/domain/actor.ts';
import { normalizeName } from '../../src/domain/names.ts';

/** One session as it is stored. */
export interface StoredSession {
  readonly clientKey: Buffer;
  readonly timeBucket: number;
  readonly fileCount: number;
  readonly firstFile: string | null;
  readonly isAuthenticated: boolean;
}

/** Stops the clock in the middle of the present bucket, so that no test runs over its edge. Call it in `beforeEach`. */
export function stopClock(): void {
  const bucket = Math.floor(Date.now() / BUCKET_MS);
  vi.useFakeTimers({ toFake: ['Date'], now: (bucket + 0.5) * BUCKET_MS });
}

/** Moves the clock into the next bucket. */
export function nextBucket(): void {
  vi.setSystemTime(Date.now() + BUCKET_MS);
}

/** Writes what the hub has noted. */
export async function settleDownloads(hub: Hub): Promise<void> {
  await hub.deps.downloads.flush();
}

/** The sessions of a repository, by their beginning, and those of one moment with the most files first. */
export async function sessionsOf(hub: Hub, repo: RepoRef): Promise<StoredSession[]> {
  await settleDownloads(hub);
  return hub.deps.sql.query({
    text: `
      select d.client_key as "clientKey", d.time_bucket as "timeBucket", d.file_count as "fileCount",
        d.first_file as "firstFile", d.is_authenticated as "isAuthenticated"
      from download_session d join repo r on r.id = d.repo_id join account a on a.id = r.owner_id
      where r.type = $1 and a.name = $2 and r.normalized_name = $3 order by d.first_download_at, d.file_count desc`,
    values: [repo.type, repo.namespace, normalizeName(repo.name)],
  });
}

/** All downloads of a public repository, as the specification's route tells them. */
export async function downloadsOf(hub: Hub, repo: RepoRef): Promise<number> {
  await settleDownloads(hub);
  return (await hub.services().stats.totals(ANONYMOUS, repo)).downloads;
}
