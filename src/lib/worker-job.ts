import { parentPort } from 'node:worker_threads';
import type { MessagePort, Transferable } from 'node:worker_threads';

import { DomainError } from './domain-error.ts';
import type { DomainErrorCode } from './domain-error.ts';

/** What a handler returns. What `transfer` lists is moved to the caller's thread, everything else is copied. */
export interface JobOutcome<Result> {
  readonly result: Result;
  readonly transfer?: readonly Transferable[];
}

export type JobHandler<Job, Result> = (job: Job) => JobOutcome<Result> | Promise<JobOutcome<Result>>;

/** A `DomainError` on its way between threads, where classes do not survive. `details` must be cloneable. */
export interface Refusal {
  readonly code: DomainErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The message a thread answers a job with. */
export type JobReply<Result> = { readonly result: Result } | { readonly refusal: Refusal };

/**
 * Makes this file the worker of a `WorkerPool`. `handle` gets one job at a time, and a lease's jobs in their order, so it
 * may keep state from one to the next. A lease may end at any job: begin anew at the job that opens the next one.
 *
 * A `DomainError` that `handle` throws is the job's answer. Anything else ends the thread, and the pool starts another one.
 */
export function serveJobs<Job, Result>(handle: JobHandler<Job, Result>): void {
  const port = parentPort;
  if (!port) throw new Error('serveJobs runs in a worker thread of a WorkerPool');
  port.on('message', (job: Job) => {
    answer(port, handle, job).catch(endThread);
  });
}

async function answer<Job, Result>(
  port: MessagePort,
  handle: JobHandler<Job, Result>,
  job: Job,
): Promise<void> {
  const { reply, transfer } = await replyTo(handle, job);
  port.postMessage(reply, transfer);
}

interface Answer<Result> {
  readonly reply: JobReply<Result>;
  readonly transfer: readonly Transferable[];
}

async function replyTo<Job, Result>(handle: JobHandler<Job, Result>, job: Job): Promise<Answer<Result>> {
  try {
    const { result, transfer = [] } = await handle(job);
    return { reply: { result }, transfer };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, message, details } = error;
    return { reply: { refusal: { code, message, details } }, transfer: [] };
  }
}

/** Outside of the promise: an unhandled rejection would end the thread only if the options of Node say so. */
function endThread(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
