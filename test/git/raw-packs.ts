import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** What packs are made of, right and wrong alike: every size, name and checksum can lie. */

type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag';

export interface RawObject {
  readonly type: ObjectKind;
  readonly bytes: Buffer;
  readonly oid: string;
}

export interface RawEntry {
  readonly header: Buffer;
  readonly body: Buffer;
}

export const TYPE_CODE = { commit: 1, tree: 2, blob: 3, tag: 4, offset: 6, ref: 7 } as const;
export const SIGNATURE = 'A <a@example.org> 1800000000 +0000';
export const ZERO_OID = '0'.repeat(40);
export const ABSENT = 'de'.repeat(20);

/** Mulberry32: the same numbers in every run. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** An integer from 0, and below the bound. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  /** A copy with one byte replaced by another one. */
  flipped(bytes: Buffer, from = 0): Buffer {
    const copy = Buffer.from(bytes);
    const at = from + this.below(bytes.length - from);
    copy[at]! ^= 1 + this.below(255);
    return copy;
  }
}

export function raw(type: ObjectKind, bytes: Buffer | string): RawObject {
  const content = Buffer.from(bytes as string, 'latin1');
  const oid = createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
  return { type, bytes: content, oid };
}

/** A header that says any type and size. */
export function entryHeader(code: number, size: bigint): Buffer {
  const bytes: number[] = [];
  let byte = (code << 4) | Number(size & 15n);
  for (let rest = size >> 4n; rest > 0n; rest >>= 7n) {
    bytes.push(byte | 0x80);
    byte = Number(rest & 127n);
  }
  return Buffer.from([...bytes, byte]);
}

export function entryOf({ type, bytes }: RawObject, size = BigInt(bytes.length)): RawEntry {
  return { header: entryHeader(TYPE_CODE[type], size), body: deflateSync(bytes) };
}

export function refDelta(base: string, delta: Buffer): RawEntry {
  const header = Buffer.concat([entryHeader(TYPE_CODE.ref, BigInt(delta.length)), Buffer.from(base, 'hex')]);
  return { header, body: deflateSync(delta) };
}

/** @param distance back from the start of this entry, in bytes. */
export function offsetDelta(distance: bigint, delta: Buffer): RawEntry {
  const digits = [Number(distance & 127n)];
  for (let rest = distance >> 7n; rest > 0n; rest >>= 7n) {
    rest -= 1n;
    digits.unshift(Number(rest & 127n) | 0x80);
  }
  const header = Buffer.concat([entryHeader(TYPE_CODE.offset, BigInt(delta.length)), Buffer.from(digits)]);
  return { header, body: deflateSync(delta) };
}

interface PackForm {
  readonly count?: number;
  readonly version?: number;
  readonly mark?: string;
}

export function packOf(
  entries: readonly RawEntry[],
  { count, version = 2, mark = 'PACK' }: PackForm = {},
): Buffer {
  const head = Buffer.alloc(12);
  head.write(mark, 'latin1');
  head.writeUInt32BE(version, 4);
  head.writeUInt32BE(count ?? entries.length, 8);
  return summed(Buffer.concat([head, ...entries.flatMap(({ header, body }) => [header, body])]));
}

/** With the right checksum, whatever is in it. */
export function summed(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

function sizeDigits(size: number): number[] {
  const digits: number[] = [];
  let rest = size;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 0x80);
  return [...digits, rest];
}

interface Copy {
  readonly offset: number;
  readonly size: number;
}

/** A delta of copies and literal texts; sizes may lie. */
export function deltaOf(baseBytes: number, resultBytes: number, steps: readonly (Copy | string)[]): Buffer {
  const parts = steps.map((step) => {
    if (typeof step === 'string') return Buffer.concat([Buffer.of(step.length), Buffer.from(step, 'latin1')]);
    const { offset, size } = step;
    const where = [offset, offset >> 8, offset >> 16, offset >>> 24].map((byte) => byte & 255);
    return Buffer.from([0xff, ...where, size & 255, (size >> 8) & 255, (size >> 16) & 255]);
  });
  return Buffer.concat([Buffer.from([...sizeDigits(baseBytes), ...sizeDigits(resultBytes)]), ...parts]);
}

/** A delta that makes any result of any base, by writing it out. */
export function writing(base: RawObject, result: RawObject): Buffer {
  const texts: string[] = [];
  const text = result.bytes.toString('latin1');
  for (let at = 0; at < text.length; at += 127) texts.push(text.slice(at, at + 127));
  return deltaOf(base.bytes.length, result.bytes.length, texts);
}

export function treeEntry(name: string, oid: string, mode = '100644'): Buffer {
  return Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.of(0), Buffer.from(oid, 'hex')]);
}

export function commitText(
  tree: string,
  { parents = [], more = '' }: { parents?: string[]; more?: string } = {},
): string {
  const above = parents.map((parent) => `parent ${parent}\n`).join('');
  return `tree ${tree}\n${above}author ${SIGNATURE}\ncommitter ${SIGNATURE}\n${more}\nhostile\n`;
}
