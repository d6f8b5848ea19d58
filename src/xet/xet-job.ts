import type { ContentDigest, TermEntries } from './file-check.ts';
import type { ShardOutline } from './shard-outline.ts';
import type { XetHash } from './xet-hash.ts';
import type { VerifiedXorb } from './xorb.ts';
import type { XorbIndex } from './xorb-index.ts';

/** The index of a xorb on its way between threads, where a `Buffer` becomes a plain array. */
export interface MovedIndex {
  readonly hashes: Uint8Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

/** A body in an open file. Threads of a process share descriptors: its bytes are never in the memory of the thread that received it. */
export interface OpenBody {
  readonly fd: number;
  readonly sizeBytes: number;
}

/** What threads of a `XetPool` do. From `beginFile` on, the jobs of a lease are about one file. */
export type XetJob =
  | ({ readonly kind: 'verifyXorb'; readonly hash: XetHash } & OpenBody)
  | { readonly kind: 'outlineShard'; readonly bytes: ArrayBuffer }
  | { readonly kind: 'beginFile'; readonly hash: XetHash; readonly chunkCount: number }
  | {
      readonly kind: 'addTerms';
      readonly outline: ShardOutline;
      readonly count: number;
      readonly entries: TermEntries;
    }
  | { readonly kind: 'endTerms' }
  | { readonly kind: 'addChunks' | 'addContent'; readonly piece: ArrayBuffer }
  | { readonly kind: 'endContent' };

export type XetJobResult =
  | {
      readonly kind: 'verifyXorb';
      readonly index: MovedIndex;
      readonly form: Uint8Array;
      readonly rawBytes: number;
      readonly serializedBytes: number;
    }
  | ({ readonly kind: 'outlineShard' } & ShardOutline)
  | { readonly kind: 'beginFile' | 'addChunks' | 'addContent' }
  | { readonly kind: 'addTerms'; readonly terms: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'endTerms'; readonly firstChunk: Uint8Array | null }
  | ({ readonly kind: 'endContent' } & ContentDigest);

/** The result of jobs of one kind. */
export type ResultOf<Kind extends XetJob['kind']> = Extract<XetJobResult, { readonly kind: Kind }>;

/** Makes an index ready to be moved. It is copied only when its memory is shared with something else. */
export function toMovedIndex({ hashes, lengths, ends }: XorbIndex): MovedIndex {
  return {
    hashes: new Uint8Array(ownMemory(hashes)),
    lengths: new Uint32Array(ownMemory(lengths)),
    ends: new Uint32Array(ownMemory(ends)),
  };
}

export function fromMovedIndex({ hashes, lengths, ends }: MovedIndex): XorbIndex {
  return { hashes: Buffer.from(hashes.buffer), lengths, ends };
}

/** What `postMessage` moves instead of copying. */
export function memoryOf({ hashes, lengths, ends }: MovedIndex): ArrayBuffer[] {
  return [hashes.buffer, lengths.buffer, ends.buffer];
}

/** Memory with these bytes and nothing else, which can be moved to another thread; the bytes are gone here then. */
export function ownMemory(bytes: Uint8Array | Uint32Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  const isAlone = buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength;
  // Not `bytes.slice()`: that of a `Buffer` is another view of the same memory, which others use too.
  return isAlone ? buffer : new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength)).buffer;
}

/** A xorb that a thread has verified. */
export function toVerifiedXorb({ index, rawBytes, serializedBytes }: ResultOf<'verifyXorb'>): VerifiedXorb {
  return { index: fromMovedIndex(index), rawBytes, serializedBytes };
}
