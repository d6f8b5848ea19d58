import type { Deps } from '../domain/deps.ts';

/** Work that the hub does by itself, again and again. Running one twice, or not at all for a while, does no harm. */
export interface Job {
  /** Unique; also names the lock that keeps two nodes from running it at once. */
  readonly name: string;
  readonly intervalMs: number;
  /** @param signal is aborted when the hub stops: a long run ends early then, and a later one goes on. */
  run(deps: Deps, signal: AbortSignal): Promise<unknown>;
}
