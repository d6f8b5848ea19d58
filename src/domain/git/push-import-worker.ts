import { serveJobs } from '../../lib/worker-job.ts';
import { importObjects } from './push-import.ts';
import type { PushJob, PushJobResult } from './push-importer.ts';
import { findLargeFiles } from './push-large-files.ts';
import { walkPush } from './push-walk.ts';

/** A worker thread for pushes. */
serveJobs<PushJob, PushJobResult>(async (job) => {
  if (job.kind === 'walk') return { result: { kind: 'walked', walked: await walkPush(job) } };
  if (job.kind === 'large files') return { result: { kind: 'large files', ...(await findLargeFiles(job)) } };
  const result = importObjects(job);
  const segment = result.kind === 'done' ? result.imported.segment : null;
  return { result, transfer: segment ? [segment.idx.buffer, segment.packSum.buffer] : [] };
});
