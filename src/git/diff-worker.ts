import { serveJobs } from '../lib/worker-job.ts';
import type { DiffJob, DiffJobResult, TextDiff, TextPair } from './diff-pool.ts';
import { isBinary, unifiedHunks } from './unified-diff.ts';

/** One pair may take so much of what is left, so that one bad pair does not make all others coarse. */
const SHARE = 3;

/** A worker thread of `DiffPool`. */
serveJobs<DiffJob, DiffJobResult>(({ pairs, timeMs }) => {
  const end = performance.now() + timeMs;
  const result = pairs.map((pair) => diffPair(pair, (end - performance.now()) / SHARE));
  return { result, transfer: result.flatMap((diff) => (diff ? [diff.text.buffer] : [])) };
});

function diffPair({ before, after }: TextPair, timeMs: number): TextDiff {
  if (isBinary(before) || isBinary(after)) return null;
  const { text, ...counts } = unifiedHunks(before, after, timeMs);
  // A small buffer may be a part of one that others share.
  return { ...counts, text: new Uint8Array(text) };
}
