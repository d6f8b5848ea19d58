import type { SqlTransaction } from '../../db/sql.ts';
import type { Sha256 } from '../../lib/sha256.ts';
import { MAX_SHARD_BYTES } from '../../xet/shard.ts';
import type { OutlinedFile, ShardOutline } from '../../xet/shard-outline.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import type { Deps } from '../deps.ts';
import { PayloadTooLarge, QuotaExceeded } from '../errors.ts';
import { xorbRemoved } from './file-verification.ts';
import { MAX_READER_BYTES } from '../lfs/lfs-grants.service.ts';
import { linkBroughtObjects } from '../lfs/lfs.queries.ts';
import type { LfsService } from '../lfs/lfs.service.ts';
import { Service } from '../service.ts';
import { checkFile, type CheckedFile, findShardXorbs, termBatches } from './shard-check.ts';
import { findNamedXorbs, findUsableXetFiles, offerObjects, type TermNamer } from './shard-upload.queries.ts';
import { requireSize, type UploadBody, type XetCaller } from './upload-body.ts';
import type { SpooledBody } from './upload-spool.ts';
import type { XetAccessService, XetUploadSession } from './xet-access.service.ts';
import { insertXetFile, upsertXetObject } from './xet-file.queries.ts';
import { insertChunks, lockXorbs, lockXorbsOf } from './xorb.queries.ts';

/** What a registration is doing. `bytes` are of the files, uncompressed. */
export type ShardProgress =
  | { readonly stage: 'checking'; readonly checkedBytes: number; readonly totalBytes: number }
  | { readonly stage: 'registering' };

/** Chunks of all files of a shard: 512 GiB of usual ones. A thread holds 36 bytes for each chunk of a file. */
const MAX_SHARD_CHUNKS = 8 * 2 ** 20;
/** Files that are looked up or registered at once, and xorbs. */
const BATCH = 256;

/**
 * Takes shards, which say of which chunks files are made. A file counts when the hub has proved everything about it: that the uploader
 * may name the chunks and knows them, that they are the file, and what its SHA-256 is.
 */
export class ShardUploadService extends Service {
  readonly #access: XetAccessService;
  readonly #lfs: LfsService;

  constructor(deps: Deps, parts: { readonly access: XetAccessService; readonly lfs: LfsService }) {
    super(deps);
    this.#access = parts.access;
    this.#lfs = parts.lfs;
  }

  /**
   * Registers the files of a shard: they can be committed then. A refused shard leaves nothing behind.
   *
   * @param onProgress is called when the shard was received and parsed, and then again and again.
   * @returns whether a file was new to the repository.
   * @throws the errors of `openWrite`. @throws {BadRequest} naming what is wrong with the shard. @throws {PayloadTooLarge}
   * @throws {QuotaExceeded} @throws {Unavailable} the hub is busy.
   */
  async register(
    caller: XetCaller,
    body: UploadBody,
    onProgress: (progress: ShardProgress) => void = () => {},
  ): Promise<{ readonly isNew: boolean }> {
    const session = await this.#access.openWrite(caller.token, caller.instanceId);
    const { gates, spool, pool } = this.deps.xet;
    const sizeBytes = requireSize(body, MAX_SHARD_BYTES);
    const pass = { userId: session.userId, signal: body.signal };
    const parseAndRegister = async (spooled: SpooledBody): Promise<{ readonly isNew: boolean }> => {
      const outline = await pool.outlineShard(await spooled.read());
      requireBounded(outline);
      onProgress({ stage: 'checking', checkedBytes: 0, totalBytes: totalBytes(outline.files) });
      return gates.registrations.run({ ...pass, weight: 1 }, () =>
        this.checkAndRegister(session, { outline, onProgress, signal: body.signal }),
      );
    };
    return spool.receive({ userId: session.userId, body, sizeBytes }, (spooled) =>
      gates.shards.run({ ...pass, weight: sizeBytes }, () => parseAndRegister(spooled)),
    );
  }

  /** All files are checked before the first is registered. Each stands for itself then, so that a large shard needs no long transaction. */
  private async checkAndRegister(
    session: XetUploadSession,
    upload: ShardUpload,
  ): Promise<{ readonly isNew: boolean }> {
    const { outline, onProgress } = upload;
    const known = await this.keepKnown(session, outline);
    const unknown = outline.files.filter((file) => !known.has(file));
    const checked = await this.check(session, upload, unknown);
    onProgress({ stage: 'registering' });
    for (const batch of inBatches(checked)) {
      await this.deps.sql.transaction((tx) => registerFiles(tx, session, batch));
    }
    return { isNew: checked.length > 0 };
  }

  /**
   * Files that the caller could commit without this shard. They need no proof: their leases are renewed, also those of the xorbs that
   * the shard names, if the caller may name them: the client keeps this shard for three weeks from now, and will go on to name them.
   */
  private async keepKnown(
    session: XetUploadSession,
    outline: ShardOutline,
  ): Promise<ReadonlySet<OutlinedFile>> {
    const known = new Set<OutlinedFile>();
    for (const files of inBatches(outline.files)) {
      const usable = await this.findUsable(session, files);
      const sha256s = [...new Set(usable.values())];
      const user = { ...namerOf(session), isWriter: session.isWriter, sourceRepoId: null };
      const kept = await this.#lfs.keep(user, sha256s);
      for (const [file, sha256] of usable) {
        if (!kept.has(sha256)) continue;
        known.add(file);
      }
    }
    await this.renewXorbs(session, outline, [...known]);
    return known;
  }

  private async findUsable(
    session: XetUploadSession,
    files: readonly OutlinedFile[],
  ): Promise<ReadonlyMap<OutlinedFile, Sha256>> {
    const user = { ...namerOf(session), isWriter: session.isWriter };
    const contents = await findUsableXetFiles(
      this.deps.sql,
      user,
      files.map((file) => file.hash),
    );
    const usable = new Map<OutlinedFile, Sha256>();
    for (const file of files) {
      const sha256 = contents.get(file.hash);
      if (sha256 === undefined) continue;
      if (file.sha256 === null || file.sha256 === sha256) usable.set(file, sha256);
    }
    return usable;
  }

  private async renewXorbs(
    session: XetUploadSession,
    outline: ShardOutline,
    files: readonly OutlinedFile[],
  ): Promise<void> {
    const { sql } = this.deps;
    const renewed = new Set<XetHash>();
    for (const { terms } of termBatches(outline, files)) {
      const others = terms.filter((term) => !renewed.has(term.xorb));
      if (others.length === 0) continue;
      const found = await findNamedXorbs(sql, namerOf(session), others);
      const ids = found.map(({ xorb }) => xorb.id);
      if (ids.length > 0) await sql.transaction((tx) => lockXorbs(tx, ids));
      for (const { xorb } of found) renewed.add(xorb.hash);
    }
  }

  private async check(
    session: XetUploadSession,
    { outline, onProgress, signal }: ShardUpload,
    files: readonly OutlinedFile[],
  ): Promise<CheckedFile[]> {
    if (files.length === 0) return [];
    const { sql, store, xet } = this.deps;
    const named = await findShardXorbs(sql, namerOf(session), outline, files);
    const checked: CheckedFile[] = [];
    let checkedBytes = 0;
    const thread = await xet.pool.openFileCheck();
    const report = (bytes: number): void =>
      onProgress({
        stage: 'checking',
        checkedBytes: checkedBytes + bytes,
        totalBytes: totalBytes(outline.files),
      });
    const parts = { sql, store, outline, named, thread, onBytes: report, signal };
    try {
      for (const file of files) {
        checked.push(await checkFile(parts, file));
        checkedBytes += file.sizeBytes;
      }
    } finally {
      thread.release();
    }
    return checked;
  }
}

/** A shard that was received and parsed. */
interface ShardUpload {
  readonly outline: ShardOutline;
  readonly onProgress: (progress: ShardProgress) => void;
  /** Aborted when the client has gone away. */
  readonly signal: AbortSignal;
}

function namerOf({ access, userId }: XetUploadSession): TermNamer {
  return { repoId: access.id, userId };
}

/** @throws {BadRequest} @throws {QuotaExceeded} @throws {Unavailable} */
async function registerFiles(
  tx: SqlTransaction,
  { access, userId, isWriter }: XetUploadSession,
  files: readonly CheckedFile[],
): Promise<void> {
  const byContent = new Map(files.map((file) => [file.sha256, file]));
  const sha256s = [...byContent.keys()].sort();
  for (const sha256 of sha256s) {
    const { sizeBytes } = byContent.get(sha256)!;
    await upsertXetObject(tx, { sha256, sizeBytes });
  }
  // The collector may have taken one since the check.
  const terms = files.map((file) => file.terms);
  if (!(await lockXorbsOf(tx, terms))) throw xorbRemoved();
  const ids = new Map<Sha256, number>();
  for (const file of files) ids.set(file.sha256, await insertXetFile(tx, file));
  const brought = Array.from(ids, ([sha256, xetFileId]) => ({ sha256, xetFileId }));
  await insertChunks(
    tx,
    files.flatMap(({ firstChunk }) => firstChunk ?? []),
  );
  if (isWriter) return linkBroughtObjects(tx, access.id, brought);
  const offeredBytes = await offerObjects(tx, { repoId: access.id, userId, files: brought });
  if (offeredBytes > MAX_READER_BYTES) {
    throw new QuotaExceeded(
      'You have uploaded too much for pull requests that you have not opened yet. Open them, or wait for two days.',
    );
  }
}

/** A shard without files is fine: clients describe the xorbs of a very large file in shards of their own. */
function requireBounded({ files }: ShardOutline): void {
  const chunkCount = files.reduce((total, file) => total + file.chunkCount, 0);
  if (chunkCount > MAX_SHARD_CHUNKS) {
    throw new PayloadTooLarge(
      `The files of a shard may have at most ${MAX_SHARD_CHUNKS} chunks together, not ${chunkCount}. Upload fewer or smaller files at once.`,
    );
  }
}

function totalBytes(files: readonly OutlinedFile[]): number {
  return files.reduce((total, file) => total + file.sizeBytes, 0);
}

function* inBatches<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += BATCH) {
    yield items.slice(start, start + BATCH);
  }
}
