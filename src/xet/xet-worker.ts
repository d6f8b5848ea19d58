import { serveJobs, type JobOutcome } from '../lib/worker-job.ts';
import { ContentHasher, TermCheck } from './file-check.ts';
import { encodeTerms, type FileTerm } from './file-terms.ts';
import { outlinedTerms, outlineShard } from './shard-outline.ts';
import { memoryOf, toMovedIndex } from './xet-job.ts';
import type { XetJob, XetJobResult } from './xet-job.ts';
import { EMPTY_FILE_HASH, type XetHash } from './xet-hash.ts';
import { verifyXorb, xorbForm } from './xorb.ts';

/** The file that the lease at hand is about. */
let file = newFile(EMPTY_FILE_HASH, 0);

/** A worker thread of `XetPool`. */
serveJobs<XetJob, XetJobResult>((job) => {
  if (job.kind === 'verifyXorb') return verify(job);
  if (job.kind === 'outlineShard') {
    const outline = outlineShard(new Uint8Array(job.bytes));
    return { result: { kind: job.kind, ...outline }, transfer: [outline.terms.buffer] };
  }
  if (job.kind === 'addTerms') {
    const terms = addTerms(job);
    return { result: { kind: job.kind, terms }, transfer: [terms.buffer] };
  }
  return { result: goOn(job) };
});

type FileJob = Exclude<XetJob, { readonly kind: 'verifyXorb' | 'outlineShard' | 'addTerms' }>;

function goOn(job: FileJob): XetJobResult {
  if (job.kind === 'beginFile') file = newFile(job.hash, job.chunkCount);
  else if (job.kind === 'endTerms') return { kind: job.kind, firstChunk: endTerms() };
  else if (job.kind === 'endContent') return { kind: job.kind, ...file.contents.finish() };
  else file.contents[job.kind](new Uint8Array(job.piece));
  return { kind: job.kind };
}

function endTerms(): Buffer | null {
  const firstChunk = file.terms.finish();
  // Its memory is not needed while the contents are read.
  file = { ...file, terms: newFile(EMPTY_FILE_HASH, 0).terms };
  return firstChunk;
}

function newFile(hash: XetHash, chunkCount: number) {
  return { terms: new TermCheck(hash, chunkCount), contents: new ContentHasher() };
}

function addTerms({ outline, count, entries }: Extract<XetJob, { kind: 'addTerms' }>) {
  const terms = outlinedTerms(outline, 0, count);
  const ranges = file.terms.add(terms, entries);
  const placed = terms.map(({ chunkStart, chunkEnd, rawBytes }, i): FileTerm => {
    const [byteStart, byteEnd] = [ranges[2 * i]!, ranges[2 * i + 1]!];
    return { xorb: entries.xorbs[i]!, chunkStart, chunkEnd, byteStart, byteEnd, rawBytes };
  });
  return new Uint8Array(encodeTerms(placed));
}

function verify({ body, hash }: Extract<XetJob, { kind: 'verifyXorb' }>): JobOutcome<XetJobResult> {
  const bytes = new Uint8Array(body);
  const { index, ...sizes } = verifyXorb(bytes, hash);
  const form = new Uint8Array(xorbForm(bytes.subarray(0, sizes.serializedBytes)));
  const moved = toMovedIndex(index);
  return {
    result: { kind: 'verifyXorb', body, index: moved, form, ...sizes },
    transfer: [body, ...memoryOf(moved)],
  };
}
