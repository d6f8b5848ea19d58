import { setTimeout } from 'node:timers/promises';

/** Longer than a look-up takes. */
const LEAST_MS = 25;

/**
 * Waits until a question that began at `startedAt` (of `performance.now()`) may be answered with no. The look-up of what is hidden takes a
 * little longer than that of what is not here, and who asks some thousand times could measure it.
 */
export async function missTime(startedAt: number): Promise<void> {
  const leftMs = startedAt + LEAST_MS - performance.now();
  if (leftMs > 0) await setTimeout(leftMs);
}
