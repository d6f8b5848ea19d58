import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ResourceLimits, Transferable } from 'node:worker_threads';

import { DomainError } from './domain-error.ts';
import type { DomainErrorCode } from './domain-error.ts';
import type { JobReply, Refusal } from './worker-job.ts';

export interface WorkerPoolOptions {
  /** The source file of the threads; it calls `serveJobs`. */
  readonly workerFile: URL;
  /** What the threads are for, as error sentences say it: "a pack worker failed". */
  readonly name: string;
  /** At most this many threads; by default one per core, two to four. */
  readonly maxWorkers?: number | undefined;
  /** A thread that had nothing to do for so long is stopped. */
  readonly idleMs?: number | undefined;
  /** A thread that has not answered a job after so long is stopped, and another one takes its place. */
  readonly jobMs?: number | undefined;
  /** Bounds of each thread's heap and stack; a thread that exceeds them dies. */
  readonly resourceLimits?: ResourceLimits | undefined;
}

/** One thread for one holder. The thread's handler may keep state from job to job. */
export interface WorkerLease<Job, Result> {
  /**
   * Settles when the thread is done with the job, so awaiting it is backpressure. One job at a time.
   *
   * @throws {DomainError} with the code, message and details of the one that the handler threw; the lease goes on.
   * @throws {WorkerTimeout} the thread did not answer in time, now or earlier; release the lease and take another one.
   * @throws {Error} when the thread died or the pool was closed, now or earlier; release the lease and take another one.
   */
  run(job: Job, transfer?: readonly Transferable[]): Promise<Result>;

  /** Gives the thread back once its running job, if any, is done. May be called again. */
  release(): void;
}

interface Waiter<Job, Result> {
  readonly resolve: (lease: WorkerLease<Job, Result>) => void;
  readonly reject: (error: Error) => void;
}

const DEFAULT_IDLE_MS = 10_000;
/** A job takes seconds. On a machine with too much to do it may take a minute. */
const DEFAULT_JOB_MS = 120_000;
const RETRY_AFTER_SECONDS = 5;

/**
 * Threads for work that would block the process. They start when needed and do not keep the process alive while they have
 * no job. Whoever asks first gets a thread first, be it for a job or for a lease. A lease occupies its thread until it is
 * released: do not wait for another thread of the same pool while you hold one, or for a slow peer.
 */
export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #maxWorkers: number;
  readonly #threads = new Set<WorkerThread<Job, Result>>();
  readonly #waiters: Waiter<Job, Result>[] = [];
  #isClosed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#maxWorkers = options.maxWorkers ?? Math.min(Math.max(availableParallelism(), 2), 4);
  }

  /** How many threads run now, busy or idle. */
  get workerCount(): number {
    return this.#threads.size;
  }

  /**
   * Does one job in any thread. The job is sent when a thread is free: do not change it before the promise settles.
   * What `transfer` lists is moved to the thread, everything else is copied.
   *
   * @throws {DomainError} with the code, message and details of the one that the handler threw.
   * @throws {WorkerTimeout} the thread did not answer in time.
   * @throws {Error} when the thread dies or the pool is closed; other jobs are not affected by a dying thread.
   */
  async run(job: Job, transfer: readonly Transferable[] = []): Promise<Result> {
    const lease = await this.lease();
    try {
      return await lease.run(job, transfer);
    } finally {
      lease.release();
    }
  }

  /**
   * Waits for a thread and keeps it for a sequence of jobs. Release it in a `finally`.
   *
   * @throws {Error} when the pool is closed.
   */
  async lease(): Promise<WorkerLease<Job, Result>> {
    if (this.#isClosed) throw this.closedError();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.dispatch();
    });
  }

  /** Starts threads until there are so many, for jobs that come soon. They end as all do that have nothing to do. */
  warm(count: number): void {
    if (this.#isClosed) return;
    while (this.#threads.size < Math.min(count, this.#maxWorkers)) this.startThread().becomeFree();
  }

  /** Stops all threads, leased ones too; jobs that are not done and leases that wait are rejected. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.closedError());
    await Promise.all(Array.from(this.#threads, (thread) => thread.stop()));
  }

  private dispatch(): void {
    while (this.#waiters.length > 0) {
      const thread = this.freeThread();
      if (!thread) return;
      this.#waiters.shift()!.resolve(thread.lease());
    }
  }

  private freeThread(): WorkerThread<Job, Result> | undefined {
    for (const thread of this.#threads) if (thread.isFree) return thread;
    return this.#threads.size < this.#maxWorkers ? this.startThread() : undefined;
  }

  private startThread(): WorkerThread<Job, Result> {
    const thread: WorkerThread<Job, Result> = new WorkerThread({
      ...this.#options,
      onFree: () => this.dispatch(),
      onExit: () => {
        this.#threads.delete(thread);
        this.dispatch();
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  private closedError(): Error {
    return new Error(`the ${this.#options.name} pool is closed`);
  }
}

interface WorkerThreadOptions extends WorkerPoolOptions {
  readonly onFree: () => void;
  readonly onExit: () => void;
}

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

class WorkerThread<Job, Result> {
  readonly #worker: Worker;
  readonly #options: WorkerThreadOptions;
  #isLeased = false;
  #pending: Pending<Result> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #jobTimer: NodeJS.Timeout | undefined;
  #isStopping = false;
  /** Why the thread is dead. */
  #failure: Error | undefined;

  constructor(options: WorkerThreadOptions) {
    this.#options = options;
    const { workerFile, name, resourceLimits } = options;
    // Flags of the main program, such as --eval or --inspect-brk, are not meant for its threads.
    this.#worker = new Worker(workerFile, { name, resourceLimits, execArgv: [] });
    // Not before: of a thread that is still starting, `unref` misses its message port.
    this.#worker.once('online', () => {
      if (!this.#pending) this.#worker.unref();
    });
    this.#worker.on('message', (reply: JobReply<Result>) => this.finish(reply));
    this.#worker.on('error', (error: unknown) =>
      this.fail(new Error(`a ${name} worker failed`, { cause: error })),
    );
    this.#worker.on('messageerror', () => void this.stop());
    this.#worker.on('exit', (code) => {
      this.fail(new Error(`a ${name} worker stopped with code ${code}`));
      options.onExit();
    });
  }

  get isFree(): boolean {
    return !this.#isLeased && !this.#pending && !this.#isStopping && !this.#failure;
  }

  lease(): WorkerLease<Job, Result> {
    clearTimeout(this.#idleTimer);
    this.#isLeased = true;
    let isHeld = true;
    return {
      run: async (job, transfer = []) => {
        if (!isHeld) throw new Error(`the lease of a ${this.#options.name} worker was released`);
        return this.run(job, transfer);
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.release();
      },
    };
  }

  /** It waits for work, though not for ever. */
  becomeFree(): void {
    if (!this.isFree) return;
    this.#idleTimer = setTimeout(() => void this.stop(), this.#options.idleMs ?? DEFAULT_IDLE_MS).unref();
    this.#options.onFree();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#idleTimer);
    await this.#worker.terminate();
  }

  private async run(job: Job, transfer: readonly Transferable[]): Promise<Result> {
    if (this.#failure) throw this.#failure;
    if (this.#pending) throw new Error(`a leased ${this.#options.name} worker takes one job at a time`);
    this.#worker.postMessage(job, transfer);
    this.#worker.ref();
    this.#jobTimer = setTimeout(() => this.giveUp(), this.#options.jobMs ?? DEFAULT_JOB_MS);
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
    });
  }

  /** The thread keeps its place until it has really ended, so that there are never more of them than the pool may have. */
  private giveUp(): void {
    this.fail(new WorkerTimeout(this.#options.name));
    void this.stop();
  }

  private release(): void {
    this.#isLeased = false;
    if (!this.#pending) this.becomeFree();
  }

  private finish(reply: JobReply<Result>): void {
    const pending = this.#pending;
    // A thread that breaks just after it answered: the failure may overtake the answer.
    if (!pending) return;
    this.#pending = undefined;
    clearTimeout(this.#jobTimer);
    this.#worker.unref();
    if ('refusal' in reply) pending.reject(new RefusedInThread(reply.refusal));
    else pending.resolve(reply.result);
    if (!this.#isLeased) this.becomeFree();
  }

  private fail(error: Error): void {
    this.#failure ??= error;
    clearTimeout(this.#jobTimer);
    this.#pending?.reject(error);
    this.#pending = undefined;
  }
}

/** A thread did not answer its job in time. The job may be sent again. */
export class WorkerTimeout extends DomainError {
  readonly code = 'Unavailable';

  constructor(name: string) {
    super(`The hub took too long (a ${name} worker did not answer). Try again in a moment.`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
}

/** A `DomainError` that a handler threw in its thread. Its class is gone, so tell it by its `code`. */
class RefusedInThread extends DomainError {
  readonly code: DomainErrorCode;

  constructor({ code, message, details }: Refusal) {
    super(message, details);
    this.code = code;
  }
}
