import { OBJECT_TYPE_CODE } from '../../git/object.ts';
import { OID_BYTES } from '../../git/oid.ts';

/** Takes an id: 20 bytes at this place. */
export type VisitOid = (bytes: Buffer, at: number) => void;
/** @param isTree whether the entry is a folder. */
export type VisitEntry = (bytes: Buffer, at: number, isTree: boolean) => void;

const NUL = 0;
const SPACE = 0x20;
const ZERO = 0x30;
/** Kind of an entry that names a commit of another repository. */
const SUBMODULE = 0o160000;
const TREE = 0o040000;
const KIND = 0o170000;
const TREE_LINE = /^tree ([0-9a-f]{40})\n/;
const PARENT_LINE = /parent ([0-9a-f]{40})\n/y;
const OBJECT_LINE = /^object ([0-9a-f]{40})\n/;
/** `tree <oid>\n` */
const TREE_LINE_CHARS = 46;
const NEWLINE = 0x0a;

/**
 * Visits every object of the same store that a stored commit, tree or tag names. It looks at the bytes alone, because garbage
 * collection reads all trees of a store.
 * @param type as in a pack. @throws {Error} for bytes that are no such object.
 */
export function eachReference(type: number, data: Buffer, visit: VisitOid): void {
  if (type === OBJECT_TYPE_CODE.tree) eachEntry(data, visit);
  else if (type === OBJECT_TYPE_CODE.commit) eachOfCommit(data, visit);
  else if (type === OBJECT_TYPE_CODE.tag) visitHex(OBJECT_LINE.exec(headOf(data))?.[1], visit);
}

/**
 * Visits every entry of a tree but submodules.
 * @throws {Error} for bytes that are no tree.
 */
export function eachEntry(tree: Buffer, visit: VisitEntry): void {
  for (let at = 0; at < tree.length;) {
    let mode = 0;
    for (; at < tree.length && tree[at] !== SPACE; at++) mode = mode * 8 + tree[at]! - ZERO;
    const nul = tree.indexOf(NUL, at);
    if (nul < 0 || nul + OID_BYTES >= tree.length) throw new Error('a stored tree is cut off');
    const kind = mode & KIND;
    if (kind !== SUBMODULE) visit(tree, nul + 1, kind === TREE);
    at = nul + 1 + OID_BYTES;
  }
}

/** What a commit or a tag is about: its tree, its object. @throws {Error} for bytes that are neither. */
export function subjectOf(type: number, data: Buffer): Buffer {
  const line = type === OBJECT_TYPE_CODE.commit ? TREE_LINE : OBJECT_LINE;
  return oidOf(line.exec(headOf(data))?.[1]);
}

function eachOfCommit(data: Buffer, visit: VisitOid): void {
  const head = headOf(data);
  visitHex(TREE_LINE.exec(head)?.[1], visit);
  PARENT_LINE.lastIndex = TREE_LINE_CHARS;
  for (let line = PARENT_LINE.exec(head); line; line = PARENT_LINE.exec(head)) visitHex(line[1], visit);
}

/** Header lines, up to the first empty one. */
function headOf(data: Buffer): string {
  const end = data.indexOf(Buffer.of(NEWLINE, NEWLINE));
  return data.toString('latin1', 0, end < 0 ? data.length : end + 1);
}

function visitHex(hex: string | undefined, visit: VisitOid): void {
  visit(oidOf(hex), 0);
}

function oidOf(hex: string | undefined): Buffer {
  if (hex === undefined) throw new Error('a stored commit or tag names nothing');
  return Buffer.from(hex, 'hex');
}
