import { writeDedupShard } from '../../xet/shard-writer.ts';
import type { XetHash } from '../../xet/xet-hash.ts';
import { NotFound } from '../errors.ts';
import { Service } from '../service.ts';
import { maskIndex } from './dedup-mask.ts';
import { type DedupMatch, findDedupXorbs } from './dedup.queries.ts';
import { missTime } from './miss-time.ts';
import type { XetSession } from './xet-access.service.ts';
import { lockXorbs, readXorbIndexes } from './xorb.queries.ts';

/** What one answer tells of at most: hiding the hashes of so many chunks takes some ten milliseconds. */
const MAX_ANSWER_XORBS = 4;
const MAX_ANSWER_CHUNKS = 8192;

/** Tells clients which of their chunks need no upload. */
export class DedupService extends Service {
  /**
   * Describes xorbs that hold a chunk, in the form of a shard with hidden hashes. The xorbs stay for longer than the
   * answer is good for.
   * @param session must come from `XetAccessService.openRead`.
   * @throws {NotFound} nobody has the chunk, or the caller may not know who has it.
   */
  async describe(session: XetSession, chunk: XetHash): Promise<Buffer> {
    const startedAt = performance.now();
    const found = await findDedupXorbs(this.deps.sql, {
      repoId: session.access.id,
      userId: session.userId,
      chunk,
      limit: MAX_ANSWER_XORBS,
    });
    const matches = found.length === 0 ? [] : await this.keep(bounded(found));
    if (matches.length === 0) {
      await missTime(startedAt);
      throw new NotFound('No chunk with this hash is known here. Upload it.');
    }
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

/** The first xorb always fits: it is the limit of a xorb. */
function bounded(matches: readonly DedupMatch[]): readonly DedupMatch[] {
  let chunkCount = 0;
  return matches.filter((match) => {
    if (chunkCount + match.chunkCount > MAX_ANSWER_CHUNKS) return false;
    chunkCount += match.chunkCount;
    return true;
  });
}
