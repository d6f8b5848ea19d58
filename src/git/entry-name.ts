import { isUtf8 } from 'node:buffer';

import { MalformedObject } from './object.ts';
import { quote } from './quote.ts';

/**
 * Names of tree entries. Git stores bytes; we hold strings.
 *
 * Valid UTF-8 is decoded as such. Each byte that is not part of valid UTF-8 becomes one lone surrogate, U+DC80 for
 * byte 0x80 up to U+DCFF for 0xFF (PEP 383 "surrogateescape"). UTF-8 cannot encode lone surrogates, so the two never meet and
 * `encodeEntryName(decodeEntryName(bytes))` gives the same bytes back. Such a name survives edits of its folder, but `parseRepoPath`
 * refuses it, so it goes only with its folder or by a push. PostgreSQL cannot store it as text: use its bytes there.
 */
export function decodeEntryName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\u{fffd}') || isUtf8(bytes)) return text;
  return decodeWithEscapes(bytes);
}

/** @throws {MalformedObject} for a lone surrogate that stands for no byte, and for escaped bytes that form valid UTF-8. */
export function encodeEntryName(name: string): Buffer {
  if (name.isWellFormed()) return Buffer.from(name, 'utf8');
  const parts = Array.from(name, encodeCharacter);
  const bytes = Buffer.concat(parts);
  if (decodeEntryName(bytes) !== name)
    throw new MalformedObject(`The name ${quote(name)} is not valid Unicode.`);
  return bytes;
}

/**
 * The names that `git fsck --strict` refuses in a tree: empty, `.`, `..`, with `/` or NUL, and everything that some file system
 * could take for `.git`.
 *
 * @throws {MalformedObject} naming the entry.
 */
export function checkEntryName(name: string): void {
  if (!UNUSUAL.test(name)) return;
  if (name === '') throw new MalformedObject('A tree entry has an empty name.');
  if (name === '.' || name === '..' || /[/\0]/.test(name) || looksLikeDotGit(name)) {
    throw new MalformedObject(`A tree entry must not be named ${quote(name)}.`);
  }
}

/** One cheap look at every name: whatever passes is an ordinary name. */
const UNUSUAL = /^$|^[.gG]|[^\x20-\x7e]|[/\\]/;

/** NTFS ignores trailing dots and spaces, knows `git~1` as a short name, splits at `\` and begins a stream at `:`. */
const NTFS_DOT_GIT = /(?:^|\\)(?:\.git|git~1)[. ]*(?:$|[\\:])/i;

/** HFS+ ignores these code points when it compares names (git's utf8.c, next_hfs_char). */
const HFS_IGNORED = /[\u{200c}-\u{200f}\u{202a}-\u{202e}\u{206a}-\u{206f}\u{feff}]/gu;

/** Git's HFS+ check takes the first byte that is not UTF-8 for the end of the name. */
const HFS_DOT_GIT = /^\.git(?:$|\p{Cs})/iu;

/** True for `.git` in any case and for the names by which NTFS or HFS+ would also reach it (git's path.c and utf8.c). */
export function looksLikeDotGit(name: string): boolean {
  return NTFS_DOT_GIT.test(name) || HFS_DOT_GIT.test(name.replaceAll(HFS_IGNORED, ''));
}

const ESCAPE_BASE = 0xdc00;

function decodeWithEscapes(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const character = bytes.subarray(at, at + utf8Length(bytes[at]!));
    if (isUtf8(character)) {
      text += character.toString('utf8');
      at += character.length;
    } else {
      text += String.fromCharCode(ESCAPE_BASE + bytes[at]!);
      at += 1;
    }
  }
  return text;
}

function utf8Length(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function encodeCharacter(character: string): Buffer {
  if (character.isWellFormed()) return Buffer.from(character, 'utf8');
  const byte = character.charCodeAt(0) - ESCAPE_BASE;
  if (byte < 0x80 || byte > 0xff) {
    throw new MalformedObject(`The name holds the lone surrogate ${quote(character)}.`);
  }
  return Buffer.of(byte);
}
