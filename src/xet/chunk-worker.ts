import { createHash, type Hash } from 'node:crypto';
import { yieldToOthers } from '../lib/background-thread.ts';
import { serveJobs } from '../lib/worker-job.ts';
import type { ChunkAnswer, ChunkJob } from './chunk-pool.ts';
import { ChunkHasher } from './chunker.ts';
import { fileHash } from './merkle.ts';
import { packChunks } from './pack-chunks.ts';
import { xetHashText } from './xet-hash.ts';

/** The file that the lease's holder sends now. */
let chunks: ChunkHasher;
let sha256: Hash;

yieldToOthers();

/** A worker thread of `chunkPool`. */
serveJobs<ChunkJob, ChunkAnswer>(({ bytes, isFirst, isLast }) => {
  if (isFirst) {
    chunks = new ChunkHasher();
    sha256 = createHash('sha256');
  }
  chunks.update(bytes);
  sha256.update(bytes);
  const { buffer } = bytes;
  if (!isLast) return { result: { buffer, file: null }, transfer: [buffer] };
  const list = chunks.finish();
  // A small buffer may be a part of one that cannot be moved.
  const hashes = new Uint8Array(list.hashes);
  const file = {
    hash: xetHashText(fileHash(list)),
    sha256: sha256.digest('hex'),
    hashes,
    lengths: list.lengths,
    packs: packChunks(list),
  };
  return {
    result: { buffer, file },
    transfer: [buffer, hashes.buffer, list.lengths.buffer as ArrayBuffer],
  };
});
