import { serveJobs } from '../../lib/worker-job.ts';
import { importObjects } from './push-import.ts';
import type { PushJob, PushJobResult } from './push-importer.ts';
import { walkPush } from './push-walk.ts';

/** A worker thread for pushes. */
serveJobs<PushJob, PushJobResult>(async (job) => {
  if (job.kind === 'walk') return { result: { kind: 'walked', walked: await walkPush(job) } };
  const result = await importObjects(job);
  const transfer = result.kind === 'done' ? [result.imported.idx.buffer, result.imported.packSum.buffer] : [];
  return { result, transfer };
});
