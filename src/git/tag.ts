import { decodeHeaders, encodeHeaders, HeaderReader } from './headers.ts';
import type { Header } from './headers.ts';
import { MalformedObject, OBJECT_TYPE_CODE } from './object.ts';
import type { ObjectType } from './object.ts';
import type { Oid } from './oid.ts';
import { quote } from './quote.ts';
import { encodeSignature, parseSignature } from './signature.ts';
import type { Signature } from './signature.ts';

/** An annotated tag. `name` is the short name (`v1.0`); very old tags have no tagger. */
export interface Tag {
  readonly object: Oid;
  readonly type: ObjectType;
  readonly name: string;
  readonly tagger: Signature | null;
  /** Verbatim, with the signature of a signed tag at its end. */
  readonly message: string;
  readonly extraHeaders?: readonly Header[];
}

/** The bytes of a tag object. @throws {BadRequest} for a NUL in a text or an impossible date. */
export function encodeTag(tag: Tag): Buffer {
  const headers: Header[] = [
    { name: 'object', value: tag.object },
    { name: 'type', value: tag.type },
    { name: 'tag', value: tag.name },
    ...(tag.tagger ? [{ name: 'tagger', value: encodeSignature(tag.tagger) }] : []),
    ...(tag.extraHeaders ?? []),
  ];
  return encodeHeaders({ headers, message: tag.message });
}

/** @throws {MalformedObject} when a mandatory line is missing or out of order. */
export function parseTag(bytes: Buffer): Tag & { readonly extraHeaders: readonly Header[] } {
  const { headers, message } = decodeHeaders(bytes);
  const reader = new HeaderReader(headers);
  const object = reader.needOid('object');
  const type = parseObjectType(reader.need('type'));
  const name = reader.need('tag');
  const tagger = reader.take('tagger');
  return {
    object,
    type,
    name,
    tagger: tagger === undefined ? null : parseSignature(tagger),
    message,
    extraHeaders: reader.rest(),
  };
}

function parseObjectType(value: string): ObjectType {
  if (Object.hasOwn(OBJECT_TYPE_CODE, value)) return value as ObjectType;
  throw new MalformedObject(`The tag names the unknown object type ${quote(value)}.`);
}
