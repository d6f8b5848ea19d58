import { Blake3Hasher } from '@napi-rs/blake-hash';

// BLAKE3 in keyed mode: one key for each kind of thing, so that no hash can stand for another kind. The keys are part of the Xet
// protocol (https://huggingface.co/docs/xet/hashing); nothing about them is secret.
const CHUNK_KEY = Buffer.from('6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229', 'hex');
const NODE_KEY = Buffer.from('017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f', 'hex');
const RANGE_KEY = Buffer.from('7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3', 'hex');
const FILE_KEY = Buffer.alloc(32);

/** The raw hash of one chunk. `bytes` are its contents, uncompressed. */
export function chunkHash(bytes: Uint8Array): Buffer {
  return keyed(CHUNK_KEY, bytes);
}

/**
 * The raw hash of a run of chunks, `rawHashes` being theirs one after another (n × 32 bytes). A shard carries it for each term as
 * the proof that the uploader knows the chunks.
 */
export function rangeHash(rawHashes: Uint8Array): Buffer {
  return keyed(RANGE_KEY, rawHashes);
}

/** The raw hash of an inner Merkle node. `text` has a line `{hash text} : {size in bytes}\n` for each child. */
export function nodeHash(text: string): Buffer {
  return keyed(NODE_KEY, text);
}

/** The raw hash of a file, from the raw Merkle root of its chunks. An empty file has none: see `fileHash`. */
export function fileHashOfRoot(root: Uint8Array): Buffer {
  return keyed(FILE_KEY, root);
}

/** A raw chunk hash as a deduplication answer hides it. `key` has 32 bytes and is named in the answer. */
export function dedupHash(key: Buffer, rawHash: Uint8Array): Buffer {
  return keyed(key, rawHash);
}

function keyed(key: Buffer, input: Uint8Array | string): Buffer {
  return Blake3Hasher.newKeyed(key).update(input).digestBuffer();
}
