import type { ClientConfig } from 'pg';
import type { Sql } from '../../db/sql.ts';
import type { Log } from '../../lib/log.ts';
import { RepoNotFound, TooManyRequests, Unavailable } from '../errors.ts';
import { ActivityListener } from './activity-listener.ts';
import type { ActivityPublisher } from './activity-publisher.ts';
import { ActivityQueue } from './activity-queue.ts';
import {
  findMoves,
  findMovesSince,
  findRecentReflogIds,
  findStandings,
  type Standing,
} from './activity.queries.ts';
import { parseSubject, type Subject, SUBJECT_KINDS } from './subjects.ts';
import {
  type FeedEvent,
  greet,
  refusalOf,
  tell,
  viewerKey,
  type Watch,
  type Watching,
  watchOf,
} from './watch.ts';

/** Streams that one process holds. Each is an open connection of a client. */
const MAX_STREAMS = 5000;
export const MAX_STREAMS_OF_USER = 50;
export const MAX_STREAMS_OF_ADDRESS = 20;
/** How often rights and logins are looked at although nothing happens. */
const RECHECK_MS = 30_000;
/** Viewers that one statement looks at then. */
const RECHECK_BATCH = 500;
/** Movements of refs that somebody is told who missed them. */
const MAX_MISSED = 100;
const DAY_MS = 86_400_000;
/** Clocks of the hub and the database differ, and transactions begin before they are announced. */
const GAP_SLACK_MS = 60_000;

export interface ActivityFeedOptions {
  readonly sql: Sql;
  readonly log: Log;
  readonly publisher: ActivityPublisher;
  /** Of the same database as `sql`. */
  readonly connection: ClientConfig;
}

export type FeedStream = AsyncIterableIterator<FeedEvent, undefined>;

/**
 * The streams of this process. What happens on any node arrives through the listener; before anything is handed on, one statement looks
 * whether its receivers are still logged in and may still see the repository.
 */
export class ActivityFeed {
  readonly #options: ActivityFeedOptions;
  readonly #listener: ActivityListener;
  readonly #all = new Set<Watch>();
  readonly #byKey = new Map<string, Set<Watch>>();
  readonly #counts = new Map<string, number>();
  #due = new Map<string, Subject>();
  #delivering: Promise<void> | null = null;
  #recheckTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: ActivityFeedOptions) {
    this.#options = options;
    this.#listener = new ActivityListener({
      connection: options.connection,
      log: options.log,
      onSubjects: (subjects) => this.receive(subjects),
      onGap: (since) => void this.catchUp(since),
    });
  }

  /** How many streams are open in this process. */
  get size(): number {
    return this.#all.size;
  }

  /** Tells all nodes of something that no transaction announces. */
  announce(subject: string): void {
    this.#options.publisher.announce([subject]);
  }

  /** Sends what was announced before the call. */
  flush(): Promise<void> {
    return this.#options.publisher.flush();
  }

  /**
   * Opens a stream: it hears of everything that is committed from now on. It ends when the client goes, and with an error when the reader
   * has lost his rights or reads too slowly, or the hub stops. The caller has checked the right to read.
   * @throws {TooManyRequests} @throws {Unavailable} @throws {Forbidden} for who came with a password.
   * @throws {RepoNotFound} @throws {InvalidCredentials} when the rights ended at this moment.
   */
  async open(watching: Watching): Promise<FeedStream> {
    const queue = new ActivityQueue<FeedEvent>(() => {
      this.remove(watch);
      watching.onEnd?.();
    });
    const watch = watchOf(watching, queue);
    this.requireRoom(watch);
    // Before anything is waited for: calls at the same time are counted together.
    this.add(watch);
    try {
      await this.start(watch, watching);
    } catch (error) {
      await queue.return();
      throw error;
    }
    return queue;
  }

  /** Ends the streams of those who lost their rights or logins, though nothing happens. It runs by itself twice a minute. */
  async recheck(): Promise<void> {
    await this.#listener.ping();
    const watches = [...this.#all];
    for (let start = 0; start < watches.length; start += RECHECK_BATCH)
      await this.permitted(watches.slice(start, start + RECHECK_BATCH));
  }

  /** Ends all streams, and takes no new ones: the hub stops. Clients come again, here or on another node. */
  end(): void {
    this.#isOver = true;
    for (const { queue } of this.#all) queue.fail(stopping());
  }

  async close(): Promise<void> {
    this.end();
    await this.#listener.close();
    await this.#delivering;
    await this.flush();
  }

  private requireRoom({ owner, viewer }: Watch): void {
    if (this.#isOver) throw stopping();
    if (this.#all.size >= MAX_STREAMS)
      throw new Unavailable('Too many streams of events are open on this hub. Try again later.');
    const limit = viewer.userId === null ? MAX_STREAMS_OF_ADDRESS : MAX_STREAMS_OF_USER;
    if ((this.#counts.get(owner) ?? 0) < limit) return;
    throw new TooManyRequests(
      `You have ${limit} streams of events open, which are the most. Close one of them first.`,
    );
  }

  private async start(watch: Watch, { signal, topic, afterReflogId }: Watching): Promise<void> {
    signal.addEventListener('abort', () => void watch.queue.return(), { once: true });
    signal.throwIfAborted();
    await this.listen();
    if (topic !== 'repo') return;
    const { sql } = this.#options;
    const [standing] = await findStandings(sql, [watch.viewer]);
    if (!standing) throw new RepoNotFound();
    const refusal = refusalOf(standing);
    if (refusal) throw refusal;
    const recentIds = await findRecentReflogIds(sql, watch.storeId);
    const since = new Date(Date.now() - DAY_MS);
    const missed =
      afterReflogId == null
        ? []
        : await findMovesSince(sql, [watch.storeId], { since, afterId: afterReflogId, limit: MAX_MISSED });
    greet(watch, { standing, recentIds, missed });
  }

  private async listen(): Promise<void> {
    try {
      await this.#listener.start();
    } catch (error) {
      this.#options.log.error(`Listening for activity failed: ${String(error)}`);
      throw new Unavailable('The hub cannot listen for events at the moment. Subscribe again later.');
    }
  }

  private add(watch: Watch): void {
    this.#all.add(watch);
    this.#counts.set(watch.owner, (this.#counts.get(watch.owner) ?? 0) + 1);
    for (const key of watch.keys) this.#byKey.set(key, (this.#byKey.get(key) ?? new Set<Watch>()).add(watch));
    this.#recheckTimer ??= setInterval(() => void this.recheckBehind(), RECHECK_MS).unref();
  }

  private remove(watch: Watch): void {
    if (!this.#all.delete(watch)) return;
    const left = (this.#counts.get(watch.owner) ?? 1) - 1;
    if (left > 0) this.#counts.set(watch.owner, left);
    else this.#counts.delete(watch.owner);
    for (const key of watch.keys) {
      const others = this.#byKey.get(key);
      others?.delete(watch);
      if (others?.size === 0) this.#byKey.delete(key);
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#recheckTimer);
    this.#recheckTimer = undefined;
  }

  private receive(texts: readonly string[]): void {
    for (const text of texts) {
      const subject = parseSubject(text);
      if (subject && this.#byKey.has(subject.key)) this.#due.set(text, subject);
    }
    if (this.#due.size === 0) return;
    this.#delivering ??= this.deliverAll().finally(() => {
      this.#delivering = null;
    });
  }

  /** One delivery after the other, so that events keep their order. What comes meanwhile is delivered together. */
  private async deliverAll(): Promise<void> {
    while (this.#due.size > 0) {
      const subjects = [...this.#due.values()];
      this.#due = new Map();
      const due = this.dueTo(subjects);
      await this.guarded([...due.keys()], () => this.deliver(due));
    }
  }

  private dueTo(subjects: readonly Subject[]): ReadonlyMap<Watch, readonly Subject[]> {
    const due = new Map<Watch, Subject[]>();
    for (const subject of subjects) {
      for (const watch of this.#byKey.get(subject.key) ?? []) {
        const others = due.get(watch);
        if (others) others.push(subject);
        else due.set(watch, [subject]);
      }
    }
    return due;
  }

  private async deliver(due: ReadonlyMap<Watch, readonly Subject[]>): Promise<void> {
    const permitted = await this.permitted([...due.keys()]);
    const ids = new Set([...due.values()].flat().flatMap(({ reflogId }) => reflogId ?? []));
    const moves = await findMoves(this.#options.sql, [...ids]);
    for (const [watch, standing] of permitted) {
      const kinds = new Set((due.get(watch) ?? []).map(({ kind }) => kind));
      tell(watch, { kinds, moves }, standing);
    }
  }

  /** What nobody heard of while the connection was lost: movements of refs from the reflog, and the counters as they are. */
  private async catchUp(lostAt: Date): Promise<void> {
    const watches = [...this.#all];
    await this.guarded(watches, async () => {
      const since = new Date(lostAt.getTime() - GAP_SLACK_MS);
      const storeIds = [...new Set(watches.map(({ storeId }) => storeId))];
      const range = { since, afterId: 0, limit: MAX_MISSED };
      const moves = await findMovesSince(this.#options.sql, storeIds, range);
      for (const [watch, standing] of await this.permitted(watches))
        tell(watch, { kinds: new Set(SUBJECT_KINDS), moves }, standing);
    });
  }

  /** Streams that could not be told something end, so that their readers know that they missed it. */
  private async guarded(watches: readonly Watch[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.log.error(`Activity was not delivered to ${watches.length} streams: ${String(error)}`);
      for (const { queue } of watches)
        queue.fail(new Unavailable('The hub could not read an event. Subscribe again.'));
    }
  }

  private async recheckBehind(): Promise<void> {
    try {
      await this.recheck();
    } catch (error) {
      this.#options.log.warn(`Rights of subscribers are checked later: ${String(error)}`);
    }
  }

  /** Those who may still see their repositories; the streams of the others end. One statement. */
  private async permitted(watches: readonly Watch[]): Promise<ReadonlyMap<Watch, Standing>> {
    const viewers = new Map(watches.map(({ viewer }) => [viewerKey(viewer), viewer]));
    const found = await findStandings(this.#options.sql, [...viewers.values()]);
    const standings = new Map([...viewers.keys()].map((key, index) => [key, found[index] ?? null]));
    const kept = new Map<Watch, Standing>();
    for (const watch of watches) {
      const standing = standings.get(viewerKey(watch.viewer)) ?? null;
      const refusal = refusalOf(standing);
      if (refusal) watch.queue.fail(refusal);
      else if (standing) kept.set(watch, standing);
    }
    return kept;
  }
}

function stopping(): Unavailable {
  return new Unavailable('The hub stops. Subscribe again.');
}
