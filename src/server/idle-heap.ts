import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long the hub must have had next to nothing to do. */
const QUIET_MS = 60_000;
/** The share of that time in which the event loop was busy: timers and a health check now and then stay below it. */
const QUIET_UTILIZATION = 0.01;

/** V8's `gc` extension. */
type CollectGarbage = (options: {
  readonly type: 'major';
  readonly execution: 'sync';
  readonly flavor: 'last-resort';
}) => void;

/**
 * Gives memory back that V8 keeps in reserve, right away (loading the sources leaves some 50 MB of it) and then whenever a busy
 * hub has become quiet. V8 does this by itself only when the system runs out of memory. It stops the event loop for about
 * 0.1 s, so it waits for a minute without work; limits on V8's heap would slow down every request instead.
 */
export class IdleHeap {
  readonly #collect = exposeCollector();
  readonly #timer: NodeJS.Timeout;
  #seen: EventLoopUtilization = performance.eventLoopUtilization();
  #isTrimmed = false;

  constructor() {
    this.trim();
    this.#timer = setInterval(() => this.look(), QUIET_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  private look(): void {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#seen);
    this.#seen = now;
    if (utilization > QUIET_UTILIZATION) this.#isTrimmed = false;
    else if (!this.#isTrimmed) this.trim();
  }

  private trim(): void {
    this.#collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    this.#isTrimmed = true;
  }
}

function exposeCollector(): CollectGarbage {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as CollectGarbage;
}
