import { parentPort } from 'node:worker_threads';

import { packConcatenated, transferables } from './packed-blobs.ts';
import type { PackJob } from './packed-blobs.ts';

/** A worker thread of `PackPool`: one job at a time. Whatever it throws ends it, and the pool starts another one. */
const port = parentPort;
if (!port) throw new Error('pack-worker.ts runs as a worker thread of PackPool');

port.on('message', (job: PackJob) => {
  const result = packConcatenated(job);
  port.postMessage(result, transferables(result));
});
