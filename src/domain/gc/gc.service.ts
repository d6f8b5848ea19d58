import { NotFound, RepoNotFound } from '../errors.ts';
import { listStores, type StoreRow } from '../fsck/fsck.queries.ts';
import { Service } from '../service.ts';
import { forgetDeadSessions } from '../version/write-sessions.ts';
import { findStoresToCollect, noteCollected } from './collect.queries.ts';
import { Collection, estimate, type Freed } from './collect.ts';
import { type Compacted, mergeSegments, NOTHING_COMPACTED } from './compact.ts';
import {
  findStoresToCompact,
  listLiveSegments,
  measureLiveSegments,
  removeReplacedSegments,
} from './compact.queries.ts';
import { needsCompaction, planMerges, planRewrites, type SegmentFacts } from './compaction-plan.ts';
import { findGarbage } from './mark.ts';
import { readCutoff } from './mark.queries.ts';

/** How long things stay that nothing needs any more. */
export interface GcTimes {
  /** What no ref reaches any more: as long as somebody may want it back. */
  readonly graceMs: number;
  /** Bytes of segments that were replaced: longer than the longest request. */
  readonly replacedGraceMs: number;
}

/** What was done with one store, or would be. */
export interface StoreReport {
  readonly storeId: number;
  /** `model:ns/name`. */
  readonly label: string;
  readonly freed: Freed;
  readonly compacted: Compacted;
  /** Writers kept the store busy, or the hub stops: the rest is for the next run. */
  readonly isComplete: boolean;
}

export interface OperatorRun {
  /** `model:ns/name`, or `ns/name` of a model; null is every repository. */
  readonly repo: string | null;
  readonly isDryRun: boolean;
  readonly onReport: (report: StoreReport) => void;
}

export interface GcSummary {
  readonly stores: number;
  /** Segments whose bytes were given to the sweep. */
  readonly removedSegments: number;
}

const REMOVED_AT_A_TIME = 500;

/**
 * Frees what the version store keeps for nothing: objects that no ref reaches, and bytes of segments that are mostly dead or too
 * many. One run at a time in the whole hub: callers hold the lock of the job. For jobs and the operator: there are no permissions.
 */
export class GcService extends Service {
  /** Looks after the stores that seem to need it. What fails is logged, and the others go on. */
  async runNeeded(signal?: AbortSignal): Promise<GcSummary> {
    const { sql } = this.deps;
    await forgetDeadSessions(sql);
    const collected = await findStoresToCollect(sql, this.times.graceMs);
    for (const storeId of collected)
      await this.guarded(storeId, signal, () => this.collect(storeId, this.times, signal));
    const compacted = await findStoresToCompact(sql);
    for (const storeId of compacted)
      await this.guarded(storeId, signal, () => this.compact(storeId, this.times, signal));
    const removedSegments = await this.removeReplaced(this.times, signal);
    return { stores: new Set([...collected, ...compacted]).size, removedSegments };
  }

  /** Looks after every store, or the one of a repository, whether it seems to need it or not. @throws {NotFound} */
  async runAsOperator({ repo, isDryRun, onReport }: OperatorRun): Promise<GcSummary> {
    const all = await listStores(this.deps.sql);
    const stores =
      repo === null ? all : all.filter(({ label }) => label === repo || label === `model:${repo}`);
    if (repo !== null && stores.length === 0) throw new NotFound(`There is no repository "${repo}".`);
    for (const store of stores) onReport(isDryRun ? await this.preview(store) : await this.lookAfter(store));
    return { stores: stores.length, removedSegments: isDryRun ? 0 : await this.removeReplaced(this.times) };
  }

  /** Deletes what no ref reaches since the grace time, and rewrites segments that became mostly dead. */
  async collect(
    storeId: number,
    times: GcTimes,
    signal?: AbortSignal,
  ): Promise<Pick<StoreReport, 'freed' | 'compacted' | 'isComplete'>> {
    const { sql } = this.deps;
    const garbage = await findGarbage(sql, storeId, times.graceMs);
    const collection = new Collection(sql, garbage);
    const isComplete = await collection.run(signal ? { signal } : {});
    const age = { cutoff: garbage.cutoff, graceMs: times.graceMs };
    const groups = planRewrites(await measureLiveSegments(sql, storeId), age);
    const compacted = await this.merge(storeId, groups, signal);
    // Only now: a run that died before would leave dead segments behind.
    if (isComplete && !signal?.aborted) await noteCollected(sql, storeId, garbage.cutoff);
    return { freed: collection.freed, compacted, isComplete };
  }

  /** Merges small segments, if there are too many. */
  async compact(storeId: number, times: GcTimes, signal?: AbortSignal): Promise<Compacted> {
    return this.merge(storeId, await this.planCompaction(storeId, times), signal);
  }

  /** Removes segments whose time is over. */
  async removeReplaced({ replacedGraceMs }: GcTimes, signal?: AbortSignal): Promise<number> {
    let total = 0;
    for (;;) {
      if (signal?.aborted) return total;
      const removed = await removeReplacedSegments(this.deps.sql, replacedGraceMs, REMOVED_AT_A_TIME);
      total += removed;
      if (removed < REMOVED_AT_A_TIME) return total;
    }
  }

  private get times(): GcTimes {
    return this.deps.config.gc;
  }

  private async lookAfter({ storeId, label }: StoreRow): Promise<StoreReport> {
    const collected = await this.collect(storeId, this.times);
    const compacted = sumOf(collected.compacted, await this.compact(storeId, this.times));
    return { storeId, label, ...collected, compacted };
  }

  private async preview({ storeId, label }: StoreRow): Promise<StoreReport> {
    const { sql } = this.deps;
    const freed = await estimate(sql, await findGarbage(sql, storeId, this.times.graceMs));
    const groups = await this.planCompaction(storeId, this.times);
    const compacted = {
      replacedSegments: groups.flat().length,
      newSegments: groups.length,
      writtenBytes: groups.flat().reduce((sum, segment) => sum + segment.packBytes, 0),
    };
    return { storeId, label, freed, compacted, isComplete: true };
  }

  private async planCompaction(
    storeId: number,
    { graceMs }: GcTimes,
  ): Promise<readonly (readonly SegmentFacts[])[]> {
    const { sql } = this.deps;
    const segments = await listLiveSegments(sql, storeId);
    if (!needsCompaction(segments)) return [];
    return planMerges(segments, { cutoff: await readCutoff(sql, storeId, graceMs), graceMs });
  }

  private async merge(
    storeId: number,
    groups: readonly (readonly SegmentFacts[])[],
    signal?: AbortSignal,
  ): Promise<Compacted> {
    let done = NOTHING_COMPACTED;
    for (const segments of groups) {
      if (signal?.aborted) break;
      done = sumOf(
        done,
        await mergeSegments(this.deps, storeId, { segments, ...(signal ? { signal } : {}) }),
      );
    }
    return done;
  }

  private async guarded(
    storeId: number,
    signal: AbortSignal | undefined,
    work: () => Promise<unknown>,
  ): Promise<void> {
    if (signal?.aborted) return;
    try {
      await work();
    } catch (error) {
      // Deleted in this moment.
      if (error instanceof RepoNotFound) return;
      this.deps.log.error({ err: error, storeId }, 'a store could not be looked after');
    }
  }
}

function sumOf(a: Compacted, b: Compacted): Compacted {
  return {
    replacedSegments: a.replacedSegments + b.replacedSegments,
    newSegments: a.newSegments + b.newSegments,
    writtenBytes: a.writtenBytes + b.writtenBytes,
  };
}
