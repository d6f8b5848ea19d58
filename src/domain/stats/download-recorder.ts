import { createHmac } from 'node:crypto';
import type { Sql } from '../../db/sql.ts';
import type { Log } from '../../lib/log.ts';
import type { ByteRange } from '../../storage/object-store.ts';
import type { DownloadClient } from './download-client.ts';
import { type DownloadRow, saveDownloads } from './download-session.queries.ts';

/** Downloads of one client from one repository within these are one download. UTC days are a whole number of them. */
export const BUCKET_MS = 900_000;
/** What a crash can lose. */
const FLUSH_MS = 5000;
/** So many sessions are written at once, without waiting for the time. */
const FLUSH_SESSIONS = 5000;
/** While the database does not answer, more than this are not remembered: about 5 MB. */
const MAX_SESSIONS = 20_000;
const MAX_PATH_CHARS = 1000;

/** Something that a client got from a repository. */
export interface Download {
  readonly repoId: number;
  readonly client: DownloadClient;
  /** The first file of a session is kept. Null where the protocol names none: Git, LFS and Xet. */
  readonly path: string | null;
  /** One unless it is said. */
  readonly files?: number;
}

interface Session {
  readonly repoId: number;
  readonly client: DownloadClient;
  readonly bucket: number;
  readonly firstPath: string | null;
  readonly firstAt: number;
  files: number;
  lastAt: number;
}

export interface DownloadRecorderOptions {
  readonly sql: Sql;
  readonly log: Log;
  /** The same on every node, or one client would count once on each. */
  readonly secret: Uint8Array;
}

/**
 * Counts downloads behind the requests: `note` is a look into a map, and what the map holds is written every few seconds.
 * Addresses do not leave it: rows carry a keyed hash of client, repository and bucket, so that two rows cannot be told to be of one client.
 */
export class DownloadRecorder {
  readonly #options: DownloadRecorderOptions;
  #pending = new Map<string, Session>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | null = null;
  #lost = 0;
  #isClosed = false;

  constructor(options: DownloadRecorderOptions) {
    this.#options = options;
  }

  /** Notes a download that happens now. */
  note({ repoId, client, path, files = 1 }: Download): void {
    const now = Date.now();
    const bucket = Math.floor(now / BUCKET_MS);
    const key = `${repoId} ${bucket} ${client.key}`;
    const session = this.#pending.get(key);
    if (session) {
      session.files += files;
      session.lastAt = now;
      return;
    }
    if (this.#pending.size >= MAX_SESSIONS) {
      this.#lost++;
      return;
    }
    const firstPath = path?.slice(0, MAX_PATH_CHARS) ?? null;
    this.#pending.set(key, { repoId, client, bucket, firstPath, firstAt: now, files, lastAt: now });
    if (this.#pending.size >= FLUSH_SESSIONS) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  /** Writes what was noted before the call. What cannot be written is kept for the next time. */
  async flush(): Promise<void> {
    // One at a time; what came meanwhile is written by the timer, or by whoever waits here.
    if (this.#writing) await this.#writing;
    this.#writing ??= this.write().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  /** Writes what is left. Nothing may be noted after it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
    if (this.#pending.size > 0)
      this.#options.log.error(`Downloads in ${this.#pending.size} sessions were not counted.`);
  }

  private async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const sessions = this.#pending;
    this.#pending = new Map();
    if (sessions.size === 0) return;
    const { sql, log } = this.#options;
    try {
      await saveDownloads(
        sql,
        [...sessions].map(([key, session]) => this.toRow(key, session)),
      );
    } catch (error) {
      this.keep(sessions);
      log.warn(`Downloads in ${sessions.size} sessions are counted later: ${String(error)}`);
    }
    if (this.#lost > 0) log.error(`Downloads in ${this.#lost} sessions were too many and are not counted.`);
    this.#lost = 0;
  }

  /** Puts back what was not written, in front of what came since. */
  private keep(sessions: ReadonlyMap<string, Session>): void {
    const newer = this.#pending;
    this.#pending = new Map(sessions);
    for (const [key, session] of newer) {
      const older = this.#pending.get(key);
      if (older) {
        older.files += session.files;
        older.lastAt = session.lastAt;
      } else if (this.#pending.size < MAX_SESSIONS) this.#pending.set(key, session);
      else this.#lost++;
    }
    if (!this.#isClosed) this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS).unref();
  }

  private toRow(
    key: string,
    { repoId, client, bucket, firstPath, firstAt, files, lastAt }: Session,
  ): DownloadRow {
    const clientKey = createHmac('sha256', this.#options.secret)
      .update('download-client-v1.')
      .update(key)
      .digest();
    return {
      repoId,
      userId: client.userId,
      clientKey,
      timeBucket: bucket,
      fileCount: files,
      firstFile: firstPath,
      firstAt: new Date(firstAt),
      lastAt: new Date(lastAt),
    };
  }
}

/**
 * Whether a request for a file counts as one. Clients fetch a large file in many ranges, and go on where a connection broke: the range with
 * the first byte stands for them all.
 */
export function isFileStart(range: ByteRange | undefined): boolean {
  return range === undefined || ('start' in range && range.start === 0);
}
