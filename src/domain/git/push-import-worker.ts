import { serveJobs } from '../../lib/worker-job.ts';
import { importObjects, type ImportResult } from './push-import.ts';
import { type PushJob, type PushJobResult, walkAndImport } from './push-importer.ts';
import { findLargeFiles } from './push-large-files.ts';

/** A worker thread for pushes. */
serveJobs<PushJob, PushJobResult>(async (job) => {
  if (job.kind === 'plain') {
    const push = await walkAndImport(job);
    return { result: { kind: 'plain', push }, transfer: movable(push?.result ?? null) };
  }
  if (job.kind === 'large files') return { result: { kind: 'large files', ...(await findLargeFiles(job)) } };
  const result = await importObjects(job);
  return { result, transfer: movable(result) };
});

function movable(result: ImportResult | null): ArrayBuffer[] {
  return result?.kind === 'done' ? [result.imported.idx.buffer, result.imported.packSum.buffer] : [];
}
