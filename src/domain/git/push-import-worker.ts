import { serveJobs } from '../../lib/worker-job.ts';
import { type ImportJob, importObjects, type ImportResult } from './push-import.ts';

/** A worker thread for pushes. */
serveJobs<ImportJob, ImportResult>(async (job) => {
  const result = await importObjects(job);
  const transfer = result.kind === 'done' ? [result.imported.idx.buffer, result.imported.packSum.buffer] : [];
  return { result, transfer };
});
