// What reading and writing shards share (https://huggingface.co/docs/xet/shard). Integers are little-endian, every record has 48 bytes.

export const SHARD_TAG = Buffer.from(
  '48465265706f4d6574614461746100556967456a7b815783a5bdd95ccdd14aa9',
  'hex',
);
export const SHARD_VERSION = 2n;
export const SHARD_FOOTER_VERSION = 1n;
export const SHARD_FOOTER_BYTES = 200;
export const RECORD_BYTES = 48;

/** Ends a section: no hash has 32 bytes of 0xff. The rest of the record is zero. */
export const BOOKEND = Buffer.concat([Buffer.alloc(32, 0xff), Buffer.alloc(RECORD_BYTES - 32)]);

/** Offsets inside the footer of 200 bytes; every number has 8. */
export const FOOTER_AT = {
  version: 0,
  fileSection: 8,
  xorbSection: 16,
  fileLookup: 24,
  fileLookupCount: 32,
  xorbLookup: 40,
  xorbLookupCount: 48,
  chunkLookup: 56,
  chunkLookupCount: 64,
  hmacKey: 72,
  createdAt: 104,
  keyExpiresAt: 112,
  storedBytes: 168,
  fileBytes: 176,
  rawBytes: 184,
  footer: 192,
} as const;
