import { checkEntryName, decodeEntryName, encodeEntryName } from './entry-name.ts';
import { MalformedObject } from './object.ts';
import { OID_BYTES } from './oid.ts';
import type { Oid } from './oid.ts';
import { quote } from './quote.ts';

export const FOLDER_MODE = '40000';

/** Regular file, executable file, symbolic link, submodule commit, folder. */
export type FileMode = '100644' | '100755' | '120000' | '160000' | typeof FOLDER_MODE;

/** One line of a tree. `name` follows the rules of `decodeEntryName`. */
export interface TreeEntry {
  readonly name: string;
  readonly mode: FileMode;
  readonly oid: Oid;
}

/**
 * The bytes of a tree object. Entries may come in any order.
 *
 * @throws {MalformedObject} for a name twice or a name that `checkEntryName` refuses.
 */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  const sorted = inGitOrder(entries);
  checkNames(sorted);
  const names = sorted.map((entry) => (isPlainAscii(entry.name) ? entry.name : encodeEntryName(entry.name)));
  let sizeBytes = 0;
  for (const [i, entry] of sorted.entries())
    sizeBytes += entry.mode.length + names[i]!.length + 2 + OID_BYTES;

  const bytes = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const [i, entry] of sorted.entries()) {
    const name = names[i]!;
    if (typeof name === 'string') {
      at += bytes.write(`${entry.mode} ${name}\0`, at, 'latin1');
    } else {
      at += bytes.write(`${entry.mode} `, at, 'latin1');
      at += name.copy(bytes, at);
      bytes[at++] = 0;
    }
    at += bytes.write(entry.oid, at, 'hex');
  }
  return bytes;
}

/**
 * The entries of a tree object, in stored order. Modes that old Git versions wrote (100664, 040000) are read as the mode
 * that Git itself takes them for.
 *
 * @throws {MalformedObject} when the bytes are cut off or a mode or name is impossible.
 */
export function decodeTree(bytes: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const nameAt = endOfMode(bytes, at) + 1;
    const nameEnd = bytes.indexOf(0, nameAt);
    const end = nameEnd + 1 + OID_BYTES;
    if (nameEnd < 0 || end > bytes.length) throw new MalformedObject(`The tree is cut off at byte ${at}.`);
    const name = decodeEntryName(bytes.subarray(nameAt, nameEnd));
    if (name === '' || name.includes('/')) {
      throw new MalformedObject(`The tree has an entry with the impossible name ${quote(name)}.`);
    }
    const oid = bytes.toString('hex', nameEnd + 1, end) as Oid;
    entries.push({ name, mode: modeAt(bytes, at, nameAt - 1), oid });
    at = end;
  }
  return entries;
}

/** Git's order: by the bytes of the name, a folder as if its name ended in `/`. */
export function compareTreeEntries(a: Omit<TreeEntry, 'oid'>, b: Omit<TreeEntry, 'oid'>): number {
  const shorter = Math.min(a.name.length, b.name.length);
  for (let i = 0; i <= shorter; i++) {
    const left = unitAt(a, i);
    const right = unitAt(b, i);
    if (left === right) continue;
    // From U+D800 on, UTF-16 and UTF-8 sort differently.
    return left < FIRST_SURROGATE && right < FIRST_SURROGATE ? left - right : compareBytes(a, b);
  }
  return a.name.length - b.name.length;
}

const FIRST_SURROGATE = 0xd800;
const SLASH = 0x2f;
const SPACE = 0x20;

function unitAt(entry: Omit<TreeEntry, 'oid'>, at: number): number {
  if (at < entry.name.length) return entry.name.charCodeAt(at);
  return entry.mode === FOLDER_MODE ? SLASH : 0;
}

function compareBytes(a: Omit<TreeEntry, 'oid'>, b: Omit<TreeEntry, 'oid'>): number {
  return Buffer.compare(sortKey(a), sortKey(b));
}

function sortKey(entry: Omit<TreeEntry, 'oid'>): Buffer {
  const name = encodeEntryName(entry.name);
  return entry.mode === FOLDER_MODE ? Buffer.concat([name, Buffer.of(SLASH)]) : name;
}

function inGitOrder(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  for (let i = 1; i < entries.length; i++) {
    if (compareTreeEntries(entries[i - 1]!, entries[i]!) > 0) return entries.toSorted(compareTreeEntries);
  }
  return entries;
}

function checkNames(entries: readonly TreeEntry[]): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    checkEntryName(name);
    if (names.has(name)) throw new MalformedObject(`A tree holds the name ${quote(name)} twice.`);
    names.add(name);
  }
}

function isPlainAscii(name: string): boolean {
  return /^[\x20-\x7e]*$/.test(name);
}

const MODE_DIGITS = 7;

function endOfMode(bytes: Buffer, from: number): number {
  for (let at = from; at <= from + MODE_DIGITS; at++) {
    const byte = bytes[at];
    if (byte === SPACE && at > from) return at;
    if (byte === undefined || byte < 0x30 || byte > 0x37) break;
  }
  throw new MalformedObject(`The tree has a malformed mode at byte ${from}.`);
}

/** As git's canon_mode: the kind of file counts, and of the permissions only the owner's execute bit. */
function modeAt(bytes: Buffer, from: number, end: number): FileMode {
  let mode = 0;
  for (let at = from; at < end; at++) mode = mode * 8 + bytes[at]! - 0x30;
  switch (mode & 0o170000) {
    case 0o100000:
      return (mode & 0o100) === 0 ? '100644' : '100755';
    case 0o120000:
      return '120000';
    case 0o040000:
      return FOLDER_MODE;
    case 0o160000:
      return '160000';
    default:
      throw new MalformedObject(`The tree has an entry with the unknown mode ${mode.toString(8)}.`);
  }
}
