/** The chunks of a file or a xorb, in order: flat arrays, because a large file has a million of them. */
export interface ChunkList {
  /** Raw hashes one after another, 32 bytes each. */
  readonly hashes: Buffer;
  /** Uncompressed lengths in bytes, one for each hash. */
  readonly lengths: Uint32Array;
}
