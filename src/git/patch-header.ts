import { encodeEntryName } from './entry-name.ts';
import type { Oid } from './oid.ts';
import type { PathState } from './tree-edit.ts';

/** One file of a patch. Null where it is not there. */
export interface PatchedFile {
  readonly oldPath: string;
  readonly newPath: string;
  readonly before: PathState | null;
  readonly after: PathState | null;
}

const NO_OBJECT = '0'.repeat(40) as Oid;

/**
 * The lines before the hunks, as `git diff --full-index` writes them and `git apply` reads them. Both paths are the same unless the
 * file was renamed. The kind of file must be the same on both sides: write a file that became a link as two.
 *
 * @param body what follows: hunks need the names of both files, a binary file gets a sentence.
 */
export function patchHeader(file: PatchedFile, body: 'hunks' | 'binary' | 'nothing'): Buffer {
  const { oldPath, newPath, before, after } = file;
  const [a, b] = [nameOf('a/', oldPath), nameOf('b/', newPath)];
  const lines = [`diff --git ${a} ${b}`, ...modeLines(file)];
  if (before?.oid !== after?.oid) {
    const isSameMode = before?.mode === after?.mode;
    const mode = isSameMode && before ? ` ${before.mode}` : '';
    lines.push(`index ${before?.oid ?? NO_OBJECT}..${after?.oid ?? NO_OBJECT}${mode}`);
  }
  const [from, to] = [before ? a : '/dev/null', after ? b : '/dev/null'];
  if (body === 'hunks') lines.push(`--- ${endOfName(from)}`, `+++ ${endOfName(to)}`);
  if (body === 'binary') lines.push(`Binary files ${from} and ${to} differ`);
  return Buffer.from(`${lines.join('\n')}\n`, 'latin1');
}

function modeLines({ oldPath, newPath, before, after }: PatchedFile): string[] {
  if (!before) return [`new file mode ${after?.mode}`];
  if (!after) return [`deleted file mode ${before.mode}`];
  const modes = before.mode === after.mode ? [] : [`old mode ${before.mode}`, `new mode ${after.mode}`];
  if (oldPath === newPath) return modes;
  return [
    ...modes,
    'similarity index 100%',
    `rename from ${nameOf('', oldPath)}`,
    `rename to ${nameOf('', newPath)}`,
  ];
}

/** Git ends a name that has a space with a tab, because `patch` would take the rest for a date. */
function endOfName(name: string): string {
  return name.includes(' ') && !name.startsWith('"') ? `${name}\t` : name;
}

/** The bytes of a path as Git shows them: in quotes with escapes when it is not plain text. Each character is one byte. */
function nameOf(prefix: string, path: string): string {
  const name =
    prefix +
    path
      .split('/')
      .map((part) => encodeEntryName(part).toString('latin1'))
      .join('/');
  if (path.isWellFormed() && !UNUSUAL.test(path)) return name;
  return `"${name.replaceAll(/["\\\p{Cc}\x80-\xff]/gu, escapeByte)}"`;
}

const UNUSUAL = /["\\\p{Cc}]/u;

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t' };

function escapeByte(byte: string): string {
  return ESCAPES[byte] ?? `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
