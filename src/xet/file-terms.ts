import { XORB_ID_BYTES, type XorbId, xorbIdBytes, xorbIdText } from './xorb-id.ts';

/** Neighbouring chunks of one xorb that are neighbours in a file too. */
export interface FileTerm {
  readonly xorb: XorbId;
  readonly chunkStart: number;
  /** Exclusive. */
  readonly chunkEnd: number;
  /** Where the chunks lie in the serialized xorb; the end is exclusive. */
  readonly byteStart: number;
  readonly byteEnd: number;
  /** Length of the chunks in the file. */
  readonly rawBytes: number;
}

/** The numbers of a term follow the id of its xorb. */
export const TERM_FIELDS_AT = XORB_ID_BYTES;
const FIELDS = 5;
export const TERM_BYTES = TERM_FIELDS_AT + FIELDS * 4;

/** Terms as `xet_file.terms` holds them: 52 bytes each, the id of the xorb and five little-endian numbers of 32 bits. */
export function encodeTerms(terms: readonly FileTerm[]): Buffer {
  const bytes = Buffer.allocUnsafe(terms.length * TERM_BYTES);
  let offset = 0;
  for (const term of terms) {
    offset += xorbIdBytes(term.xorb).copy(bytes, offset);
    for (const field of [term.chunkStart, term.chunkEnd, term.byteStart, term.byteEnd, term.rawBytes])
      offset = bytes.writeUInt32LE(field, offset);
  }
  return bytes;
}

export function decodeTerms(bytes: Buffer): FileTerm[] {
  return [...termsIn(bytes)];
}

/** As `decodeTerms`, one after another: a file may have more terms than should be in memory as objects. */
export function* termsIn(bytes: Buffer): Generator<FileTerm> {
  for (let offset = 0; offset < bytes.length; offset += TERM_BYTES) {
    const field = (index: number): number => bytes.readUInt32LE(offset + TERM_FIELDS_AT + index * 4);
    yield {
      xorb: xorbIdText(bytes, offset),
      chunkStart: field(0),
      chunkEnd: field(1),
      byteStart: field(2),
      byteEnd: field(3),
      rawBytes: field(4),
    };
  }
}
