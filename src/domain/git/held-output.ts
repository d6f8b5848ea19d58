import { setTimeout as delay } from 'node:timers/promises';
import type { EndMessage } from '../../git-runner/git-runner.ts';

/** Output of a run: all of it with its end, or the beginning of it and the rest as it comes. */
export type HeldOutput =
  | { readonly isWhole: true; readonly bytes: Buffer; readonly end: EndMessage }
  | { readonly isWhole: false; readonly stream: AsyncGenerator<Buffer, EndMessage, undefined> };

const HOLD_BYTES = 16 * 1024;
const HOLD_MS = 2000;

/**
 * Reads the beginning of a run, so that one that fails at once can be answered by an error or tried again. Afterwards, or when the run is
 * slow, its output passes through.
 */
export async function holdOutput(run: AsyncGenerator<Buffer, EndMessage, undefined>): Promise<HeldOutput> {
  const held: Buffer[] = [];
  let heldBytes = 0;
  const timer = new AbortController();
  const isLate = delay(HOLD_MS, 'late' as const, { signal: timer.signal, ref: false });
  isLate.catch(() => {});
  try {
    for (;;) {
      const reading = run.next();
      const read = await Promise.race([reading, isLate]);
      if (read === 'late') return { isWhole: false, stream: passOn(held, reading, run) };
      if (read.done) return { isWhole: true, bytes: Buffer.concat(held), end: read.value };
      held.push(read.value);
      heldBytes += read.value.length;
      if (heldBytes >= HOLD_BYTES) return { isWhole: false, stream: passOn(held, null, run) };
    }
  } finally {
    timer.abort();
  }
}

async function* passOn(
  held: readonly Buffer[],
  reading: Promise<IteratorResult<Buffer, EndMessage>> | null,
  run: AsyncGenerator<Buffer, EndMessage, undefined>,
): AsyncGenerator<Buffer, EndMessage, undefined> {
  try {
    yield* held;
    if (reading) {
      const read = await reading;
      if (read.done) return read.value;
      yield read.value;
    }
    return yield* run;
  } finally {
    await run.return({ exitCode: null, stderr: '', reason: 'killed' });
  }
}
