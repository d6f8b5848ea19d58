import { serveJobs } from '../lib/worker-job.ts';
import { packConcatenated, transferables } from './packed-blobs.ts';
import type { PackJob, PackJobResult } from './packed-blobs.ts';

/** A worker thread of `PackPool`. */
serveJobs<PackJob, PackJobResult>((job) => {
  const result = packConcatenated(job);
  return { result, transfer: transferables(result) };
});
