import type { Deps } from '../domain/deps.ts';
import type { Job } from './job.ts';

/** Runs jobs on their intervals, each on one node at a time, until it is stopped. */
export class Scheduler {
  readonly #jobs: readonly Job[];
  readonly #deps: () => Deps;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  /** @param deps makes the dependencies of one run, with an EntityManager of its own. */
  constructor(jobs: readonly Job[], deps: () => Deps) {
    this.#jobs = jobs;
    this.#deps = deps;
  }

  start(): void {
    for (const job of this.#jobs) this.schedule(job);
  }

  /** Starts nothing more, tells what runs, and waits for it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#running);
  }

  private schedule(job: Job): void {
    if (this.#stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const run = this.run(job).finally(() => {
        this.#running.delete(run);
        this.schedule(job);
      });
      this.#running.add(run);
    }, job.intervalMs);
    timer.unref();
    this.#timers.add(timer);
  }

  private async run(job: Job): Promise<void> {
    const deps = this.#deps();
    try {
      await deps.sql.transaction(async (tx) => {
        // Held by an open transaction, so a dead node cannot keep it.
        const [lock] = await tx.query<{ taken: boolean }>({
          text: `select pg_try_advisory_xact_lock(hashtextextended('job:' || $1::text, 0)) as taken`,
          values: [job.name],
        });
        if (lock?.taken) await job.run(deps, this.#stopping.signal);
      });
    } catch (error) {
      deps.log.error({ err: error, job: job.name }, 'job failed');
    }
  }
}
