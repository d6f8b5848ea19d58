import { constants, setPriority } from 'node:os';

/**
 * Lets everything else on the machine go before the calling thread, which does work that nobody waits for. Only Linux has
 * priorities of threads; elsewhere it would slow the whole process down, so nothing is done.
 */
export function yieldToOthers(): void {
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW);
}
