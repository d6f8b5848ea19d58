import { TextDecoder } from 'node:util';

import { BadRequest } from '../lib/domain-error.ts';
import { MalformedObject } from './object.ts';
import { isOid } from './oid.ts';
import type { Oid } from './oid.ts';
import { quote } from './quote.ts';

/** One header of a commit or tag; a value may span lines (`gpgsig`, `mergetag`). */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** The headers and the text of a commit or tag object. */
export interface HeadersAndMessage {
  readonly headers: readonly Header[];
  readonly message: string;
}

/** The layout that commits and tags share: headers, an empty line, the message. Text is written as UTF-8. */
export function encodeHeaders({ headers, message }: HeadersAndMessage): Buffer {
  if (message.includes('\0')) throw new BadRequest('The message must not contain a NUL character.');
  const lines = headers.map((header) => `${checkedName(header)} ${foldedValue(header)}\n`);
  return Buffer.from(`${lines.join('')}\n${message.toWellFormed()}`, 'utf8');
}

/** Splits the object; text is decoded by its `encoding` header, by default as UTF-8, and never fails on bad bytes. */
export function decodeHeaders(bytes: Buffer): HeadersAndMessage {
  const split = bytes.indexOf('\n\n');
  const end = split < 0 ? bytes.length : split;
  const raw = unfold(bytes.toString('latin1', 0, end));
  const decoder = decoderFor(raw.find((header) => header.name === 'encoding')?.value);
  const headers = raw.map(({ name, value }) => ({
    name,
    value: decoder.decode(Buffer.from(value, 'latin1')),
  }));
  return { headers, message: split < 0 ? '' : decoder.decode(bytes.subarray(split + 2)) };
}

/** Takes headers one after the other in the order that Git prescribes. */
export class HeaderReader {
  readonly #headers: readonly Header[];
  #at = 0;

  constructor(headers: readonly Header[]) {
    this.#headers = headers;
  }

  /** The next header's value if it has this name. */
  take(name: string): string | undefined {
    const header = this.#headers[this.#at];
    if (header?.name !== name) return undefined;
    this.#at += 1;
    return header.value;
  }

  /** @throws {MalformedObject} when the next header has another name. */
  need(name: string): string {
    const value = this.take(name);
    if (value === undefined) throw new MalformedObject(`The object lacks its '${name}' line.`);
    return value;
  }

  /** @throws {MalformedObject} when the next header has this name but no object id. */
  takeOid(name: string): Oid | undefined {
    const value = this.take(name);
    if (value === undefined || isOid(value)) return value;
    throw new MalformedObject(`The '${name}' line holds ${quote(value)}, not an object id.`);
  }

  /** @throws {MalformedObject} when the next header is not this one with an object id. */
  needOid(name: string): Oid {
    const oid = this.takeOid(name);
    if (oid === undefined) throw new MalformedObject(`The object lacks its '${name}' line.`);
    return oid;
  }

  rest(): readonly Header[] {
    return this.#headers.slice(this.#at);
  }
}

function checkedName({ name }: Header): string {
  if (!/^[!-~]+$/.test(name)) throw new BadRequest(`${quote(name)} is not a header name.`);
  return name;
}

function foldedValue({ name, value }: Header): string {
  if (value.includes('\0'))
    throw new BadRequest(`The header ${quote(name)} must not contain a NUL character.`);
  return value.toWellFormed().replaceAll('\n', '\n ');
}

function unfold(text: string): Header[] {
  const headers: { name: string; lines: string[] }[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const last = headers.at(-1);
    if (line.startsWith(' ') && last) {
      last.lines.push(line.slice(1));
      continue;
    }
    const space = line.indexOf(' ');
    if (space <= 0) throw new MalformedObject(`The object has the malformed header line ${quote(line)}.`);
    headers.push({ name: line.slice(0, space), lines: [line.slice(space + 1)] });
  }
  return headers.map(({ name, lines }) => ({ name, value: lines.join('\n') }));
}

function decoderFor(encoding: string | undefined): TextDecoder {
  try {
    const decoder = new TextDecoder(encoding, { ignoreBOM: true });
    // Ids and line ends are ASCII whatever the encoding, so that no object can be in this one.
    if (!decoder.encoding.startsWith('utf-16')) return decoder;
  } catch {
    // Nobody knows it.
  }
  return new TextDecoder('utf-8', { ignoreBOM: true });
}
