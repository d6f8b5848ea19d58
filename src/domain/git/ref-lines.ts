import { isOid, type Oid } from '../../git/oid.ts';
import type { Brand } from '../../lib/brand.ts';

/**
 * All refs of a store, sorted by name as Git sorts, in the lines of `ls-refs` (gitprotocol-v2): four digits of the length, `<oid> <name>`,
 * ` peeled:<oid>` behind an annotated tag, a newline. The database writes them, so that ten thousand refs are one value that is sent as it
 * is, and not ten thousand rows.
 */
export type RefLines = Brand<string, 'RefLines'>;

/** A ref as Git clients are told of it. */
export interface AdvertisedRef {
  readonly name: string;
  readonly oid: Oid;
  /** What an annotated tag names in the end; null for everything else. */
  readonly peeledOid: Oid | null;
}

const LINE = /^[0-9a-f]{4}([^ ]+) ([^ ]+)(?: peeled:([^ ]+))?$/;
const OID_AT = 4;
const OID_CHARS = 40;
const NAME_AT = OID_AT + OID_CHARS + 1;

/** The refs one by one. @throws {Error} for a line that is none. */
export function parseRefLines(lines: RefLines): AdvertisedRef[] {
  return lines.split('\n').slice(0, -1).map(parseLine);
}

function parseLine(line: string): AdvertisedRef {
  const [, oid = '', name = '', peeledOid = null] = LINE.exec(line) ?? [];
  if (!isOid(oid) || (peeledOid !== null && !isOid(peeledOid)))
    throw new Error(`not a line of a ref: ${line}`);
  return { name, oid, peeledOid };
}

/** The lines of some refs. Those that follow each other are cut out together: many refs would be many small strings. */
export function filterRefLines(lines: RefLines, isWanted: (name: string) => boolean): RefLines {
  let wanted = '';
  let from = 0;
  let end: number;
  for (let at = 0; at < lines.length; at = end) {
    end = lines.indexOf('\n', at) + 1;
    const [name = ''] = lines.slice(at + NAME_AT, end - 1).split(' ', 1);
    if (isWanted(name)) continue;
    wanted += lines.slice(from, at);
    from = end;
  }
  return (wanted + lines.slice(from)) as RefLines;
}

/** What a branch names, or null when there is none of that full name. */
export function oidOfBranch(lines: RefLines, name: string): Oid | null {
  const at = lines.indexOf(` ${name}\n`);
  return at === -1 ? null : (lines.slice(at - OID_CHARS, at) as Oid);
}
