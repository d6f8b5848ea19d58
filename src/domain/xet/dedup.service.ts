import { writeDedupShard } from '../../xet/shard-writer.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import { NotFound } from '../errors.ts';
import { Service } from '../service.ts';
import { maskIndex } from './dedup-mask.ts';
import {
  type DedupCaller,
  type DedupMatch,
  findDedupXorbs,
  findNeighbours,
  findVisibleXorbs,
} from './dedup.queries.ts';
import { missTime } from './miss-time.ts';
import type { XetSession } from './xet-access.service.ts';
import { lockXorbs, readXorbIndexes } from './xorb.queries.ts';

/** Xorbs with the chunk itself. */
const MAX_MATCHES = 4;
/**
 * What one answer tells of at most: 1.5 MB, for which hashes are hidden in 70 ms. It saves the upload of two gigabytes, and clients send
 * some 64 MB between what one answer tells and the next chunk that they ask for.
 */
const MAX_ANSWER_CHUNKS = 32_768;

/** Tells clients which of their chunks need no upload. */
export class DedupService extends Service {
  /**
   * Describes xorbs that hold a chunk, and some around them, in the form of a shard with hidden hashes. The xorbs stay for longer than the
   * answer is good for.
   * @param session must come from `XetAccessService.openRead`. @param signal aborted when nobody waits any more.
   * @throws {NotFound} nobody has the chunk, or the caller may not know who has it. @throws {Unavailable} too many ask.
   */
  async describe(session: XetSession, chunk: XetHash, signal: AbortSignal): Promise<Buffer> {
    const startedAt = performance.now();
    const caller = { repoId: session.access.id, userId: session.userId };
    const found = await findDedupXorbs(this.deps.sql, { ...caller, chunk, limit: MAX_MATCHES });
    const matches =
      found.length === 0 ? [] : await this.keep(bounded([...found, ...(await this.around(caller, found))]));
    if (matches.length === 0) {
      await missTime(startedAt);
      throw new NotFound('No chunk with this hash is known here. Upload it.');
    }
    const pass = { weight: 1, signal, ...(session.userId === null ? {} : { userId: session.userId }) };
    return this.deps.xet.gates.dedupAnswers.run(pass, () => this.write(matches));
  }

  private async write(matches: readonly DedupMatch[]): Promise<Buffer> {
    const indexes = await readXorbIndexes(
      this.deps.sql,
      matches.map((match) => match.id),
    );
    const xorbs = matches.flatMap(({ id, xorb, ranges }) => {
      const index = indexes.get(id);
      return index ? [{ hash: xorb, index: ranges ? maskIndex(index, ranges) : index }] : [];
    });
    return writeDedupShard(xorbs, this.deps.xet.dedupKeys.at());
  }

  /** Xorbs that stand near matches in readable files. */
  private async around(caller: DedupCaller, matches: readonly DedupMatch[]): Promise<readonly DedupMatch[]> {
    const { sql } = this.deps;
    const ids = await findNeighbours(sql, { ...caller, ids: matches.map((match) => match.id) });
    return ids.length === 0 ? [] : findVisibleXorbs(sql, { ...caller, ids });
  }

  /** Renews the leases. @returns what the collector has not taken. */
  private async keep(matches: readonly DedupMatch[]): Promise<readonly DedupMatch[]> {
    const here = await this.deps.sql.transaction((tx) =>
      lockXorbs(
        tx,
        matches.map((match) => match.id),
      ),
    );
    return matches.filter((match) => here.has(match.id));
  }
}

/** Each xorb once. The first one always fits: it is the limit of a xorb. */
function bounded(matches: readonly DedupMatch[]): readonly DedupMatch[] {
  const told = new Set<XetHash>();
  let chunkCount = 0;
  return matches.filter((match) => {
    if (told.has(match.xorb)) return false;
    told.add(match.xorb);
    if (chunkCount + match.chunkCount > MAX_ANSWER_CHUNKS) return false;
    chunkCount += match.chunkCount;
    return true;
  });
}
