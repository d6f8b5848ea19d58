/**
 * Whether clients ask for this chunk before they upload it: the last 8 bytes of its raw hash, as a little-endian number, are a multiple
 * of 1024 (https://huggingface.co/docs/xet/deduplication). They also ask for the first chunk of every file.
 */
export function isDedupChunk(rawHash: Uint8Array): boolean {
  return rawHash[24] === 0 && (rawHash[25]! & 3) === 0;
}
