import { Blake3Hasher } from '@napi-rs/blake-hash';

const KEY_BYTES = 32;

// BLAKE3 in keyed mode: one key for each kind of thing, so that no hash can stand for another kind. The keys are part of the Xet
// protocol (https://huggingface.co/docs/xet/hashing); nothing about them is secret.
const CHUNK = keyedBy('6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229');
const NODE = keyedBy('017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f');
const RANGE = keyedBy('7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3');
const FILE = keyedBy('0'.repeat(64));

/** The hasher of the key that `dedupHash` saw last: one answer hides thousands of hashes with one key. */
let dedup = { key: Buffer.alloc(KEY_BYTES), hasher: FILE };

/** The raw hash of one chunk. `bytes` are its contents, uncompressed. */
export function chunkHash(bytes: Uint8Array): Buffer {
  return digest(CHUNK, bytes);
}

/**
 * The raw hash of a run of chunks, `rawHashes` being theirs one after another (n × 32 bytes). A shard carries it for each term as
 * the proof that the uploader knows the chunks.
 */
export function rangeHash(rawHashes: Uint8Array): Buffer {
  return digest(RANGE, rawHashes);
}

/** The raw hash of an inner Merkle node. `text` has a line `{hash text} : {size in bytes}\n` for each child. */
export function nodeHash(text: string): Buffer {
  return digest(NODE, text);
}

/** The raw hash of a file, from the raw Merkle root of its chunks. An empty file has none: see `fileHash`. */
export function fileHashOfRoot(root: Uint8Array): Buffer {
  return digest(FILE, root);
}

/**
 * A raw chunk hash as a deduplication answer hides it. The answer names the key.
 *
 * @throws {RangeError} unless `key` has 32 bytes.
 */
export function dedupHash(key: Buffer, rawHash: Uint8Array): Buffer {
  // The native hasher ends the whole process when a key has another length.
  if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes, not ${key.length}`);
  if (!dedup.key.equals(key)) dedup = { key: Buffer.from(key), hasher: Blake3Hasher.newKeyed(key) };
  return digest(dedup.hasher, rawHash);
}

/** A hash over bytes one after another, for what the hub itself tells apart: the protocol has no such hash. */
export function plainHash(parts: Iterable<Uint8Array>): Buffer {
  const hasher = new Blake3Hasher();
  for (const { buffer, byteOffset, byteLength } of parts)
    hasher.update(Buffer.from(buffer, byteOffset, byteLength));
  return Buffer.from(hasher.digest('hex'), 'hex');
}

function keyedBy(key: string): Blake3Hasher {
  return Blake3Hasher.newKeyed(Buffer.from(key, 'hex'));
}

/** Hashers are used again, because a new one costs more than hashing a Merkle node. `reset` keeps the key. */
function digest(hasher: Blake3Hasher, input: Uint8Array | string): Buffer {
  const bytes =
    typeof input === 'string' ? input : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  hasher.reset();
  return Buffer.from(hasher.update(bytes).digest('hex'), 'hex');
}
