import { serveJobs, type JobOutcome } from '../lib/worker-job.ts';
import { ContentHasher, TermCheck } from './file-check.ts';
import { FileBytes } from './file-bytes.ts';
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
  else hashPiece(job);
  return { kind: job.kind };
}

function hashPiece({ kind, piece }: Extract<XetJob, { kind: 'addChunks' | 'addContent' }>): void {
  file.contents[kind](new Uint8Array(piece));
  // Gives its memory back now: the garbage collector would look through the heap for every few of them.
  piece.transfer(0);
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

function verify({ fd, sizeBytes, hash }: Extract<XetJob, { kind: 'verifyXorb' }>): JobOutcome<XetJobResult> {
  const bytes = new FileBytes(fd, sizeBytes);
  const { index, ...sizes } = verifyXorb(bytes, hash);
  const form = new Uint8Array(xorbForm(bytes));
  const moved = toMovedIndex(index);
  return {
    result: { kind: 'verifyXorb', index: moved, form, ...sizes },
    transfer: memoryOf(moved),
  };
}
