import { createHash, randomUUID } from 'node:crypto';
import { type ObjectKey, xorbKey } from '../../storage/keys.ts';
import { isDedupChunk } from '../../xet/dedup-chunk.ts';
import { XET_HASH_BYTES, type XetHash } from '../../xet/xet-hash.ts';
import type { PooledXorb } from '../../xet/xet-pool.ts';
import { type XorbId, xorbIdOf } from '../../xet/xorb-id.ts';
import { MAX_XORB_BODY_BYTES } from '../../xet/xorb.ts';
import type { XorbIndex } from '../../xet/xorb-index.ts';
import type { Deps } from '../deps.ts';
import { QuotaExceeded, Unavailable } from '../errors.ts';
import { MAX_READER_BYTES } from '../lfs/lfs-grants.service.ts';
import { readFreeBytes } from '../lfs/lfs.queries.ts';
import { Service } from '../service.ts';
import { abandonBytes, announceBytes, forgetBytes, settleBytes } from '../storage/intent.queries.ts';
import { requireSize, type UploadBody, type XetCaller } from './upload-body.ts';
import type { SpooledBody } from './upload-spool.ts';
import type { XetAccessService, XetUploadSession } from './xet-access.service.ts';
import { insertChunks, insertXorb, linkXorb } from './xorb.queries.ts';
import { type BroughtXorb, hasXorb, readPendingXorbBytes } from './xorb-upload.queries.ts';

/** A xorb that was verified. A footer that the client may have appended is not stored. */
interface ArrivedXorb extends PooledXorb {
  readonly hash: XetHash;
  readonly spooled: SpooledBody;
}

/**
 * Takes xorbs. Each is verified and stored whether the hub has it or not, by the same statements, and shown to its sender in the form in which
 * he sent it: so nobody learns what others brought.
 */
export class XorbUploadService extends Service {
  readonly #access: XetAccessService;

  constructor(deps: Deps, parts: { readonly access: XetAccessService }) {
    super(deps);
    this.#access = parts.access;
  }

  /**
   * @returns false when the caller brought the xorb before, or the repository has a committed file of it.
   * @throws the errors of `openWrite`. @throws {BadRequest} naming what is wrong with the xorb. @throws {PayloadTooLarge}
   * @throws {QuotaExceeded} @throws {Unavailable} the hub is busy.
   */
  async upload(caller: XetCaller, hash: XetHash, body: UploadBody): Promise<{ readonly isNew: boolean }> {
    const session = await this.#access.openWrite(caller.token, caller.instanceId);
    const sizeBytes = requireSize(body, MAX_XORB_BODY_BYTES);
    await this.requireRoom(session, { hash, id: null }, sizeBytes);
    const { gates, spool, pool } = this.deps.xet;
    const { userId } = session;
    return spool.receive({ userId, body, sizeBytes }, (spooled) =>
      gates.xorbs.run({ userId, weight: sizeBytes, signal: body.signal }, async () => {
        const xorb = await pool.verifyXorb(spooled, hash);
        return this.keep(session, { ...xorb, hash, spooled });
      }),
    );
  }

  /** A commit decides what is charged. Until then, what its uploader has brought counts. */
  private async requireRoom(
    session: XetUploadSession,
    xorb: Pick<BroughtXorb, 'hash' | 'id'>,
    sizeBytes: number,
  ): Promise<void> {
    const { access, userId: uploaderId, isWriter } = session;
    const { sql } = this.deps;
    const free = await readFreeBytes(sql, access.id);
    if (free === null && isWriter) return;
    if (await hasXorb(sql, { repoId: access.id, uploaderId, ...xorb })) return;
    const pending = await readPendingXorbBytes(sql, { uploaderId, ownerId: access.ownerId });
    const room = Math.min(
      (free ?? Infinity) - pending.ofNamespace,
      (isWriter ? Infinity : MAX_READER_BYTES) - pending.ofAll,
    );
    if (sizeBytes > room) {
      throw new QuotaExceeded(
        `There is no room for these ${sizeBytes} bytes in ${access.fullName}. Commit what you have uploaded, or make room.`,
      );
    }
  }

  private async keep(session: XetUploadSession, { hash, form, spooled, ...verified }: ArrivedXorb) {
    const { sql, store } = this.deps;
    const sizeBytes = verified.serializedBytes;
    const id = xorbIdOf(hash, this.isShared ? form : formOfUser(form, session.userId));
    // Before its bytes were seen, another form of the same chunks would have done.
    await this.requireRoom(session, { hash, id }, sizeBytes);
    const storageKey = xorbKey(hash, randomUUID());
    await announceBytes(sql, storageKey);
    // Object stores want to know the hash of a body before it comes.
    const body = this.isShared ? spooled.pieces(sizeBytes) : await spooled.read(sizeBytes);
    await store.put(storageKey, body, { sizeBytes });
    const { isOurs, isNew } = await sql.transaction(async (tx) => {
      const place = { kind: 'stored', storageKey } as const;
      const isOurs = await insertXorb(tx, { id, hash, place, ...verified });
      // Should this end before the bytes are removed that are here already, the sweep does it.
      if (!(await (isOurs ? settleBytes(tx, storageKey) : abandonBytes(tx, storageKey)))) throw tookTooLong();
      await insertChunks(tx, dedupChunks(id, verified.index));
      const link = { repoId: session.access.id, uploaderId: session.userId, xorb: id };
      return { isOurs, isNew: await linkXorb(tx, link) };
    });
    // The answer does not wait: that would tell the sender that somebody was first.
    if (!isOurs) void this.removeBytes(storageKey);
    return { isNew };
  }

  private async removeBytes(key: ObjectKey): Promise<void> {
    const { log, sql, store } = this.deps;
    try {
      await store.delete(key);
      await forgetBytes(sql, key);
    } catch (error) {
      log.warn({ err: error, key }, 'bytes of a xorb that was here already are left to the sweep');
    }
  }

  /** An object store that clients fetch from tells them since when it has its bytes. There, everybody has his own. */
  private get isShared(): boolean {
    return !this.deps.store.servesDownloads;
  }
}

function formOfUser(form: Uint8Array, userId: number): Uint8Array {
  return createHash('sha256').update(form).update(`user ${userId}`).digest();
}

function dedupChunks(xorb: XorbId, { hashes, lengths }: XorbIndex): { hash: Buffer; xorb: XorbId }[] {
  const chunks: { hash: Buffer; xorb: XorbId }[] = [];
  for (let i = 0; i < lengths.length; i++) {
    const hash = hashes.subarray(i * XET_HASH_BYTES, (i + 1) * XET_HASH_BYTES);
    if (isDedupChunk(hash)) chunks.push({ hash, xorb });
  }
  return chunks;
}

function tookTooLong(): Unavailable {
  return new Unavailable('The upload took too long. Try again.', { retryAfterSeconds: 1 });
}
