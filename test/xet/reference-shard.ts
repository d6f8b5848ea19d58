import { xetHashText } from '../../src/xet/xet-hash.ts';

const RECORD_BYTES = 48;
const HAS_VERIFICATION = 0x8000_0000;
const HAS_METADATA = 0x4000_0000;

/** A run of chunks of a xorb, `end` excluded. */
export interface ReferenceTerm {
  readonly xorb: string;
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
  readonly rangeHash: string;
}

export interface ReferenceChunk {
  readonly hash: string;
  readonly lengthBytes: number;
}

/** What hf_xet says about one file: its terms, and the chunks of the xorbs that it made. */
export interface ReferenceShard {
  readonly fileHash: string;
  readonly terms: readonly ReferenceTerm[];
  readonly xorbs: ReadonlyMap<string, readonly ReferenceChunk[]>;
}

/** Reads the shard of one file straight from its bytes, to be independent of the hub's own reader. Trusts hf_xet. */
export function readReferenceShard(bytes: Buffer): ReferenceShard {
  const numberAt = (record: number, field: number): number =>
    bytes.readUInt32LE(record * RECORD_BYTES + 32 + 4 * field);
  const hashAt = (record: number): string => xetHashText(bytes, record * RECORD_BYTES);
  const isEnd = (record: number): boolean => hashAt(record) === 'f'.repeat(64);

  // Record 0 is the header of the shard, 1 that of its only file.
  const flags = numberAt(1, 0);
  const count = numberAt(1, 1);
  if ((flags & HAS_VERIFICATION) === 0) throw new Error('the shard has no range hashes');
  const terms = Array.from({ length: count }, (_, i) => ({
    xorb: hashAt(2 + i),
    sizeBytes: numberAt(2 + i, 1),
    start: numberAt(2 + i, 2),
    end: numberAt(2 + i, 3),
    rangeHash: hashAt(2 + count + i),
  }));
  let record = 2 + 2 * count + ((flags & HAS_METADATA) === 0 ? 0 : 1);
  if (!isEnd(record++)) throw new Error('the shard has more than one file');

  const xorbs = new Map<string, ReferenceChunk[]>();
  while (!isEnd(record)) {
    const first = record + 1;
    const chunks = Array.from({ length: numberAt(record, 1) }, (_, i) => ({
      hash: hashAt(first + i),
      lengthBytes: numberAt(first + i, 1),
    }));
    xorbs.set(hashAt(record), chunks);
    record = first + chunks.length;
  }
  return { fileHash: hashAt(1), terms, xorbs };
}
