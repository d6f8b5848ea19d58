import { serveJobs } from '../../lib/worker-job.ts';
import { validateCard } from './card-validation.ts';
import { readCard } from './card.ts';
import type { MetadataJob, MetadataResult } from './metadata-reader.ts';
import { countTensors } from './safetensors.ts';

/** A worker thread of `MetadataReader`. */
serveJobs<MetadataJob, MetadataResult>((job) => ({ result: resultOf(job) }));

function resultOf(job: MetadataJob): MetadataResult {
  if (job.kind === 'card') return readCard(job.type, job.text);
  if (job.kind === 'report') return validateCard(job.text, job.type);
  return countTensors(Buffer.from(job.header.buffer));
}
