import { isOid, type Oid } from '../../git/oid.ts';
import { MAX_PATH_BYTES } from '../../git/path.ts';
import { isValidRefName } from '../../git/ref-name.ts';
import { BadRequest } from '../errors.ts';
import type { HistoryPosition } from './history-walk.ts';

/** Where a tree listing goes on: after `path`, at the commit on which the listing began. */
export interface TreeCursor {
  readonly commitOid: Oid;
  readonly path: string;
}

/** Paths are escaped to ASCII at worst, six characters for each unit, and base64 adds a third. */
const MAX_CURSOR_CHARS = 8 * MAX_PATH_BYTES + 256;
const MAX_SKIP = 1_000_000;

export function encodeTreeCursor({ commitOid, path }: TreeCursor): string {
  return encode(['tree', commitOid, path]);
}

/** @throws {BadRequest} for anything that `encodeTreeCursor` does not write. */
export function decodeTreeCursor(cursor: string): TreeCursor {
  const [kind, commitOid, path, ...rest] = decode(cursor);
  if (
    kind !== 'tree' ||
    !isOidValue(commitOid) ||
    typeof path !== 'string' ||
    path === '' ||
    rest.length > 0
  ) {
    throw invalidCursor();
  }
  return { commitOid, path };
}

export function encodeHistoryCursor({ start, skip }: HistoryPosition): string {
  return encode(['history', start, skip]);
}

/** @throws {BadRequest} for anything that `encodeHistoryCursor` does not write. */
export function decodeHistoryCursor(cursor: string): HistoryPosition {
  const [kind, start, skip, ...rest] = decode(cursor);
  if (kind !== 'history' || !isOidValue(start) || !isSkip(skip) || rest.length > 0) throw invalidCursor();
  return { start, skip };
}

/** Where a list of differences goes on, between the commits on which it began: after `path`. */
export interface DiffCursor {
  readonly baseOid: Oid | null;
  readonly headOid: Oid;
  readonly path: string;
}

export function encodeDiffCursor({ baseOid, headOid, path }: DiffCursor): string {
  return encode(['diff', baseOid ?? '', headOid, path]);
}

/** @throws {BadRequest} for anything that `encodeDiffCursor` does not write. */
export function decodeDiffCursor(cursor: string): DiffCursor {
  const [kind, baseOid, headOid, path, ...rest] = decode(cursor);
  const isBase = baseOid === '' || isOidValue(baseOid);
  const isPath = typeof path === 'string' && path !== '';
  if (kind !== 'diff' || !isBase || !isOidValue(headOid) || !isPath || rest.length > 0) throw invalidCursor();
  return { baseOid: baseOid === '' ? null : baseOid, headOid, path };
}

/** Where the commits of one side of a comparison go on. */
export interface SideCursor {
  readonly baseOid: Oid;
  readonly headOid: Oid;
  readonly skip: number;
}

export function encodeSideCursor({ baseOid, headOid, skip }: SideCursor): string {
  return encode(['side', baseOid, headOid, skip]);
}

/** @throws {BadRequest} for anything that `encodeSideCursor` does not write. */
export function decodeSideCursor(cursor: string): SideCursor {
  const [kind, baseOid, headOid, skip, ...rest] = decode(cursor);
  const isPair = isOidValue(baseOid) && isOidValue(headOid);
  if (kind !== 'side' || !isPair || !isSkip(skip) || rest.length > 0) throw invalidCursor();
  return { baseOid, headOid, skip };
}

/** A list of refs goes on after this one. */
export function encodeRefCursor(refName: string): string {
  return encode(['ref', refName]);
}

/** @throws {BadRequest} for anything that `encodeRefCursor` does not write. */
export function decodeRefCursor(cursor: string): string {
  const [kind, refName, ...rest] = decode(cursor);
  if (kind !== 'ref' || typeof refName !== 'string' || !isValidRefName(refName) || rest.length > 0)
    throw invalidCursor();
  return refName;
}

export function invalidCursor(): BadRequest {
  return new BadRequest('The cursor is not one that this hub gave for this list. Start from the first page.');
}

function encode(fields: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url');
}

function decode(cursor: string): readonly unknown[] {
  if (cursor.length > MAX_CURSOR_CHARS) throw invalidCursor();
  try {
    const fields: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(fields)) return fields;
  } catch {
    throw invalidCursor();
  }
  throw invalidCursor();
}

function isOidValue(value: unknown): value is Oid {
  return typeof value === 'string' && isOid(value);
}

function isSkip(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_SKIP;
}
