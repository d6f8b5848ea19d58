import type { EntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Sql } from '../db/sql.ts';
import type { PackPool } from '../git/pack-pool.ts';
import type { Batcher } from '../lib/batcher.ts';
import type { SecretBox } from '../lib/secret-box.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { SignedTransfers } from '../storage/signed-transfers.ts';
import type { AvatarRenderer } from './account/avatar-image.ts';
import type { ActivityFeed } from './activity/activity-feed.ts';
import type { AuthRuntime } from './auth/auth-runtime.ts';
import type { Mailer } from './auth/mailer.ts';
import type { GitShared } from './git/git-shared.ts';
import type { HistoryShared } from './history/history-shared.ts';
import type { LfsLookup, ObjectPlace } from './lfs/lfs.queries.ts';
import type { LfsShared } from './lfs/lfs-shared.ts';
import type { DownloadRecorder } from './stats/download-recorder.ts';
import type { MetadataReader } from './repo/metadata-reader.ts';
import type { RepoAccess } from './repo/repo-access.ts';
import type { RepoLookup } from './repo/repo.queries.ts';
import type { FoundRef, RefLookup } from './version/revision.queries.ts';
import type { XetShared } from './xet/xet-shared.ts';
import type { VersionCaches } from './version/version-caches.ts';

/** What lives as long as the process and every request shares. */
export interface SharedDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly sql: Sql;
  readonly store: ObjectStore;
  /** Serves the URLs that the store signed; null when the store has a server of its own. */
  readonly transfers: SignedTransfers | null;
  readonly git: GitShared;
  readonly history: HistoryShared;
  readonly lfs: LfsShared;
  readonly xet: XetShared;
  readonly packPool: PackPool;
  readonly metadata: MetadataReader;
  readonly mailer: Mailer;
  readonly auth: AuthRuntime;
  readonly activity: ActivityFeed;
  readonly downloads: DownloadRecorder;
  readonly avatars: AvatarRenderer;
  /** For secrets that the database must give back. */
  readonly secretBox: SecretBox;
  readonly repoLoader: Batcher<RepoLookup, RepoAccess | null>;
  readonly refLoader: Batcher<RefLookup, FoundRef | null>;
  readonly lfsLoader: Batcher<LfsLookup, ObjectPlace | null>;
  readonly versionCaches: VersionCaches;
}

/** What services are built from: the shared things and the EntityManager of one request or job. */
export interface Deps extends SharedDeps {
  readonly em: EntityManager;
}
