import type { ChunkList } from './chunk-list.ts';
import { fileHashOfRoot, nodeHash } from './keyed-hash.ts';
import { XET_HASH_BYTES, xetHashText } from './xet-hash.ts';

/** A node has 3 to 9 children; only the last of a level may have 1 or 2. */
const MIN_CHILDREN = 3;
const MAX_CHILDREN = 9;

/** One level of the tree. Sizes go far beyond 32 bits. */
interface Level {
  readonly hashes: Buffer;
  readonly sizes: Uint32Array | Float64Array;
}

/**
 * The raw Merkle root of some chunks, which is the hash of a xorb that holds them: 32 zero bytes for none, the chunk's own hash for one.
 * Trees are cut by the hashes themselves, so that an insert changes few nodes (https://huggingface.co/docs/xet/hashing).
 *
 * @throws {RangeError} unless there is a length for each hash.
 */
export function merkleRoot(chunks: ChunkList): Buffer {
  const count = chunks.lengths.length;
  if (chunks.hashes.length !== count * XET_HASH_BYTES) {
    throw new RangeError(`${chunks.hashes.length} bytes are not the hashes of ${count} chunks`);
  }
  if (count === 0) return Buffer.alloc(XET_HASH_BYTES);
  let level: Level = { hashes: chunks.hashes, sizes: chunks.lengths };
  while (level.sizes.length > 1) level = parentsOf(level);
  return Buffer.from(level.hashes);
}

/** The raw hash of a file with these chunks, repeated ones included: 32 zero bytes for a file without chunks. */
export function fileHash(chunks: ChunkList): Buffer {
  const root = merkleRoot(chunks);
  return chunks.lengths.length === 0 ? root : fileHashOfRoot(root);
}

function parentsOf(level: Level): Level {
  const count = level.sizes.length;
  const most = Math.floor(count / MIN_CHILDREN) + 1;
  const hashes = Buffer.alloc(most * XET_HASH_BYTES);
  const sizes = new Float64Array(most);
  let parents = 0;
  for (let start = 0; start < count; parents++) {
    const end = endOfNode(level, start);
    let text = '';
    let sizeBytes = 0;
    for (let i = start; i < end; i++) {
      text += `${xetHashText(level.hashes, i * XET_HASH_BYTES)} : ${level.sizes[i]!}\n`;
      sizeBytes += level.sizes[i]!;
    }
    nodeHash(text).copy(hashes, parents * XET_HASH_BYTES);
    sizes[parents] = sizeBytes;
    start = end;
  }
  return { hashes: hashes.subarray(0, parents * XET_HASH_BYTES), sizes: sizes.subarray(0, parents) };
}

/** The child after the last one of the node that begins at `start`. A lone last child gets a node of its own. */
function endOfNode(level: Level, start: number): number {
  const longest = Math.min(start + MAX_CHILDREN, level.sizes.length);
  for (let i = start + MIN_CHILDREN - 1; i < longest; i++) if (endsNode(level.hashes, i)) return i + 1;
  return longest;
}

/** Whether the last 8 bytes of a hash, as a little-endian number, are a multiple of 4. */
function endsNode(hashes: Buffer, index: number): boolean {
  return (hashes[index * XET_HASH_BYTES + 24]! & 3) === 0;
}
